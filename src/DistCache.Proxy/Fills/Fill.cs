using DistCache.Proxy.Delivery;
using DistCache.Proxy.Origins;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Semantics.Validation;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>
/// One answer for many requests: from the edge of this region that keeps the key, out of the shared tier, from a node of the shield, or
/// from the origin, in this order. It runs apart from all of them: any client may leave, the fill goes on, unless nobody but its
/// leader may have the answer. The body goes once into chunks; leader and followers read the same chunks at their own pace.
/// </summary>
internal sealed partial class Fill : IThreadPoolWorkItem, IOriginSink
{
    /// <summary>How long one slow reader may hold back others when the body is not kept whole.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private FillRequest _request;
    private readonly FillServices _services;
    private readonly Action<Fill> _ended;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource<FillOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private StoredResponse[] _candidates = [];
    private DateTimeOffset _askedAt;
    private OriginHead? _notModified;
    private StoredResponse? _response;
    private StoredResponse? _part;
    private Body? _body;
    private BodyReader? _leader;
    private bool _leaderLeft;
    private bool _hasLeft;
    private string _error = ProxyStatus.InternalError;
    private string? _unasked;
    private long _kept;
    private RegionalLease? _lease;
    private bool _replacesShared;
    private bool _isFromShared;
    private long? _promoted;
    private bool _isPassing;
    private bool _isWanted;
    private bool _isFromPeer;
    private bool _keeps = true;
    private StoredResponse? _toShare;

    public Fill(FillRequest request, FillServices services, Action<Fill> ended)
    {
        _request = request;
        _services = services;
        _ended = ended;
    }

    public FillRequest Request => Volatile.Read(ref _request);

    public Task<FillOutcome> Outcome => _outcome.Task;

    /// <summary>The fill of the same key that a purge overtook when this one took its place, as long as this one may be joined.</summary>
    public Fill? Overtaken { get; set; }

    /// <summary>Nobody may join it any more, whether it has ended or, for its leader alone, goes on.</summary>
    public bool HasLeft
    {
        get => Volatile.Read(ref _hasLeft);
        set => Volatile.Write(ref _hasLeft, value);
    }

    /// <summary>The same, for who waits for its place: once that is free.</summary>
    public Task Left => _left.Task;

    public void TellLeft() => _left.TrySetResult();

    public void Start() => _services.Starts(this);

    /// <summary>Instead of <see cref="Start"/>.</summary>
    public void EndUnstarted(FillOutcome outcome)
    {
        _ended(this);
        _outcome.TrySetResult(outcome);
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    /// <summary>
    /// The leader's hold on the body, from before anybody knew of it: without it the body could have left again, or have lost its first
    /// chunks, before the leader wakes. It may be taken once.
    /// </summary>
    public BodyReader? TakeLeader()
    {
        lock (_gate)
        {
            var leader = _leader;
            _leader = null;
            return leader;
        }
    }

    /// <summary>The leader's client has gone, reads on its own by now, or does not want the body: a private one then has no reader, and the fill ends.</summary>
    public void LeaveAsLeader()
    {
        lock (_gate)
            _leaderLeft = true;
        TakeLeader()?.Dispose();
        // Nobody else may have it: spare the origin the rest.
        if (_outcome.Task is { IsCompletedSuccessfully: true, Result: FillOutcome.Private })
            _cancel.Cancel();
    }

    private async Task RunAsync()
    {
        var end = ExchangeEnd.Unreachable;
        try
        {
            end = await AskPeerAsync() ?? await AskSharedTierAsync() ?? (await AskForAllAsync(ExchangeAsync))!.Value; // an origin gives an end in any case
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            end = ExchangeEnd.Cancelled; // nobody reads what comes out of the shared tier
        }
        catch (Exception e)
        {
            end = ExchangeEnd.Unreachable;
            Log.FillFailed(_services.Log, _request.Origin.LogName, e);
        }
        finally
        {
            Finish(end);
        }
    }

    void IOriginSink.Begin(OriginHead head)
    {
        if (head.Status != StatusCodes.Status304NotModified || _request.KeepsConditions)
            Publish(head);
        else if (_candidates.Length > 0)
            _notModified = head;
        else
            _error = _unasked = ProxyStatus.ProtocolError; // to a request without conditions: nobody could make anything of it
    }

    ValueTask IOriginSink.AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (_body is not { } body)
            return default; // a 304 with a body: its framing ends it, nobody reads it
        if (body.IsWhole)
        {
            var isTooLarge = body.Length + bytes.Length > _request.Policy.MostBytes(_services.Limits);
            var growth = body.GrowthFor(bytes.Length);
            if (!isTooLarge && TryKeep(body, growth))
                _kept += growth;
            else
                FallToWindow(body, isTooLarge);
        }
        body.Append(bytes.Span);
        return body.IsWhole ? default : WaitForRoomAsync(body);
    }

