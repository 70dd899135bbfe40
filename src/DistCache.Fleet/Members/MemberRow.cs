using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Members;

/// <summary>What a member says of itself with each beat.</summary>
public sealed record MemberRow
{
    public required string Node { get; init; }

    /// <summary>Random, one for each run of the program: two processes of one name never speak for one another.</summary>
    public required ulong Run { get; init; }

    public string Region { get; init; } = "";

    /// <summary>Its admin port as others see it; empty: not told.</summary>
    public string Address { get; init; } = "";

    /// <summary>Its data port as other nodes see it; empty: none asks it for what it holds.</summary>
    public string DataAddress { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>Grows with each beat of the run.</summary>
    public long Beat { get; init; }

    /// <summary>What it has applied, in log <see cref="Log"/>.</summary>
    public Cursor Applied { get; init; }

    public ulong Log { get; init; }

    public TimeSpan Lease { get; init; }

    /// <summary>False: it serves on without a lease, and is waited for without end (rule 6).</summary>
    public bool Fences { get; init; } = true;

    /// <summary>It serves unvalidated now. A member counts with or without (rule 3).</summary>
    public bool HoldsLease { get; init; }

    /// <summary>
    /// The session of the store in which <see cref="Log"/> is known to be whole: whoever held a lease when that began has been heard since, and has
    /// put back what was lost before (rule 7). Null: none, and from a program that does not say.
    /// </summary>
    public long? Whole { get; init; }

    /// <summary>What it does of what it may do at once, 0 to 1; 0 from a program that does not say.</summary>
    public double Load { get; init; }

    /// <summary>It has given up its lease for good.</summary>
    public bool HasLeft { get; init; }

    /// <summary>An earlier run that is known to be dead: this one holds the lock of its journal.</summary>
    public ulong Replaces { get; init; }

    /// <summary>Name of the row in the store.</summary>
    [JsonIgnore]
    public string Key => KeyOf(Node, Run);

    public static string KeyOf(string node, ulong run) => string.Create(CultureInfo.InvariantCulture, $"{node}#{run:x16}");

    /// <summary>As it would have said of itself in leaving.</summary>
    public MemberRow Gone() => this with { HasLeft = true, HoldsLease = false };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, MemberRowContext.Default.MemberRow);

    /// <summary>Null: nothing that this program understands.</summary>
    public static MemberRow? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, MemberRowContext.Default.MemberRow);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(MemberRow))]
internal sealed partial class MemberRowContext : JsonSerializerContext;
