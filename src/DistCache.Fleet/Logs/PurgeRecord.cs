using System.Security.Cryptography;
using DistCache.Storage.Purging;

namespace DistCache.Fleet.Logs;

/// <summary>One purge as it is appended.</summary>
/// <param name="Id">64 random bits: an append that is repeated carries the same.</param>
/// <param name="By">Who asked for it, for people; empty: a write did.</param>
public sealed record PurgeRecord(ulong Id, IReadOnlyList<PurgeSelector> Selectors, PurgeMode Mode, string By)
{
    /// <summary>Of the record itself, and of each selector beside its text.</summary>
    private const int Overhead = 64;

    /// <summary>Bytes that it takes in memory, about.</summary>
    internal long Size => Overhead + Selectors.Sum(static selector => (long)Overhead + (selector.Value.Length * sizeof(char)));

    public static ulong NewId() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}

/// <summary>A record in its place.</summary>
/// <param name="Time">The log's own clock when it was appended: soft purges count from it (rule 11).</param>
public sealed record LogEntry(Cursor At, DateTimeOffset Time, PurgeRecord Record);
