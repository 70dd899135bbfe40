namespace DistCache.Storage.Memory;

/// <summary>How the capacity is shared out among residents: a fifth is the window's, the rest is the main queue's.</summary>
/// <param name="Window">Bytes.</param>
/// <param name="Main">Bytes.</param>
internal readonly record struct Room(long Window, long Main)
{
    private const int ShareOfWindow = 5;
    private const int LeastShareOfWindow = 20;

    public long Whole => Window + Main;

    /// <param name="others">
    /// Bytes of what is no resident: fills under way, and what readers hold. They are newcomers or were residents, so the window bears them
    /// as long as something is left of it.
    /// </param>
    public static Room Of(long capacity, long others)
    {
        var whole = Math.Max(0, capacity - others);
        var window = Math.Max((capacity / ShareOfWindow) - others, whole / LeastShareOfWindow);
        return new(window, whole - window);
    }
}
