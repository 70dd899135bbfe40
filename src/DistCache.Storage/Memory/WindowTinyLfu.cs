namespace DistCache.Storage.Memory;

/// <summary>
/// Who leaves when room is needed: size-aware W-TinyLFU (Einziger, Eytan, Friedman and Manes, "Lightweight Robust Size Aware Cache
/// Management", ACM TOS 2022) on two queues that do not move on a hit.
/// </summary>
/// <remarks>
/// <para>
/// 1. A newcomer joins the window, a FIFO of a fifth of the bytes. 2. A hit sets the response's bit; only when the bit was clear it counts
/// in the frequency sketch: one hot burst cannot fill it, and hot hits are only read. 3. When room is needed and the window has more than
/// its share, its oldest is the candidate for the main queue; where that has room for all, sixteen move at once. 4. The main queue is a CLOCK: its hand clears the bits that it finds set
/// and passes those responses, eight at most; the next ones are the victims. 5. The candidate enters if it is asked for at least as often as
/// all the victims together whom it would push out (ties admit); then they leave, else it leaves itself, and the first victim goes to
/// the end, so that it does not turn away everyone. 6. What can answer nobody any more counts as never asked for, and no bit saves it.
/// </para>
/// <para>It answers; the tier removes. Calls come one at a time, except for <see cref="Visit"/>, which takes no lock.</para>
/// </remarks>
/// <param name="isDead">Whether a response is past every use.</param>
internal sealed class WindowTinyLfu(Func<Resident, bool> isDead)
{
    private const int MostPassed = 8;
    private const int MostMoved = 4;
    private const int MostMovedAtOnce = 16;
    private const int Remembered = 1 << 16;
    private const int MostVictims = 1024;
    private const int KeysOfResident = 2;
    private const int PartOfSketch = 64; // of the bytes, at most

    private readonly FrequencySketch _frequency = new();
    private readonly ResidentQueue _window = new(ResidentPlace.Window);
    private readonly ResidentQueue _main = new(ResidentPlace.Main);
    private long _residents;
    private long _newcomers;
    private long _newcomerBytes;

    /// <summary>Bytes of all that it knows.</summary>
    public long Bytes => _window.Bytes + _main.Bytes;

    /// <summary>Bytes that it takes itself, besides what is counted for each resident.</summary>
    public long Footprint => _frequency.Footprint;

    /// <summary>It is still in the window: it has pushed out nobody yet.</summary>
    public static bool IsNewcomer(Resident resident) => resident.Place is ResidentPlace.Window;

    /// <summary>By an owner.</summary>
    public void Visit(Resident resident)
    {
        if (resident.Visit())
            _frequency.Add(resident.Hash);
    }

    public void Add(Resident resident, Room room)
    {
        _residents++;
        Measure(resident.Bytes, room);
        _frequency.Add(resident.Hash);
        (resident.Bytes > room.Window ? _main : _window).Join(resident);
        // While there is room for all, a few at a time: the first who needs room would have to move them all.
        for (var moved = 0; moved < MostMoved && _window.First is { } oldest && _window.Bytes > room.Window && _main.Bytes + oldest.Bytes <= room.Main; moved++)
            Promote(oldest);
    }

    /// <summary>
    /// Whether one that is too large for the window may come: it would push out the main queue's victims, so it has to be wanted as much as
    /// they are before it has been here. True for everyone else; then, and when true, <paramref name="leaving"/> is who leaves for it.
    /// </summary>
    public bool MayCome(ulong hash, long bytes, Room room, List<Resident> leaving)
    {
        if (bytes <= room.Window || Bytes + bytes <= room.Whole)
            return true;
        if (bytes <= room.Whole && Admit(hash, Bytes + bytes - room.Whole, leaving))
            return true;
        _frequency.Add(hash);
        return false;
    }

    /// <summary>The newer response of a variant takes the place of the older: the key has not become less wanted.</summary>
    public void Replace(Resident old, Resident by)
    {
        if (old.IsVisited)
            by.Visit();
        QueueOf(old).Replace(old, by);
    }

    public void Remove(Resident resident)
    {
        _residents--;
        QueueOf(resident).Leave(resident);
    }

    /// <summary>Who is to leave next, all together; none: it knows nobody. False: so many have moved for it that others shall have their turn, ask again.</summary>
    /// <param name="coming">Bytes of newcomers on their way into the window.</param>
    public bool TryChoose(Room room, long coming, List<Resident> leaving)
    {
        var (window, main) = (room.Window, room.Main);
        var moved = 0;
        while (_window.First is { } candidate && (_window.Bytes + coming > window || _main.First is null))
        {
            if (++moved > MostMovedAtOnce) // a reload to less makes most of the window too much
                return false;
            if (_main.Bytes + candidate.Bytes > main && (isDead(candidate) || !Admit(candidate.Hash, _main.Bytes + candidate.Bytes - main, leaving)))
            {
                leaving.Add(candidate);
                return true;
            }
            Promote(candidate);
            if (leaving.Count > 0)
                return true;
        }
        if (NextVictim(_main.First) is { } victim)
            leaving.Add(victim);
        return true;
    }

    private ResidentQueue QueueOf(Resident resident) => IsNewcomer(resident) ? _window : _main;

    private void Promote(Resident candidate)
    {
        _window.Leave(candidate);
        candidate.TakeVisit();
        _main.Join(candidate);
    }

    /// <summary>
    /// The sketch is made for as many keys as newcomers of the usual size would fill the tier with, and at least for those that are there: the small are
    /// let in more often than the usual. But while the tier is far from full, when nobody leaves, it is not for many more: an empty tier of 32 GiB
    /// shall not take a gigabyte to count with.
    /// </summary>
    private void Measure(long bytes, Room room)
    {
        if (++_newcomers > Remembered)
            (_newcomers, _newcomerBytes) = (_newcomers / 2, _newcomerBytes / 2);
        _newcomerBytes += bytes;
        _frequency.MakeFor(Math.Clamp((long)((double)room.Whole * _newcomers / _newcomerBytes), _residents, KeysOfResident * _residents), room.Whole / PartOfSketch);
    }

    /// <param name="missing">Bytes that the victims must have together.</param>
    private bool Admit(ulong hash, long missing, List<Resident> victims)
    {
        var frequency = _frequency.Estimate(hash);
        var first = default(Resident);
        var passed = 0;
        for (var at = _main.First; missing > 0;)
        {
            at = NextVictim(at, ref passed);
            if (at is null)
                break; // larger than the main queue's whole share
            first ??= at;
            frequency -= isDead(at) ? 0 : _frequency.Estimate(at.Hash);
            // Who would push out thousands is not worth the time that others wait for it.
            if (frequency < 0 || victims.Count == MostVictims)
                break;
            victims.Add(at);
            missing -= at.Bytes;
            at = at.Behind;
        }
        if (missing <= 0)
            return true;
        victims.Clear();
        if (first is not null)
            _main.ToTheEnd(first);
        return false;
    }

    private Resident? NextVictim(Resident? at)
    {
        var passed = 0;
        return NextVictim(at, ref passed);
    }

    /// <summary>The hand: clears set bits and sends those residents to the end; who is being read just now is passed like one.</summary>
    private Resident? NextVictim(Resident? at, ref int passed)
    {
        while (at is not null && passed < MostPassed && !isDead(at) && (at.TakeVisit() || at.IsShared))
        {
            var next = at.Behind;
            if (next is null)
                return at; // the only one left
            _main.ToTheEnd(at);
            passed++;
            at = next;
        }
        return at;
    }
}
