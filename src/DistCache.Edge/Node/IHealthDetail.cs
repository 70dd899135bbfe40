namespace DistCache.Edge.Node;

/// <summary>Something whose trouble the node survives and an operator should know of. Read by any thread.</summary>
internal interface IHealthDetail
{
    /// <summary>As it is told: <c>configuration</c>, <c>certificates</c>.</summary>
    string Name { get; }

    /// <summary>What is wrong now, a line each with its remedy; empty is green, anything else yellow.</summary>
    IReadOnlyList<string> Problems { get; }
}
