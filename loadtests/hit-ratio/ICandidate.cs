namespace DistCache.LoadTests.HitRatio;

/// <summary>A cache under test.</summary>
internal interface ICandidate
{
    string Name { get; }

    /// <summary>Asks for an object and, when it is missed, stores it. True: a hit.</summary>
    bool Ask(int id);
}
