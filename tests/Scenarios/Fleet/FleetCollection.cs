using Xunit;

namespace DistCache.Scenarios.Fleet;

/// <summary>Six processes and more at once, and times that are measured: nothing else of this project runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FleetCollection : ICollectionFixture<OneRegion>
{
    public const string Name = "Fleet";
}
