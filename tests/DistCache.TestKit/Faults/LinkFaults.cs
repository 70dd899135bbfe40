namespace DistCache.TestKit;

/// <summary>What one direction of a link does to the bytes that pass. Changed at run time: what is under way keeps the delay that it was given.</summary>
public sealed record LinkFaults
{
    public static LinkFaults None { get; } = new();

    public LinkState State { get; init; }

    /// <summary>One way, for every byte alike: pieces that follow each other do not wait for each other.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Up to so much more, evenly spread; never out of order.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>0: as fast as it goes.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>One bit is turned in so many bytes on average; 0: none.</summary>
    public int FlipOneBitIn { get; init; }

    /// <summary>How likely what one read gave is left out, 0 to 1; the rest goes on with a hole.</summary>
    public double Drop { get; init; }

    public static LinkFaults Delayed(double milliseconds) => new() { Delay = TimeSpan.FromMilliseconds(milliseconds) };
}
