using DistCache.Storage.Purging;

namespace DistCache.Proxy.Purging;

/// <summary>
/// Selectors that wait for the log. Any client's write may add some, with a host and a query as it likes, so they are bounded in number and in
/// length: where they are too many, whole hosts are named instead of their URLs, and where those are, everything. That purges too much and never
/// too little. One caller at a time.
/// </summary>
internal sealed class WaitingSelectors
{
    /// <summary>That wait.</summary>
    public const int Most = 10_000;

    /// <summary>In one record.</summary>
    public const int MostInRecord = 1_000;

    /// <summary>Characters of the selectors of one record; a single host may be longer.</summary>
    public const int LongestRecord = 16 << 10;

    /// <summary>Characters of all that wait.</summary>
    private const int LongestWait = 1 << 20;

    private readonly HashSet<PurgeSelector> _selectors = [];

    /// <summary>The same, the oldest first.</summary>
    private readonly Queue<PurgeSelector> _inTurn = new();
    private Breadth _breadth;
    private int _length;

    private enum Breadth
    {
        AsNamed,
        Hosts,
        Everything,
    }

    public int Count => _selectors.Count;

    public IReadOnlyList<PurgeSelector> All => [.. _inTurn];

    public void Add(IEnumerable<PurgeSelector> selectors)
    {
        foreach (var selector in selectors)
            Add(selector);
    }

    /// <summary>The next record's.</summary>
    public IReadOnlyList<PurgeSelector> Take(int most = MostInRecord)
    {
        var taken = new List<PurgeSelector>();
        var length = 0;
        while (_inTurn.TryPeek(out var selector) && taken.Count < most && (taken.Count == 0 || length + selector.Value.Length <= LongestRecord))
        {
            taken.Add(_inTurn.Dequeue());
            length += selector.Value.Length;
        }
        _selectors.ExceptWith(taken);
        _length -= length;
        if (_selectors.Count == 0)
            _breadth = Breadth.AsNamed;
        return taken;
    }

    private void Add(PurgeSelector selector)
    {
        Keep(Widened(selector));
        while ((_selectors.Count > Most || _length > LongestWait) && _breadth is not Breadth.Everything)
            Widen();
    }

    /// <summary>Twice at most until all has been taken: no write walks through what others have left.</summary>
    private void Widen()
    {
        PurgeSelector[] all = [.. _inTurn];
        _selectors.Clear();
        _inTurn.Clear();
        (_breadth, _length) = (_breadth + 1, 0);
        foreach (var selector in all)
            Keep(Widened(selector));
    }

    private void Keep(PurgeSelector selector)
    {
        if (!_selectors.Add(selector))
            return;
        _inTurn.Enqueue(selector);
        _length += selector.Value.Length;
    }

    private PurgeSelector Widened(PurgeSelector selector) => _breadth switch
    {
        Breadth.Everything => PurgeSelector.Everything,
        Breadth.Hosts => HostOf(selector),
        _ => selector.Value.Length > LongestRecord ? HostOf(selector) : selector,
    };

    private static PurgeSelector HostOf(PurgeSelector selector)
    {
        if (selector.Scope is not PurgeScope.Url)
            return selector;
        var host = selector.Value.AsSpan(selector.Value.IndexOf("://", StringComparison.Ordinal) + 3);
        return new(PurgeScope.Host, host[..(host.IndexOf('/') is >= 0 and var end ? end : host.Length)].ToString());
    }
}
