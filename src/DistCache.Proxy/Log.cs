using Microsoft.Extensions.Logging;

namespace DistCache.Proxy;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The fill of {Target} failed inside the edge; its readers were reset.")]
    public static partial void FillFailed(ILogger log, string target, Exception error);

    [LoggerMessage(2, LogLevel.Information, "Purge {Position} {Id}, {Mode}, by {By}: {Selectors}")]
    public static partial void Purged(ILogger audit, long position, string id, string mode, string by, string selectors);
}
