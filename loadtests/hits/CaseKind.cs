namespace DistCache.LoadTests.Hits;

/// <summary>What becomes of the requests of a case.</summary>
internal enum CaseKind
{
    Hit,

    /// <summary>The origin forbids storing: every request is passed on to it.</summary>
    Pass,

    /// <summary>Every request is for a URL that nobody has asked for, and its answer is stored.</summary>
    Fill,
}
