namespace DistCache.Storage.Shared;

/// <summary>Why bytes out of the shared tier are not what they should be. Each is a miss.</summary>
public enum EnvelopeFault
{
    None,

    /// <summary>Cut, or longer than it says.</summary>
    Truncated,

    /// <summary>Not ours at all.</summary>
    WrongMagic,

    /// <summary>Written by another version of this program.</summary>
    UnknownRevision,

    /// <summary>The checksum does not fit.</summary>
    Corrupt,

    /// <summary>Of another key: two keys met in one place, or somebody moved it.</summary>
    WrongKey,

    /// <summary>Well sealed, but not to be read: a defect of the writer.</summary>
    Malformed,

    /// <summary>Its place in the purge log is not one that this node can judge.</summary>
    ForeignStamp,

    /// <summary>It has no end of life, so it cannot be told how long it has been there.</summary>
    Ageless,
}

public static class EnvelopeFaults
{
    /// <summary>The named reason, kebab-case.</summary>
    public static string Reason(this EnvelopeFault fault) => fault switch
    {
        EnvelopeFault.Truncated => "truncated",
        EnvelopeFault.WrongMagic => "wrong-magic",
        EnvelopeFault.UnknownRevision => "unknown-revision",
        EnvelopeFault.Corrupt => "corrupt",
        EnvelopeFault.WrongKey => "wrong-key",
        EnvelopeFault.Malformed => "malformed",
        EnvelopeFault.ForeignStamp => "foreign-stamp",
        EnvelopeFault.Ageless => "ageless",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
