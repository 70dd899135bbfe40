namespace DistCache.Storage.Purging;

/// <summary>Hard: the body is gone, it is not even validated. Soft: stale from the purge on, the validator stays usable.</summary>
public enum PurgeMode
{
    Hard,
    Soft,
}

/// <summary>What a purge selects.</summary>
public enum PurgeScope
{
    /// <summary>One absolute URL in its canonical spelling, with all its variants.</summary>
    Url,

    /// <summary>A cache tag, exactly, case and all.</summary>
    Tag,

    /// <summary>All URLs that begin so: <c>host/path...</c> for both schemes, or with a scheme.</summary>
    Prefix,

    /// <summary>A host with its port, if that is not the scheme's own.</summary>
    Host,

    Everything,
}

/// <param name="Value">Empty for everything.</param>
public readonly record struct PurgeSelector(PurgeScope Scope, string Value)
{
    public static readonly PurgeSelector Everything = new(PurgeScope.Everything, "");
}

/// <summary>May a stored response still be used, as far as purges go?</summary>
public enum PurgeVerdict
{
    Valid,

    /// <summary>Softly purged: stale since the purge.</summary>
    Stale,

    /// <summary>It is not known which purges reached it: neither fresh nor stale, usable only once the origin has confirmed it (rule 11).</summary>
    Suspect,

    /// <summary>Purged: unusable in every way.</summary>
    Dead,
}
