using Xunit;

namespace DistCache.Scenarios.Wire;

/// <summary>The rows share an edge, and follow one another: what reached the origin belongs to one row.</summary>
[CollectionDefinition(Name)]
public sealed class WireCollection : ICollectionFixture<WireEdge>
{
    public const string Name = "Wire";
}
