namespace DistCache.Edge.Configuration;

/// <summary>At first load YARP throws on a configuration that it cannot use, with every error inside.</summary>
internal static class ProxyConfigurationFailure
{
    /// <returns>null when the exception is about something else.</returns>
    public static IReadOnlyList<Complaint>? Explain(Exception exception)
    {
        // "Unable to load or apply the proxy configuration." wraps what YARP's validators said.
        if (exception is not InvalidOperationException { InnerException: { } inner })
            return null;
        var errors = inner is AggregateException several ? several.Flatten().InnerExceptions : (IReadOnlyList<Exception>)[inner];
        return [.. errors.Select(error => new Complaint("ReverseProxy", error.Message.TrimEnd('.'), "Correct it in the configuration"))];
    }
}
