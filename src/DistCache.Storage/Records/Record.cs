using DistCache.Semantics.Reuse;
using DistCache.Storage.Bodies;

namespace DistCache.Storage.Records;

/// <summary>
/// A stored response at rest: one piece of native memory, and its body's chunks. The garbage collector sees nothing of it but its
/// <see cref="Memory.Resident"/>. To be read only by who keeps that alive.
/// <code>
///   .  Record    fixed
///   .  key       KeyLength bytes
///   .  text      TextLength bytes: what is read only to make a StoredResponse of it (<see cref="RecordText"/>)
///   .  body      InPlace bytes, where a short one takes less memory here than in chunks of its own
/// </code>
/// </summary>
internal struct Record
{
    public Chunk Memory;

    /// <summary>Of its key; its variants share it, and with it their frequency.</summary>
    public ulong Hash;

    /// <summary>Everything that it takes: chunks, record, bookkeeping.</summary>
    public long Bytes;

    /// <summary>From this timestamp on no rule lets it answer, fresh or stale.</summary>
    public long PastUse;

    /// <summary>Changes: purges that do not select it move it on.</summary>
    public long AsOf;

    /// <summary>Changes: its last failed validation; of any meaning only when <see cref="Failure"/> is not negative.</summary>
    public long FailedAt;
    public int Failure;

    public int Status;
    public long ReceivedAt;
    public long SaidAt;
    public ReuseFacts Reuse;

    /// <summary>UTC ticks.</summary>
    public long Date;

    /// <summary>UTC ticks; negative: none.</summary>
    public long LastModified;

    /// <summary>The chunks of its body; of any meaning only when <see cref="InPlace"/> is negative.</summary>
    public StoredBody Body;
    public int InPlace;

    /// <summary>Changes: the first of the <see cref="Attachment"/>s; 0: there are none.</summary>
    public nint Attached;

    /// <summary>Changes once: one of its key that varies by other fields was stored beside it.</summary>
    public bool HasOthers;

    public int KeyLength;
    public int TextLength;

    /// <summary>Of key, text and a body in place; only in checked memory.</summary>
    public ulong Checksum;
}