    /// <summary>What comes out of the shared tier can be had there again: it need not push out what is asked for more often, unless its older self is here, or two ask for it at once.</summary>
    private bool TryKeep(Body body, long growth)
    {
        _isWanted = _isWanted || _promoted is null || _request.Stored is not null || _services.IsPassing(_request.Key);
        if (_isWanted)
            return _services.TryKeep(growth);
        if (_services.TryKeep(growth, _request.Key.Bytes, _promoted!.Value - body.Length))
            return true;
        _isPassing = _services.TryBeginPassing(_request.Key);
        return false;
    }

    /// <summary>No room to keep it: those who read it read on, who comes from now on would miss its first bytes.</summary>
    private void FallToWindow(Body body, bool isTooLarge)
    {
        body.BecomeWindow();
        _lease?.Release(); // it will not be shared
        if (isTooLarge)
        {
            _services.Markers.Mark(_request.Key, StoreCheck.TooLarge); // only its bytes could tell: the next crowd shall not queue for it
            ForgetReplaced();
        }
        _ended(this);
    }

    private async ValueTask WaitForRoomAsync(Body body)
    {
        if (await body.WaitForRoomAsync(Patience, _services.Time, _cancel.Token))
            return;
        await _cancel.CancelAsync();
        throw new OperationCanceledException("nobody reads this body any more", _cancel.Token);
    }

    /// <summary>The head is final: it decides who may have the body.</summary>
    private void Publish(OriginHead head)
    {
        var now = _services.Time.GetUtcNow();
        var facts = ResponseFacts.Read(head.Status, head.Fields, head.Framing, now, _request.Policy.Caching);
        if (head.AnswersHead)
            ConfirmByHead(head, facts);
        if (StoreCheck.ReasonNotTo(_request, head, facts, _request.Policy.MostBytes(_services.Limits)) is { } reason)
        {
            PublishPrivate(head, reason, isPart: MayStorePart(head, facts));
            if (_body is { IsWhole: true })
                _part = Responses.Make(_request with { Key = Parts.KeyOf(_request.Key) }, facts, CurrentAge.Initial(facts, _askedAt, now), head, _body, _services);
            return;
        }
        _body = new Body(_services.Memory.Pool, head.MayHaveBody ? head.ContentLength : 0, whole: true);
        _response = Responses.Make(_request, facts, CurrentAge.Initial(facts, _askedAt, now), head, _body, _services);
        HoldForLeader(_body);
        _outcome.TrySetResult(new FillOutcome.Shared(_response, _keeps) { OriginStatus = head.Status, PrivateFields = Responses.PrivateFields(_request, facts, _request.Policy.Caching) });
    }

    /// <summary>It came although no range was asked for: the leader may have it, and who asks for a range inside (rule 44).</summary>
    private bool MayStorePart(OriginHead head, ResponseFacts facts) =>
        head.Status == StatusCodes.Status206PartialContent
        && head.ContentLength <= _request.Policy.MostBytes(_services.Limits)
        && !Responses.VariesOnClientAddress(facts)
        && Parts.MayStore(_request.Facts, facts, head.ContentLength, _request.Origin.TargetUri, _request.Policy.Caching);

