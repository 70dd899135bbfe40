namespace DistCache.TestKit;

/// <summary>How many requests an origin has at a time, and the most that it had since <see cref="Reset"/>.</summary>
public sealed class OriginLoad
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Key, string Node), int> _now = [];

    /// <summary>Of all.</summary>
    public int Most { get; private set; }

    /// <summary>Of one node.</summary>
    public int MostOfNode { get; private set; }

    /// <summary>Of one node for one page.</summary>
    public int MostOfPage { get; private set; }

    public void Reset()
    {
        lock (_gate)
            (Most, MostOfNode, MostOfPage) = (0, 0, 0);
    }

    public override string ToString() => $"at most {Most} at a time, {MostOfNode} of one node, {MostOfPage} of one node for one page";

    internal void Enter(int key, string node)
    {
        lock (_gate)
        {
            _now[(key, node)] = _now.GetValueOrDefault((key, node)) + 1;
            Most = Math.Max(Most, _now.Values.Sum());
            MostOfNode = Math.Max(MostOfNode, _now.Where(one => one.Key.Node == node).Sum(one => one.Value));
            MostOfPage = Math.Max(MostOfPage, _now[(key, node)]);
        }
    }

    internal void Leave(int key, string node)
    {
        lock (_gate)
            if (--_now[(key, node)] == 0)
                _now.Remove((key, node));
    }
}
