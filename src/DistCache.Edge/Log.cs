using Microsoft.Extensions.Logging;

namespace DistCache.Edge;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "Configuration not taken over, the last good one stays in force: {Complaint}")]
    public static partial void BadReload(ILogger logger, string complaint);

    [LoggerMessage(2, LogLevel.Information, "Draining: no new connections, up to {Seconds} s for responses and fills in flight")]
    public static partial void Draining(ILogger logger, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "Responses or fills still in flight after {Seconds:0.0} s were cut off")]
    public static partial void DrainCutShort(ILogger logger, double seconds);

    [LoggerMessage(4, LogLevel.Information, "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(5, LogLevel.Information, "Configuration taken over: {Routes} routes, {Policies} policies")]
    public static partial void Reloaded(ILogger logger, int routes, int policies);

    [LoggerMessage(6, LogLevel.Warning, "{Section} has changed: that takes effect at the next start")]
    public static partial void WaitsForRestart(ILogger logger, string section);

    [LoggerMessage(7, LogLevel.Error, "The configuration could not be looked at; the last good one stays in force")]
    public static partial void ReloadFailed(ILogger logger, Exception error);

    [LoggerMessage(8, LogLevel.Information, "Certificate taken over: {Certificate}")]
    public static partial void CertificateTaken(ILogger logger, string certificate);

    [LoggerMessage(9, LogLevel.Error, "Certificate not taken over, the last good one stays in force: {Complaint}")]
    public static partial void CertificateKept(ILogger logger, string complaint);

    [LoggerMessage(10, LogLevel.Warning, "{Problem}")]
    public static partial void CertificateDoubtful(ILogger logger, string problem);

    [LoggerMessage(11, LogLevel.Warning, "The purge log at {Redis} is not safe: {Doubt}.")]
    public static partial void PurgeLogDoubtful(ILogger logger, string redis, string doubt);

    [LoggerMessage(12, LogLevel.Warning, "The server of {Setting} {Refusal} in {Setting}.")]
    public static partial void StoreRefuses(ILogger logger, string setting, string refusal);

    [LoggerMessage(13, LogLevel.Warning, "The purge log is not known to have taken {Count} selectors of what writes through this node made invalid: other nodes may serve it until it expires. Purge it there: {Selectors}")]
    public static partial void WritesUntold(ILogger logger, int count, string selectors);

    [LoggerMessage(14, LogLevel.Information, "Node {Node} (run {Run:x16}, region {Region}), silent for {Seconds:0.0} s, is forgotten, by {By}")]
    public static partial void Forgotten(ILogger audit, string node, ulong run, string region, double seconds, string by);

    [LoggerMessage(15, LogLevel.Error, "A look at the purge log failed inside the edge; it is tried again, and the lease ends if that goes on")]
    public static partial void BeatFailed(ILogger logger, Exception error);

    [LoggerMessage(20, LogLevel.Error, "The access log {File} cannot be written: {Why}. Lines are dropped and counted until it can be.")]
    public static partial void AccessLogFailed(ILogger logger, string file, string why);
}