    private void PublishPrivate(OriginHead head, string reason, bool isPart)
    {
        _body = new Body(_services.Memory.Pool, head.MayHaveBody ? head.ContentLength : 0, whole: isPart);
        HoldForLeader(_body);
        // Its refusal may be this request's (an error of the moment, credentials); a mark is for what the URL itself is like.
        if (head.Status < 500 && !head.AnswersHead && !_request.Facts.HasAuthorization && !_request.KeepsConditions && reason != StorageDecision.RequestNoStore.Reason())
        {
            _services.Markers.Mark(_request.Key, reason);
            _lease?.ReleaseAsUncacheable();
            ForgetReplaced();
        }
        _lease?.Release();
        if (head.Status is 500 or 502 or 503 or 504)
            NoteFailure(OriginFailure.ServerError);
        _ended(this);
        var prepared = new ResponseHead(head.Status, head.ReasonPhrase, head.Fields, _services.Node, head.ViaVersion);
        _outcome.TrySetResult(new FillOutcome.Private(prepared, head.Fields, reason, head.MayHaveBody, head.ContentLength, head.Framing is BodyFraming.CloseDelimited, _request.AsOf) { OriginStatus = head.Status });
    }

    /// <summary>Before anybody learns of it: who looks it up again finds it there.</summary>
    private void NoteFailure(OriginFailure failure)
    {
        if (_request.Stored is { } stored)
            stored.Failed = new(_services.Time.GetTimestamp(), failure);
    }

    /// <summary>The origin's newest answer cannot be stored: what was stored for this request is outdated by it.</summary>
    private void ForgetReplaced()
    {
        if (_request.Stored is { } replaced)
            _services.Memory.Remove(replaced);
    }

    /// <summary>Rule 39. Under another Vary it does not lie in the place of what it replaces; and that, stale as it is, would be selected before one without.</summary>
    private void ForgetBeside(StoredResponse newer)
    {
        if (_request.Stored is { Variant.Names.Length: > 0 } replaced && !replaced.Variant.Equals(newer.Variant))
            _services.Memory.Remove(replaced);
    }

    /// <summary>RFC 9111 §4.3.4. False: this 304 selects nothing that we still hold.</summary>
    private bool Freshen(OriginHead notModified)
    {
        if (Validation.Select(_candidates, _request.Stored, notModified.Fields) is not { } selected || !selected.Body.TryAcquire())
            return false;
        _body = selected.Body; // ours from here on, whatever throws: Finish lets it go
        var freshened = Confirmation.Apply(_request, selected, notModified, _askedAt, _services, out var decision);
        if (decision.MayStore() && IsUntouchedAtEnd(freshened))
        {
            selected.Body.TryAcquire(); // for the tier; ours goes in Finish
            if (_services.Memory.Store(freshened, out var isOutdated))
                ForgetBeside(freshened);
            _toShare = _isFromPeer || isOutdated ? null : freshened;
        }
        else if (decision is not (StorageDecision.RequestNoStore or StorageDecision.Authorization))
        {
            _services.Memory.Remove(selected);
        }
        HoldForLeader(_body);
        _ended(this);
        _outcome.TrySetResult(new FillOutcome.Freshened(freshened, decision.MayStore() ? null : decision.Reason())
        {
            OriginStatus = StatusCodes.Status304NotModified,
            PrivateFields = Confirmation.PrivateFields(_request, notModified, _services),
        });
        return true;
    }

