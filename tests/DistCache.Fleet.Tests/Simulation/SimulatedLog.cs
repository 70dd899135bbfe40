using DistCache.Fleet.Logs;
using DistCache.Fleet.Members;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>The log's store: it may fail over and lose what it took last, be emptied, be trimmed.</summary>
internal sealed class SimulatedLog(TimeProvider time, ProtocolRules rules, Func<ulong> newId) : MemoryPurgeLog(time)
{
    public override bool IsLocal => false;

    /// <summary>False: nobody is told that another store answers.</summary>
    public bool Tells { get; set; } = true;

    protected override bool TellsSession => Tells;

    /// <summary>Position of the last record.</summary>
    public long Length => Head.Position;

    public IEnumerable<ulong> Ids => Entries.Select(entry => entry.Record.Id);

    public override Task<BeatAnswer?> BeatAsync(Beat beat, CancellationToken cancel)
    {
        if (Id == 0)
        {
            Id = newId();
            return Task.FromResult(base.BeatAsync(beat, cancel).Result is { } answer ? answer with { IsNew = true } : null);
        }
        return base.BeatAsync(beat, cancel);
    }

    /// <param name="lost">Records, from the end.</param>
    /// <param name="losesRow">Of which members.</param>
    public void FailOver(int lost, Func<MemberRow, bool> losesRow)
    {
        if (Tells)
            Session++;
        Entries.RemoveRange(Entries.Count - lost, lost);
        foreach (var key in Rows.Values.Where(losesRow).Select(row => row.Key).ToArray())
            Rows.Remove(key);
    }

    /// <summary>The rows alone are gone, as one key of a store that is full.</summary>
    public void Evict() => Rows.Clear();

    public void Flush()
    {
        Id = 0; // by a client: no connection breaks
        Base = Cursor.Start;
        Entries.Clear();
        Rows.Clear();
    }

    protected override Cursor Next(PurgeRecord record) => rules.LinksBindHistory ? base.Next(record) : new(Head.Position + 1, record.Id);
}
