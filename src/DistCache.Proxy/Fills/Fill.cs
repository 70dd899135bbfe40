using DistCache.Proxy.Delivery;
using DistCache.Proxy.Origins;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Semantics.Validation;
using DistCache.Storage.Bodies;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

/// <summary>
/// One origin fetch for many requests. It runs apart from all of them: any client may leave, the fill goes on, unless nobody but its
/// leader may have the answer. The body goes once into chunks; leader and followers read the same chunks at their own pace.
/// </summary>
internal sealed class Fill : IThreadPoolWorkItem, IOriginSink
{
    /// <summary>How long one slow reader may hold back others when the body is not kept whole.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FillRequest _request;
    private readonly FillServices _services;
    private readonly Action<Fill> _ended;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource<FillOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private StoredResponse[] _candidates = [];
    private DateTimeOffset _askedAt;
    private OriginHead? _notModified;
    private StoredResponse? _response;
    private Body? _body;
    private BodyReader? _leader;
    private bool _leaderLeft;
    private string _error = ProxyStatus.InternalError;
    private long _kept;

    public Fill(FillRequest request, FillServices services, Action<Fill> ended)
    {
        _request = request;
        _services = services;
        _ended = ended;
    }

    public FillRequest Request => _request;

    public Task<FillOutcome> Outcome => _outcome.Task;

