using Xunit;

namespace DistCache.Scenarios;

/// <summary>Scenarios that measure time or memory: nothing else of this project runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
