namespace DistCache.Edge.Configuration;

/// <summary>The route to the built-in demo origin, there for as long as no other route is configured.</summary>
internal static class DemoRoute
{
    public const string Id = "demo";
}
