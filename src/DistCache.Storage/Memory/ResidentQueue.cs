namespace DistCache.Storage.Memory;

/// <summary>Residents in the order in which they joined, and how many bytes they take together. A resident is in one queue at most.</summary>
/// <param name="place">What its residents call it.</param>
internal sealed class ResidentQueue(ResidentPlace place)
{
    private Resident? _last;

    public Resident? First { get; private set; }

    public long Bytes { get; private set; }

    public void Join(Resident resident)
    {
        resident.Place = place;
        resident.Before = _last;
        if (_last is null)
            First = resident;
        else
            _last.Behind = resident;
        _last = resident;
        Bytes += resident.Bytes;
    }

    public void Leave(Resident resident)
    {
        if (resident.Before is { } before)
            before.Behind = resident.Behind;
        else
            First = resident.Behind;
        if (resident.Behind is { } behind)
            behind.Before = resident.Before;
        else
            _last = resident.Before;
        resident.Place = ResidentPlace.None;
        resident.Before = resident.Behind = null;
        Bytes -= resident.Bytes;
    }

    public void ToTheEnd(Resident resident)
    {
        Leave(resident);
        Join(resident);
    }

    /// <summary>The newcomer takes the place of one that leaves.</summary>
    public void Replace(Resident old, Resident by)
    {
        by.Place = place;
        by.Before = old.Before;
        by.Behind = old.Behind;
        if (by.Before is { } before)
            before.Behind = by;
        else
            First = by;
        if (by.Behind is { } behind)
            behind.Before = by;
        else
            _last = by;
        old.Place = ResidentPlace.None;
        old.Before = old.Behind = null;
        Bytes += by.Bytes - old.Bytes;
    }
}
