using DistCache.Storage.Purging;

namespace DistCache.Storage.Shared;

/// <summary>
/// Tier 2: what the nodes of a region share. Around a store that may be slow, gone or wrong: each operation has its time, failing is a
/// miss, after a few failures nobody asks any more until it answers again (<see cref="Breaker"/>), and nothing that comes out of it is
/// believed before it is checked.
/// </summary>
public sealed class SharedTier : IAsyncDisposable
{
    /// <summary>For what nobody waits for, and for what is promised already: then a little waiting is better than a cut.</summary>
    internal static readonly TimeSpan ChunkTime = TimeSpan.FromSeconds(1);

    private static readonly SharedAnswer Unavailable = new SharedAnswer.Unavailable();
    private static readonly SharedAnswer Changed = new SharedAnswer.Changed();
    private static readonly SharedAnswer Uncacheable = new SharedAnswer.Uncacheable();

    private readonly ISharedStore _store;
    private readonly IChunkStore _chunks;
    private readonly ILeaseStore _leases;
    private readonly IStampClock _stamps;
    private readonly NominatedNames _names = new();
    private readonly Breaker _breaker;
    private readonly Refusals _refusals;
    private readonly CancellationTokenSource _end = new();

    /// <param name="purges">What it selects is not written.</param>
    public SharedTier(ISharedStore store, IChunkStore chunks, ILeaseStore leases, IStampClock stamps, PurgeIndex purges, SharedOptions options, TimeProvider time)
    {
        (_store, _chunks, _leases, _stamps, Options, Time) = (store, chunks, leases, stamps, options, time);
        _breaker = new(store.PingAsync, options.Budget, time, _end.Token);
        _refusals = new(time);
        Writer = new(this, store, chunks, stamps, purges);
    }

    public SharedOptions Options { get; }

    public SharedCounts Counts { get; } = new();

    /// <summary>Writes in the background.</summary>
    public SharedWriter Writer { get; }

    /// <summary>It is asked. False: it has failed several times in a row, or the purge log is not known yet.</summary>
    public bool IsAvailable => !_breaker.IsOpen && _stamps.Log is not null;

    /// <summary>It answers and refuses, again and again: the first word of what it says, as OOM, READONLY, MISCONF or NOPERM. Null: it does what it is asked.</summary>
    public string? Refused => _refusals.Word;

    internal bool IsOpen => _breaker.IsOpen;

    internal TimeProvider Time { get; }

    /// <summary>One round trip, or none; never longer than the budget. Never throws.</summary>
    public async ValueTask<SharedAnswer> FindAsync(SharedQuery query)
    {
        if (Refusal() is { } refusal)
        {
            Counts.Add("find", refusal);
            return Unavailable;
        }
        if (_stamps.StampOf(query.AsOf) is not { } asOf)
        {
            Counts.Add("find", "no-log");
            return Unavailable;
        }
        var lease = query.WantsLease ? RegionalLease.NewValue(asOf) : null;
        var (inTime, find) = await AskAsync(query, asOf.Log, _names.All, lease);
        if (inTime && find.Found is StoreFound.UnknownNames && VaryRecord.ReadNames(find.Bytes.Span) is { Length: > 0 } names)
        {
            _names.Learn(names);
            (inTime, find) = await AskAsync(query, asOf.Log, names, lease);
        }
        if (!inTime)
            return Unavailable;
        var place = new SharedPlace(asOf.Log, query.Key, find.Variant);
        var answer = find.Found switch
        {
            StoreFound.Envelope => await OpenAsync(place, find, query),
            StoreFound.Leased => new SharedAnswer.Missing(new(this, place, lease!), IsRejected: false),
            StoreFound.Held => AnswerOf(find.Holder!),
            _ => new SharedAnswer.Missing(null, IsRejected: find.Found is StoreFound.UnknownNames),
        };
        Counts.Add("find", answer switch
        {
            SharedAnswer.Found => "hit",
            SharedAnswer.Held => "held",
            SharedAnswer.Uncacheable => "uncacheable",
            SharedAnswer.Missing { IsRejected: true } => "rejected",
            _ => "miss",
        });
        return answer;
    }

