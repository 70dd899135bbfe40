using Microsoft.Extensions.Logging;

namespace DistCache.OutputCaching;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The purge log at {Endpoints} does not answer: pages are rendered, none is kept or served from the cache until it does")]
    public static partial void NotReached(ILogger logger, string endpoints);

    [LoggerMessage(2, LogLevel.Error, "A look at the purge log failed inside the cache; it is tried again, and the lease ends if that goes on")]
    public static partial void BeatFailed(ILogger logger, Exception error);
}
