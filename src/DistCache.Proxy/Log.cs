using Microsoft.Extensions.Logging;

namespace DistCache.Proxy;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The fill of {Target} failed inside the edge; its readers were reset.")]
    public static partial void FillFailed(ILogger log, string target, Exception error);
}
