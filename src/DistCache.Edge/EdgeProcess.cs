using DistCache.Edge.Admin;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Demo;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using DistCache.Proxy;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge;

/// <summary>
/// One run of the program: read the configuration, start the demo origin (only when there is nothing else to cache), the admin
/// port, the data ports; wait for a signal; drain.
/// </summary>
internal static class EdgeProcess
{
    /// <summary>How long responses in flight may take to finish once the process was told to stop.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(EdgeArguments arguments, TextWriter output, TextWriter error)
    {
        var contentRoot = AppContext.BaseDirectory;
        using var configuration = EdgeConfiguration.Read(arguments, contentRoot, TimeProvider.System);
        var settings = configuration.Settings;
        var node = NodeOptions.Read(settings, Environment.MachineName);
        var memory = MemoryOptions.Read(settings, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var listen = ListenOptions.Read(settings);
        var admin = AdminOptions.Read(settings, listen);
        CertificateOptions.Check(settings, listen, contentRoot);
        if (configuration.Complaints is { Count: > 0 } complaints)
            return Refuse(error, complaints.Select(complaint => complaint.ToString()));

        using var loggers = Logging.Create(configuration.Root);
        var logger = loggers.CreateLogger("DistCache.Edge");
        configuration.BadReload += complaint => Log.BadReload(logger, complaint.ToString());
        var state = new NodeState();
        using var signals = new StopSignals(TimeProvider.System);

        await using var demo = configuration.Root.HasRoutes() ? null : await DemoHost.StartAsync(TimeProvider.System, loggers, contentRoot);
        using var resolved = ResolvedConfiguration.Build(configuration.Root, node, memory, demo?.Url);

        await using var adminHost = AdminHost.Build(admin!, state, resolved.Root, loggers, contentRoot);
        if (await TryStart(adminHost, settings.NameOf(AdminOptions.ListenKey), "--admin", [admin!.Listen]) is { } adminComplaint)
            return Refuse(error, [adminComplaint.ToString()]);

        WebApplication dataHost;
        try
        {
            // Without a configured id not the machine's name: it would stand in every answer.
            var identity = new NodeIdentity(settings[NodeOptions.IdKey]);
            dataHost = DataHost.Build(listen, identity, memory, resolved.Root, loggers, contentRoot);
        }
        catch (Exception e) when (ProxyConfigurationFailure.Explain(e) is { } wrong)
        {
            return Refuse(error, wrong);
        }

        await using (dataHost)
        {
            if (await TryStart(dataHost, settings.NameOf(ListenOptions.Key), "--listen", listen) is { } dataComplaint)
                return Refuse(error, [dataComplaint.ToString()]);

            configuration.Follow();
            state.Phase = NodePhase.Ready;
            new StartMessage(node, memory, dataHost.Bound(listen), adminHost.Bound([admin.Listen])[0], resolved.Root, demo?.Url).Write(output);

            await signals.Stop;
            state.Phase = NodePhase.Draining;
            await Drain(dataHost, logger, signals);
        }

        await adminHost.StopAsync(CancellationToken.None);
        Log.Stopped(logger);
        return ExitCode.Stopped;
    }

    private static async Task<Complaint?> TryStart(WebApplication host, string where, string option, IReadOnlyList<ListenAddress> addresses)
    {
        try
        {
            await host.StartAsync();
            return null;
        }
        catch (Exception e) when (BindFailure.Explain(e, where, option, addresses) is { } complaint)
        {
            return complaint;
        }
    }

    /// <summary>Kestrel stops accepting at once, closes idle connections and waits for the busy ones until the token says enough.</summary>
    private static async Task Drain(WebApplication dataHost, ILogger logger, StopSignals signals)
    {
        Log.Draining(logger, DrainTime.TotalSeconds);
        var start = TimeProvider.System.GetTimestamp();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(signals.StopNow);
        enough.CancelAfter(DrainTime);
        try
        {
            await dataHost.StopAsync(enough.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
        }

        if (enough.IsCancellationRequested)
            Log.DrainCutShort(logger, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
    }

    private static int Refuse(TextWriter error, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            error.WriteLine(line);
        return ExitCode.ToBePutRight;
    }
}
