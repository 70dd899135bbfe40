using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DistCache.Fleet.Logs;

/// <summary>A place in the purge log, and with it all that lies before it.</summary>
/// <param name="Position">Dense, from 1; 0: before the first record.</param>
/// <param name="Link">
/// 64 bits of the ids up to there: two cursors that are equal have the same history. Position and record id alone have not: an append that is
/// repeated after a fail-over can land at its old position behind another record (rule 1).
/// </param>
public readonly record struct Cursor(long Position, ulong Link)
{
    public static readonly Cursor Start = default;

    /// <summary>Behind this one, with that record.</summary>
    public Cursor Next(ulong recordId) => new(Position + 1, LinkOf(Link, recordId));

    /// <summary>The first 64 bits of SHA-1 over both in hexadecimal: what a script in the store can compute as well. No secret hangs on it.</summary>
    public static ulong LinkOf(ulong before, ulong recordId)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{before:x16}{recordId:x16}")), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
