using Microsoft.Extensions.Logging;

namespace DistCache.Edge;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Configuration not taken over: {Complaint}")]
    public static partial void BadReload(ILogger logger, string complaint);

    [LoggerMessage(2, LogLevel.Information, "Draining: no new connections, up to {Seconds} s for responses in flight")]
    public static partial void Draining(ILogger logger, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "Responses still in flight after {Seconds:0.0} s were cut off")]
    public static partial void DrainCutShort(ILogger logger, double seconds);

    [LoggerMessage(4, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);
}
