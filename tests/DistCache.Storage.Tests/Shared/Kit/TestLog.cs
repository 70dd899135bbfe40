using System.Security.Cryptography;
using DistCache.Storage.Purging;
using DistCache.Storage.Shared;

namespace DistCache.Storage.Tests.Shared.Kit;

/// <summary>A purge log in memory.</summary>
internal sealed class TestLog
{
    private readonly List<Record> _records = [];

    public ulong Id { get; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    public IReadOnlyList<Record> Records
    {
        get
        {
            lock (_records)
                return [.. _records];
        }
    }

    public long Append(PurgeMode mode, params PurgeSelector[] selectors)
    {
        lock (_records)
        {
            _records.Add(new(_records.Count + 1, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), selectors, mode));
            return _records.Count;
        }
    }

    /// <summary>A fail-over: the last records never were.</summary>
    public void Lose(int records)
    {
        lock (_records)
            _records.RemoveRange(_records.Count - records, records);
    }

    internal sealed record Record(long Position, ulong Id, PurgeSelector[] Selectors, PurgeMode Mode);
}

/// <summary>Follows it into the purge index of one node, when told to. It applies in order and is never repaired.</summary>
internal sealed class TestFollower(TestLog log, PurgeIndex index, TimeProvider time) : IStampClock
{
    private readonly Lock _gate = new();
    private readonly List<(long Position, ulong Id, long Sequence)> _chain = [];

    public ulong? Log => log.Id;

    /// <summary>False: the log cannot be reached.</summary>
    public bool MayCatchUp { get; set; } = true;

    public void Follow()
    {
        lock (_gate)
            foreach (var record in log.Records.Skip(_chain.Count))
                _chain.Add((record.Position, record.Id, index.Apply(record.Selectors, record.Mode, time.GetTimestamp())));
    }

    public Stamp? StampOf(long asOf)
    {
        lock (_gate)
        {
            var last = _chain.FindLast(record => record.Sequence <= asOf);
            return new(log.Id, last.Position, last.Id);
        }
    }

    public StampPlace PlaceOf(in Stamp stamp, out long asOf)
    {
        lock (_gate)
        {
            asOf = 0;
            if (stamp.Log != log.Id || stamp.Position < 0)
                return StampPlace.Foreign;
            if (stamp.Position > _chain.Count)
                return StampPlace.Ahead;
            if (stamp.Record != (stamp.Position == 0 ? 0 : _chain[(int)stamp.Position - 1].Id))
                return StampPlace.Foreign;
            asOf = stamp.Position == _chain.Count ? index.Version : _chain[(int)stamp.Position].Sequence - 1;
            return StampPlace.Known;
        }
    }

    public ValueTask CatchUpAsync(CancellationToken cancel)
    {
        if (MayCatchUp)
            Follow();
        return default;
    }
}
