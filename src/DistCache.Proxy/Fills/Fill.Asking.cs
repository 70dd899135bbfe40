using DistCache.Proxy.Origins;
using DistCache.Storage.Shared;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Fills;

// Whom it asks, and on what conditions: the edge that keeps the key, the shared tier, the shield, the origin.
internal sealed partial class Fill
{
    /// <summary>Null: the origin is to be asked.</summary>
    private async Task<ExchangeEnd?> AskSharedTierAsync()
    {
        if (_services.Shared is not { } shared || _request.Shared is SharedUse.None)
            return null;
        switch (await shared.AskAsync(_request, _cancel.Token))
        {
            case SharedFind.Fresh found:
                return await TakeAsync(found);
            case SharedFind.Promoted:
                _ended(this);
                _outcome.TrySetResult(new FillOutcome.Superseded());
                return ExchangeEnd.Well;
            case SharedFind.Origin origin:
                (_lease, _replacesShared) = (origin.Lease, origin.Replaces);
                // The exchange starts only now. What is to be validated was judged before, so there it stays as it was.
                if (_request.Candidates.Length == 0)
                    Volatile.Write(ref _request, _request with { AsOf = _services.Purges.Version });
                return null;
            default:
                throw new InvalidOperationException("the shared tier found something unknown");
        }
    }

    /// <summary>As an origin's answer, but that it is not written back.</summary>
    private async Task<ExchangeEnd> TakeAsync(SharedFind.Fresh found)
    {
        (_isFromShared, _promoted, _response, _body) = (true, found.Body.Place.Length, found.Response, found.Response.Body);
        HoldForLeader(_body);
        _outcome.TrySetResult(new FillOutcome.FromSharedTier(found.Response));
        if (await found.Body.CopyToAsync(((IOriginSink)this).AppendAsync, _cancel.Token))
            return ExchangeEnd.Well;
        found.Body.Forget();
        return ExchangeEnd.Cut;
    }

    /// <summary>Null: this node keeps the key itself, or who does gives no answer.</summary>
    private async Task<ExchangeEnd?> AskPeerAsync()
    {
        if (!MayAskNodes || _request.Owner is not { } owner)
            return null;
        // What it has kept before stays in its keeping, or the old one would go on being served.
        (_isFromPeer, _keeps) = (true, _request.Stored is not null || _services.Peers.Keeps(_request.Key));
        var end = await AskForAllAsync(() =>
        {
            _askedAt = _services.Time.GetUtcNow();
            return _services.Peers.AskAsync(owner, _request, this, TrueAsOf, _cancel.Token);
        });
        if (end is not null)
            return _unasked is null ? end : ExchangeEnd.Unreachable;
        (_isFromPeer, _keeps) = (false, true);
        return null;
    }

    /// <summary>Asks whoever it is with our own conditions, and once more without where the answer is that nothing has changed and nothing is here that it could mean.</summary>
    private async Task<ExchangeEnd?> AskForAllAsync(Func<Task<ExchangeEnd?>> exchange)
    {
        AskConditionally();
        var end = await exchange();
        if (_notModified is not null && !Freshen(_notModified))
        {
            // Rule 37: it confirms nothing that we hold; a new request, not a resend.
            _notModified = null;
            LetGo();
            _request.Origin.RemoveConditions();
            end = await exchange();
        }
        return end;
    }

    private void AskConditionally()
    {
        // What was looked up may have left before this began: a validation beside it was faster, and what it has put there is as good to ask about.
        if (!TryHold() && Validation.Again(_request, _services) is { } again)
        {
            Volatile.Write(ref _request, again);
            TryHold();
        }
        if (_candidates.Length > 0)
        {
            Validation.Ask(_request.Origin.Headers, _candidates, _request.Stored);
        }
        else if (!_request.KeepsConditions)
        {
            _request.Origin.RemoveConditions();
        }
    }

    /// <summary>Ours until the answer is here: a validation beside this one may put its own in their place, and ours would confirm what is gone and fetch it anew. False: one has left.</summary>
    private bool TryHold()
    {
        LetGo();
        _candidates = [.. _request.Candidates.Where(static candidate => candidate.Body.TryAcquire())];
        return _candidates.Length == _request.Candidates.Length;
    }

    private void LetGo()
    {
        foreach (var candidate in _candidates)
            candidate.Body.Release();
        _candidates = [];
    }

    private async Task<ExchangeEnd?> ExchangeAsync()
    {
        _askedAt = _services.Time.GetUtcNow();
        if (await AskShieldAsync() is { } answered)
            return _unasked is null ? answered : ExchangeEnd.Unreachable;
        _askedAt = _services.Time.GetUtcNow();
        var exchange = new OriginExchange(this, _cancel);
        var end = await exchange.RunAsync(_request.Origin, _services.Scopes);
        _error = _unasked ?? exchange.Error;
        return _unasked is null ? end : ExchangeEnd.Unreachable;
    }

    /// <summary>Null: the origin is to be asked. A fenced node asks it in any case: it cannot say what it knows of purges.</summary>
    private async Task<ExchangeEnd?> AskShieldAsync() => MayAskNodes && _request.Shield is { } region ? await _services.Shields.AskAsync(region, _request, this, TrueAsOf, _cancel.Token) : null;

    private bool MayAskNodes => !_request.IsFenced && HttpMethods.IsGet(_request.Origin.Method);

    /// <summary>Before the head: who asks from now on, and what is stored, goes by it.</summary>
    private void TrueAsOf(long asOf) => Volatile.Write(ref _request, _request with { AsOf = asOf });
}
