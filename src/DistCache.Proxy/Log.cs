using Microsoft.Extensions.Logging;

namespace DistCache.Proxy;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The fill of {Target} failed inside the edge; its readers were reset.")]
    public static partial void FillFailed(ILogger log, string target, Exception error);

    [LoggerMessage(3, LogLevel.Error, "GeoIP: {Problem} The last good database stays in force, if there was one.")]
    public static partial void GeoDatabaseKept(ILogger log, string problem);

    [LoggerMessage(4, LogLevel.Information, "GeoIP database taken over: {Path}, {Type} of {BuiltAt:yyyy-MM-dd}")]
    public static partial void GeoDatabaseTaken(ILogger log, string path, string type, DateTimeOffset builtAt);

    [LoggerMessage(5, LogLevel.Warning, "The shield region {Region} gives no answer ({Reason}): misses go to the origin.")]
    public static partial void ShieldLost(ILogger log, string region, string reason);

    [LoggerMessage(6, LogLevel.Information, "The shield region {Region} answers again.")]
    public static partial void ShieldBack(ILogger log, string region);

    [LoggerMessage(7, LogLevel.Warning, "A new connection was closed before it began: {Reason}")]
    public static partial void ConnectionNotBegun(ILogger log, string reason);

    [LoggerMessage(9, LogLevel.Error, "A connection failed inside the edge and was reset.")]
    public static partial void ConnectionFailed(ILogger log, Exception error);

    [LoggerMessage(8, LogLevel.Error, "What waits for the end of a connection failed.")]
    public static partial void ConnectionEndFailed(ILogger log, Exception error);

    [LoggerMessage(2, LogLevel.Information, "Purge {Position} {Id}, {Mode}, by {By}: {Selectors}")]
    public static partial void Purged(ILogger audit, long position, string id, string mode, string by, string selectors);
}
