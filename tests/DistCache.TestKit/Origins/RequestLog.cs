namespace DistCache.TestKit;

/// <summary>Every request that an origin got, in order of arrival.</summary>
public sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly List<OriginRequest> _requests = [];
    private readonly Dictionary<string, List<OriginRequest>> _byPath = new(StringComparer.Ordinal);
    private readonly Pulse _changed = new();

    /// <summary>False: nothing is kept from now on.</summary>
    public bool Keeps { get; set; } = true;

    public IReadOnlyList<OriginRequest> All
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>Those whose target is <paramref name="target"/>, or begins with it and goes on with a query.</summary>
    public IReadOnlyList<OriginRequest> For(string target)
    {
        lock (_lock)
            return _byPath.TryGetValue(PathOf(target), out var found) ? [.. found.Where(request => Matches(request.Target, target))] : [];
    }

    /// <summary>Waits, 30 s at most, until there are <paramref name="count"/> of that target.</summary>
    public async Task<IReadOnlyList<OriginRequest>> WaitForAsync(string target, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _changed.WaitAsync(() => For(target).Count >= count, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"The origin got {For(target).Count} of {count} requests for {target} within 30 s.");
        }

        return For(target);
    }

    internal void Add(OriginRequest request)
    {
        if (!Keeps)
            return;
        lock (_lock)
        {
            _requests.Add(request);
            if (!_byPath.TryGetValue(PathOf(request.Target), out var samePath))
                _byPath.Add(PathOf(request.Target), samePath = []);
            samePath.Add(request);
        }

        _changed.Beat();
    }

    private static string PathOf(string target) => target.Split('?', 2)[0];

    private static bool Matches(string sent, string target) =>
        sent.StartsWith(target, StringComparison.Ordinal) && (sent.Length == target.Length || sent[target.Length] == '?');
}