    /// <summary>RFC 9111 §4.3.5. It says nothing of purges since: the as-of stays what it was.</summary>
    private void ConfirmByHead(OriginHead head, ResponseFacts facts)
    {
        if (_request.Stored is not { } stored || _request.Facts.HasAuthorization || !stored.Body.TryAcquire())
            return;
        switch (HeadFreshening.Compare(stored.Status, stored.Fields, stored.Body.Length, facts, asksForProof: !_request.Policy.Caching.TrustsHead))
        {
            case HeadOutcome.Freshen:
                var confirmed = Confirmation.Apply(_services.Purges.Rules.HeadKeepsAsOf ? _request with { AsOf = stored.AsOf } : _request, stored, head, _askedAt, _services, out var decision);
                Replace(stored, decision.MayStore() ? confirmed : decision is StorageDecision.RequestNoStore ? stored : null);
                break;
            case HeadOutcome.Invalidate:
                Replace(stored, stored.StaleSince(_services.Time.GetElapsedTime(stored.ReceivedAt)));
                break;
            default:
                stored.Body.Release();
                break;
        }
    }

    /// <summary>Gives the caller's ownership of the body to the new one. Null: the stored one leaves; itself: it stays.</summary>
    private void Replace(StoredResponse stored, StoredResponse? by)
    {
        if (by is not null && by != stored && _services.Memory.Replace(stored, by))
            return;
        if (by is null)
            _services.Memory.Remove(stored);
        stored.Body.Release();
    }

    private void Finish(ExchangeEnd end)
    {
        try
        {
            if (_body is { State: BodyState.Growing } body)
            {
                if (end is not ExchangeEnd.Well)
                {
                    // First nobody joins any more: who comes now shall not share a cut that came before.
                    _ended(this);
                    body.Fail();
                }
                else
                {
                    Store(body);
                    // The last byte of a body of known length shows only now: who has it all may count on a hit next.
                    body.Complete();
                }
            }
            if (_toShare is not null)
                _services.Shared?.Write(_toShare, _replacesShared, _lease);
            else
                _lease?.Release();
        }
        finally
        {
            // Whatever happened above: a body that stays growing would be waited for for ever.
            if (_body is { State: BodyState.Growing } unended)
                unended.Fail();
            _services.Kept(_kept);
            if (_isPassing)
                _services.EndPassing(_request.Key);
            _ended(this);
            if (!_outcome.Task.IsCompleted)
                NoteFailure(OriginFailure.Unreachable);
            _outcome.TrySetResult(Failure(end, _error));
            _body?.Release();
            LetGo();
            Overtaken = null;
            _services.End();
        }
    }

    private void Store(Body body)
    {
        // Overtaken by a purge while it was under way: whoever asks from now on must not get it.
        if ((_response ?? _part) is not { } response || !_keeps || !body.IsWhole || !IsUntouchedAtEnd(response) || !body.TryAcquire())
            return;
        if (response == _part)
        {
            _services.Parts.Store(response, _request.Policy.MostBytes(_services.Limits));
            return;
        }
        if (_services.Memory.Store(response, out var isOutdated))
            ForgetBeside(response);
        _services.Markers.Unmark(_request.Key);
        if (!_isFromShared && !_isFromPeer && !isOutdated)
            _toShare = response;
    }

    /// <summary>Rule 15.</summary>
    private bool IsUntouchedAtEnd(StoredResponse response) => !_services.Purges.Rules.JudgesAtEnd || _services.Purges.IsUntouched(response.Identity, response.AsOf);

    private void HoldForLeader(Body body)
    {
        lock (_gate)
            if (!_leaderLeft)
                _leader = body.Read();
    }

    internal static FillOutcome.Failed Failure(ExchangeEnd end, string error) => end switch
    {
        ExchangeEnd.TimedOut => new(StatusCodes.Status504GatewayTimeout, OriginFailure.Unreachable, "origin-timeout", error),
        ExchangeEnd.NoDestination => new(StatusCodes.Status503ServiceUnavailable, OriginFailure.Unreachable, "no-destination", error),
        _ => new(StatusCodes.Status502BadGateway, OriginFailure.Unreachable, "origin-unreachable", error),
    };
}
