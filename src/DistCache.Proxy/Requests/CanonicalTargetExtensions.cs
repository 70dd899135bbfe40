using Microsoft.Extensions.DependencyInjection;

namespace DistCache.Proxy.Requests;

/// <summary>Registration of the canonical target in YARP.</summary>
public static class CanonicalTargetExtensions
{
    /// <summary>
    /// Adds <see cref="CanonicalMatchFilter"/> and <see cref="VerbatimTarget"/>. To be called after every other
    /// <c>AddTransforms</c>, since the target is read off last.
    /// </summary>
    public static IReverseProxyBuilder AddCanonicalTarget(this IReverseProxyBuilder builder) =>
        builder.AddConfigFilter<CanonicalMatchFilter>().AddTransforms<VerbatimTarget>();
}
