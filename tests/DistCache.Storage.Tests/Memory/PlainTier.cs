using DistCache.Storage.Purging;

namespace DistCache.Storage.Tests.Memory;

/// <summary>
/// What a tier is to those who use it one after the other: a table, and purges. Told what the real one has answered, it knows whether that may
/// be so in this order. Who leaves for room it does not foretell: whoever is missed has left, and must not be seen again.
/// </summary>
/// <param name="hasRoom">For all: nobody leaves, and nobody is refused.</param>
internal sealed class PlainTier(bool hasRoom)
{
    private readonly Dictionary<int, (int Length, int AsOf)> _stored = [];
    private readonly Dictionary<int, PurgeMarks> _purged = [];
    private bool _isRight = true;
    private int _position;
    private int _missed;

    /// <summary>Of the room that it had at first.</summary>
    public int Divisor { get; private set; } = 1;

    public void Do(Storing what)
    {
        if (what.IsStored)
            _stored[what.Place] = (what.Length, what.AsOf);
        else
            Expect(!hasRoom);
    }

    public void Do(Removal what)
    {
        if (what.IsFound)
            Expect(_stored.Remove(what.Place));
        else
            Miss(what.Place);
    }

    public void Do(Hit what)
    {
        if (what.Saw is not null)
            Expect(what.Saw == Of(what.Place));
        else if (Of(what.Place) is { Verdict: not PurgeVerdict.Dead })
            Miss(what.Place);
    }

    public void Do(Purging what)
    {
        var key = Places.KeyOf(what.Place);
        _purged[key] = _purged.GetValueOrDefault(key).With(what.Mode, ++_position, at: 0);
    }

    public void Do(Resizing what) => Divisor = what.Divisor;

    /// <summary>At the end: whether these may be all that are there.</summary>
    /// <param name="evicted">How many have left for room.</param>
    public bool Allows(IReadOnlyDictionary<int, (int Length, PurgeVerdict Verdict)> left, long evicted)
    {
        foreach (var place in _stored.Keys)
            if (!left.ContainsKey(place))
                Miss(place);
        return _isRight && _missed <= evicted && left.Count == _stored.Count && left.All(one => one.Value == Of(one.Key));
    }

    public override string ToString() => $"{(_isRight ? "right" : "wrong")}, {_missed} missed, {string.Join(' ', _stored)}";

    private (int Length, PurgeVerdict Verdict)? Of(int place)
    {
        if (!_stored.TryGetValue(place, out var stored))
            return null;
        var marks = _purged.GetValueOrDefault(Places.KeyOf(place));
        return (stored.Length, marks.LastHard > stored.AsOf ? PurgeVerdict.Dead : marks.LastSoft > stored.AsOf ? PurgeVerdict.Stale : PurgeVerdict.Valid);
    }

    private void Miss(int place)
    {
        if (!_stored.Remove(place))
            return;
        _missed++;
        Expect(!hasRoom);
    }

    private void Expect(bool isRight) => _isRight &= isRight;
}