    /// <summary>Starts it on a thread of the pool, without the client's execution context.</summary>
    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);

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
            AskConditionally();
            end = await ExchangeAsync();
            if (_notModified is not null && !Freshen(_notModified))
            {
                // Rule 37: it confirms nothing that we hold; a new request, not a resend.
                _notModified = null;
                _candidates = [];
                _request.Origin.RemoveConditions();
                end = await ExchangeAsync();
            }
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

    private void AskConditionally()
    {
        _candidates = _request.Candidates;
        if (_candidates.Length > 0)
        {
            Validation.Ask(_request.Origin.Headers, _candidates);
        }
        else if (!_request.KeepsConditions)
        {
            _request.Origin.RemoveConditions();
        }
    }

    private async Task<ExchangeEnd> ExchangeAsync()
    {
        _askedAt = _services.Time.GetUtcNow();
        var exchange = new OriginExchange(this, _cancel);
        var end = await exchange.RunAsync(_request.Origin, _services.Scopes);
        _error = exchange.Error;
        return end;
    }

    void IOriginSink.Begin(OriginHead head)
    {
        // A second 304, to a request without conditions, is no validation: it goes on as what it is.
        if (head.Status == StatusCodes.Status304NotModified && _candidates.Length > 0)
            _notModified = head;
        else
            Publish(head);
    }

    ValueTask IOriginSink.AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (_body is not { } body)
            return default; // a 304 with a body: its framing ends it, nobody reads it
        if (body.IsWhole)
        {
            if (body.Length + bytes.Length <= _services.Limits.MaxObjectSize && _services.TryKeep(bytes.Length))
                _kept += bytes.Length;
            else
                body.BecomeWindow();
        }
        body.Append(bytes.Span);
        return body.IsWhole ? default : WaitForRoomAsync(body);
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
        if (ReasonNotToStore(head, facts) is { } reason)
        {
            PublishPrivate(head, reason);
            return;
        }
        _body = new Body(_services.Memory.Pool, head.MayHaveBody ? head.ContentLength : 0, whole: true);
        _response = Responses.Make(_request, facts, CurrentAge.Initial(facts, _askedAt, now), head, _body, _services);
        HoldForLeader(_body);
        _outcome.TrySetResult(new FillOutcome.Shared(_response) { OriginStatus = head.Status });
    }

    private string? ReasonNotToStore(OriginHead head, ResponseFacts facts)
    {
        if (head.AnswersHead)
            return "head";
        var decision = StorageRules.Decide(_request.Facts, facts, _request.Origin.TargetUri, _request.Policy.Caching);
        if (!decision.MayStore())
            return decision.Reason();
        if (head.ContentLength > _services.Limits.MaxObjectSize)
            return "too-large";
        // What the origin was told of the client's address is not in the client's own fields, where variants are compared.
        foreach (var name in facts.Vary.Names)
            if (name is "x-forwarded-for" or "forwarded" or "via")
                return "vary-on-client-address";
        return null;
    }

    private void PublishPrivate(OriginHead head, string reason)
    {
        _body = new Body(_services.Memory.Pool, head.MayHaveBody ? head.ContentLength : 0, whole: false);
        HoldForLeader(_body);
        // Its refusal may be this request's (an error of the moment, credentials); a mark is for what the URL itself is like.
        if (head.Status < 500 && !head.AnswersHead && !_request.Facts.HasAuthorization && !_request.KeepsConditions)
        {
            _services.Markers.Mark(_request.Key);
            ForgetReplaced();
        }
        _ended(this);
        var prepared = new ResponseHead(head.Status, head.ReasonPhrase, head.Fields, _services.Node, head.ViaVersion);
        _outcome.TrySetResult(new FillOutcome.Private(prepared, reason, head.MayHaveBody, head.ContentLength, head.Framing is BodyFraming.CloseDelimited) { OriginStatus = head.Status });
    }

    /// <summary>The origin's newest answer cannot be stored: what was stored for this request is outdated by it.</summary>
    private void ForgetReplaced()
    {
        if (_request.Stored is { } replaced)
            _services.Memory.Remove(replaced);
    }

    /// <summary>RFC 9111 §4.3.4. False: this 304 selects nothing that we still hold.</summary>
    private bool Freshen(OriginHead notModified)
    {
        if (Validation.Select(_candidates, notModified.Fields) is not { } selected || !selected.Body.TryAcquire())
            return false;
        var freshened = Confirmation.Apply(_request, selected, notModified, _askedAt, _services, out var mayStore);
        if (mayStore && _services.Purges.IsUntouched(freshened.Identity, freshened.AsOf))
        {
            selected.Body.TryAcquire(); // for the tier; ours goes in Finish
            _services.Memory.Store(freshened);
        }
        else
        {
            _services.Memory.Remove(selected);
        }
        _body = selected.Body;
        HoldForLeader(_body);
        _ended(this);
        _outcome.TrySetResult(new FillOutcome.Freshened(freshened) { OriginStatus = StatusCodes.Status304NotModified });
        return true;
    }

    /// <summary>RFC 9111 §4.3.5. It says nothing of purges since: the as-of stays what it was.</summary>
    private void ConfirmByHead(OriginHead head, ResponseFacts facts)
    {
        if (_request.Stored is not { } stored || _request.Facts.HasAuthorization || !stored.Body.TryAcquire())
            return;
        switch (HeadFreshening.Compare(stored.Fields, stored.Body.Length, facts))
        {
            case HeadOutcome.Freshen:
                var confirmed = Confirmation.Apply(_request with { AsOf = stored.AsOf }, stored, head, _askedAt, _services, out var mayStore);
                Replace(stored, mayStore ? confirmed : null);
                break;
            case HeadOutcome.Invalidate:
                Replace(stored, stored.StaleSince(_services.Time.GetElapsedTime(stored.ReceivedAt)));
                break;
            default:
                stored.Body.Release();
                break;
        }
    }

    /// <summary>Gives the caller's ownership of the body to the new one.</summary>
    private void Replace(StoredResponse stored, StoredResponse? by)
    {
        if (by is not null && _services.Memory.Replace(stored, by))
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
                    body.Fail();
                }
                else
                {
                    Store(body);
                    // The last byte of a body of known length shows only now: who has it all may count on a hit next.
                    body.Complete();
                }
            }
        }
        finally
        {
            _services.Kept(_kept);
            _ended(this);
            _outcome.TrySetResult(Failure(end, _error));
            _body?.Release();
        }
    }

    private void Store(Body body)
    {
        // Overtaken by a purge while it was under way: whoever asks from now on must not get it.
        if (_response is null || !body.IsWhole || !_services.Purges.IsUntouched(_response.Identity, _response.AsOf) || !body.TryAcquire())
            return;
        _services.Memory.Store(_response);
        _services.Markers.Unmark(_request.Key);
    }

    private void HoldForLeader(Body body)
    {
        lock (_gate)
            if (!_leaderLeft)
                _leader = body.Read();
    }

    private static FillOutcome.Failed Failure(ExchangeEnd end, string error) => end switch
    {
        ExchangeEnd.TimedOut => new(StatusCodes.Status504GatewayTimeout, OriginFailure.Unreachable, "origin-timeout", error),
        ExchangeEnd.NoDestination => new(StatusCodes.Status503ServiceUnavailable, OriginFailure.Unreachable, "no-destination", error),
        _ => new(StatusCodes.Status502BadGateway, OriginFailure.Unreachable, "origin-unreachable", error),
    };
}
