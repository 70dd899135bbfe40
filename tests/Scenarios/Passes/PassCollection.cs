using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>The pass scenarios share one edge; each has an origin of its own.</summary>
[CollectionDefinition(Name)]
public sealed class PassCollection : ICollectionFixture<PassEdge>
{
    public const string Name = "Passes";
}
