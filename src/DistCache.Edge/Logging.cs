using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace DistCache.Edge;

/// <summary>One logger factory for all hosts: one line per event, on stderr, so that stdout is left to the start message.</summary>
internal static class Logging
{
    public static ILoggerFactory Create(IConfiguration configuration) => LoggerFactory.Create(logging => logging
        // The frameworks tell every request at Information; the Logging section may ask for it.
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("System", LogLevel.Warning)
        .AddFilter("Yarp", LogLevel.Warning)

        // A host that cannot start is told in one line by the program, not in forty by the framework.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)

        // While this logger is on at all, hosting starts an Activity and a log scope for every request. The Logging section may turn it on.
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
        .AddConfiguration(configuration.GetSection("Logging"))
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(line =>
        {
            line.SingleLine = true;
            line.ColorBehavior = LoggerColorBehavior.Disabled;
            line.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            line.UseUtcTimestamp = true;
        }));
}
