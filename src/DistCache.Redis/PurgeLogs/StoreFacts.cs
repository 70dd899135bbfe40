using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DistCache.Redis.PurgeLogs;

/// <summary>Who answered, as INFO says it.</summary>
/// <param name="Run">Another one with each start of a server; empty: it does not tell.</param>
/// <param name="Replication">Another one with each primary; of itself it would miss a restart.</param>
/// <param name="Replicas">Replicas that are connected now, in digits.</param>
/// <param name="HasBacklog">1: it has had a replica within the last hour; empty: a store that has no such thing.</param>
internal sealed record StoreFacts(string Run, string Replication, string Replicas, string HasBacklog)
{
    /// <summary>Nobody could take this server's place.</summary>
    public bool IsAlone => Replicas == "0" && HasBacklog is ("0" or "");

    /// <summary>Null: it does not tell.</summary>
    public long? Session => Run.Length == 0 ? null : BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"{Run}:{Replication}")));
}
