using Xunit;

namespace DistCache.Scenarios.Purges;

/// <summary>The purge scenarios share an edge, and follow one another: a purge of everything is everybody's.</summary>
[CollectionDefinition(Name)]
public sealed class PurgeCollection : ICollectionFixture<PurgeEdge>
{
    public const string Name = "Purges";
}
