namespace DistCache.Edge.Configuration;

/// <summary>At first load policies and YARP throw on a configuration that they cannot use, with every error inside.</summary>
internal static class ProxyConfigurationFailure
{
    /// <summary>One line for each error. Those that begin with their key already stand as they are.</summary>
    /// <returns>null when the exception is about something else.</returns>
    public static IReadOnlyList<string>? Explain(Exception exception)
    {
        if (exception is not InvalidOperationException)
            return null;

        // "Unable to load or apply the proxy configuration." wraps what the validators and filters said.
        var lines = Errors(exception.InnerException ?? exception).SelectMany(Lines).Distinct().ToArray();
        return exception.InnerException is null && !lines.All(NamesItsKey)
            ? null
            : [.. lines.Select(line => NamesItsKey(line) ? line : new Complaint("ReverseProxy", line.TrimEnd('.'), "Correct it in the configuration").ToString())];
    }

    private static IEnumerable<Exception> Errors(Exception exception) =>
        exception is AggregateException several ? several.Flatten().InnerExceptions : [exception];

    /// <summary>An error of ours inside YARP's general one says more; YARP's own say more than what the framework threw inside them.</summary>
    private static string[] Lines(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (NamesItsKey(inner.Message))
                return Split(inner.Message);
        }

        return Split(error.Message);

        static string[] Split(string message) => message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool NamesItsKey(string line) =>
        line.StartsWith("DistCache:", StringComparison.Ordinal) || line.StartsWith("ReverseProxy:", StringComparison.Ordinal);
}