    /// <summary>What was found must be confirmed first, or could not be used: who asks the origin for the region?</summary>
    /// <param name="asOf">Of the exchange that is to start, in this node's own count.</param>
    public async ValueTask<SharedAnswer> TakeLeaseAsync(SharedAnswer.Found found, long asOf) => await TakeLeaseAsync(found.Place, found.Seal, asOf);

    private async ValueTask<SharedAnswer> TakeLeaseAsync(SharedPlace place, ReadOnlyMemory<byte> seal, long asOf)
    {
        if (Refusal() is not null || _stamps.StampOf(asOf) is not { } stamp)
            return Unavailable;
        var value = RegionalLease.NewValue(stamp);
        var taking = _leases.TakeAsync(place, seal, value, Options.Lease);
        var (inTime, holder) = await InTimeAsync("lease", taking, Options.Budget);
        if (!inTime)
        {
            _ = GiveBackLateAsync(taking, place, value);
            return Unavailable;
        }
        return holder switch
        {
            null => new SharedAnswer.Missing(new(this, place, value), IsRejected: false),
            "" => Changed,
            _ => AnswerOf(holder),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _end.CancelAsync();
    }

    // ---- for leases, bodies and the writer

    /// <summary>What came of it; (false, default): it failed or took too long, and it is counted and forgotten.</summary>
    internal async ValueTask<(bool InTime, T? Result)> InTimeAsync<T>(string operation, Task<T> work, TimeSpan limit)
    {
        var start = Time.GetTimestamp();
        try
        {
            var result = await work.WaitAsync(limit, Time);
            _breaker.Succeeded();
            _refusals.Succeeded(operation);
            return (true, result);
        }
        catch (Exception e)
        {
            Forget(work);
            Counts.Add(operation, e switch { TimeoutException => "timeout", StoreRefusal => "refused", _ => "error" });
            if (e is StoreRefusal refusal)
                _refusals.Refused(operation, refusal.Message);
            else
                _breaker.Failed();
            return (false, default);
        }
        finally
        {
            Counts.Timed?.Invoke(operation, Time.GetElapsedTime(start));
        }
    }

    internal async ValueTask<bool> InTimeAsync(string operation, Task work, TimeSpan limit) => (await InTimeAsync(operation, AsResult(work), limit)).InTime;

    internal async ValueTask<bool> RenewAsync(RegionalLease lease) =>
        await InTimeAsync("lease", _leases.RenewAsync(lease.Place, lease.Value, Options.Lease), ChunkTime) is (false, _) or (true, true);

    internal void Release(RegionalLease lease, string? mark, TimeSpan markFor) => Background(_leases.ReleaseAsync(lease.Place, lease.Value, mark, markFor));

    internal void ForgetHead(SharedPlace place, UInt128 generation) => Background(_store.ForgetAsync(place, generation));

    internal Task<System.Buffers.IMemoryOwner<byte>?> ReadChunkAsync(UInt128 generation, int index) => _chunks.ReadAsync(generation, index);

    internal bool IsSound(ReadOnlyMemory<byte> chunk, BodyPlace place, int index, out ReadOnlyMemory<byte> content)
    {
        var fault = BodyChunk.TryRead(chunk, place, index, out content);
        if (fault is not EnvelopeFault.None)
            Counts.Add("rejected_chunk", fault.Reason());
        return fault is EnvelopeFault.None;
    }

    internal static void Forget(Task work) => _ = work.ContinueWith(
        static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private string? Refusal() => _breaker.IsOpen ? "open" : _stamps.Log is null ? "no-log" : null;

    private async ValueTask<(bool InTime, StoreFind Find)> AskAsync(SharedQuery query, ulong log, IReadOnlyList<string> names, string? lease)
    {
        var fields = new KeyValuePair<string, string>[names.Count];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = new(names[i], VariantParts.Of(names[i], query.FieldOf(names[i])));
        var asking = _store.FindAsync(new(log, query.Key, fields, lease, Options.Lease));
        var (inTime, find) = await InTimeAsync("find", asking, Options.Budget);
        if (!inTime && lease is not null)
            _ = GiveBackLateAsync(asking, new(log, query.Key, ""), lease);
        return (inTime, find);
    }

    private async ValueTask<SharedAnswer> OpenAsync(SharedPlace place, StoreFind find, SharedQuery query)
    {
        var fault = EnvelopeReader.TryRead(find.Bytes.Span, place.Key.Bytes, out var envelope, out var inline);
        if (fault is EnvelopeFault.None)
        {
            var residence = envelope!.Keep - find.Left;
            if (find.Left < TimeSpan.Zero || residence < TimeSpan.FromSeconds(-1))
                fault = EnvelopeFault.Ageless;
            else if (await AsOfAsync(envelope.Stamp) is { } asOf)
                return new SharedAnswer.Found(envelope, asOf, residence > TimeSpan.Zero ? residence : TimeSpan.Zero, new(this, place, envelope.Body, find.Bytes[inline]), place) { Seal = find.Bytes[^EnvelopeWriter.ChecksumLength..] };
            else
                fault = EnvelopeFault.ForeignStamp;
        }
        Counts.Add("rejected", fault.Reason());
        // Unusable for one, unusable for all: one of them fetches it anew.
        var lease = query.WantsLease && find.Bytes.Length >= EnvelopeWriter.ChecksumLength
            ? await TakeLeaseAsync(place, find.Bytes[^EnvelopeWriter.ChecksumLength..], query.AsOf)
            : new SharedAnswer.Missing(null, IsRejected: true);
        return lease is SharedAnswer.Missing missing ? missing with { IsRejected = true } : lease;
    }

    /// <summary>Null: not on the chain of this node, or ahead of it after one catch-up (rule 16).</summary>
    private async ValueTask<long?> AsOfAsync(Stamp stamp)
    {
        var place = _stamps.PlaceOf(stamp, out var asOf);
        if (place is StampPlace.Ahead)
        {
            using var limit = new CancellationTokenSource(Options.Budget, Time);
            try
            {
                await _stamps.CatchUpAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            place = _stamps.PlaceOf(stamp, out asOf);
        }
        return place is StampPlace.Known ? asOf : null;
    }

    private SharedAnswer AnswerOf(string holder)
    {
        if (RegionalLease.StampOf(holder) is not { } stamp)
            return new SharedAnswer.Missing(null, IsRejected: true);
        if (RegionalLease.IsMark(holder))
            return Uncacheable;
        return _stamps.PlaceOf(stamp, out var asOf) switch
        {
            StampPlace.Known => new SharedAnswer.Held(asOf),
            StampPlace.Ahead => new SharedAnswer.Held(null),
            _ => new SharedAnswer.Missing(null, IsRejected: false), // what it fetches would be nothing to us
        };
    }

    /// <summary>The lease came after we had given up: it must not keep others waiting.</summary>
    private async Task GiveBackLateAsync(Task<StoreFind> asking, SharedPlace place, string value)
    {
        await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (asking is { IsCompletedSuccessfully: true, Result.Found: StoreFound.Leased })
            Background(_leases.ReleaseAsync(place with { Variant = asking.Result.Variant }, value, mark: null, default));
    }

    private async Task GiveBackLateAsync(Task<string?> taking, SharedPlace place, string value)
    {
        await ((Task)taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (taking is { IsCompletedSuccessfully: true, Result: null })
            Background(_leases.ReleaseAsync(place, value, mark: null, default));
    }

    private static void Background(Task work) => Forget(work);

    private static async Task<bool> AsResult(Task work)
    {
        await work;
        return true;
    }
}
