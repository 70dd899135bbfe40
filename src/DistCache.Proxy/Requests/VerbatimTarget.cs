using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace DistCache.Proxy.Requests;

/// <summary>
/// The last request transform of every route: the origin gets the canonical target byte for byte. YARP alone would escape the
/// path again, and <see cref="Uri"/> would normalise it. To be registered after all other transform providers. A transform that set
/// <c>ProxyRequest.RequestUri</c> itself is left to it.
/// </summary>
public sealed class VerbatimTarget : ITransformProvider
{
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Nothing to validate.</summary>
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    /// <summary>Nothing to validate.</summary>
    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    /// <summary>Adds the transform.</summary>
    public void Apply(TransformBuilderContext context) => context.AddRequestTransform(static request =>
    {
        request.ProxyRequest.RequestUri ??= Build(request.DestinationPrefix, request.Path.Value, request.Query.QueryString.Value);
        return ValueTask.CompletedTask;
    });

    internal static Uri Build(string destinationPrefix, string? path, string? query)
    {
        var prefix = destinationPrefix.AsSpan().TrimEnd('/');
        var target = string.IsNullOrEmpty(path) ? "/" : path;
        if (!PathLiteral.IsWire(target)) // Only what a transform of code made: the gate and the filter write canonical paths.
            target = PathLiteral.Canonicalize(target);
        if (!PathLiteral.IsWire(prefix))
            prefix = PathLiteral.Canonicalize(prefix);
        return new Uri(string.Concat(prefix, target, query), Verbatim);
    }
}
