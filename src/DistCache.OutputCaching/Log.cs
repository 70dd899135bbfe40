using Microsoft.Extensions.Logging;

namespace DistCache.OutputCaching;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The purge log at {Endpoints} does not answer: pages are rendered, none is kept or served from the cache until it does")]
    public static partial void NotReached(ILogger logger, string endpoints);
}
