namespace DistCache.TestKit;

/// <summary>What an origin does with the requests for one target.</summary>
/// <typeparam name="TScript"><see cref="Script"/> or <see cref="Http2Script"/>.</typeparam>
public sealed class OriginRoute<TScript>
{
    private Func<OriginRequest, TScript>? _answer;
    private int _played;

    /// <summary>Plays the script as soon as the head is there, while the body may still come.</summary>
    public bool IsEarly { get; private set; }

    internal bool HasAnswer => _answer is not null;

    /// <summary>Plays the scripts in turn; the last one stays.</summary>
    public OriginRoute<TScript> Answer(params TScript[] inTurn) =>
        Answer(_ => inTurn[Math.Min(Interlocked.Increment(ref _played), inTurn.Length) - 1]);

    /// <summary>Chooses a script by the request.</summary>
    public OriginRoute<TScript> Answer(Func<OriginRequest, TScript> answer)
    {
        _answer = answer;
        return this;
    }

    /// <summary>See <see cref="IsEarly"/>.</summary>
    public OriginRoute<TScript> Early()
    {
        IsEarly = true;
        return this;
    }

    internal TScript For(OriginRequest request) => _answer!(request);
}
