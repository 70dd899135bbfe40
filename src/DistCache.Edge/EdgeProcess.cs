using DistCache.Edge.AccessLogs;
using DistCache.Edge.Admin;
using DistCache.Edge.Certificates;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Demo;
using DistCache.Edge.Fleet;
using DistCache.Edge.Hosts;
using DistCache.Edge.Node;
using DistCache.Edge.Shared;
using DistCache.Edge.Telemetry;
using DistCache.Proxy;
using DistCache.Proxy.Configuration;
using DistCache.Proxy.Explaining;
using DistCache.Proxy.Geo;
using DistCache.Proxy.Purging;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge;

/// <summary>
/// One run of the program: read the configuration, start the demo origin (only when there is nothing else to cache), the admin
/// port, the data ports; wait for a signal; drain.
/// </summary>
internal static class EdgeProcess
{
    private const int NamedInLog = 20;
    private static readonly TimeSpan FillsAskedEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ShortestLastWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLastWord = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(EdgeArguments arguments, TextWriter output, TextWriter error)
    {
        var contentRoot = AppContext.BaseDirectory;
        var sources = new ConfigurationSources(arguments, contentRoot);
        var files = sources.ReadFiles();
        var configuration = sources.Read(files);
        var settings = configuration.Settings;
        var start = StartOptions.Read(configuration);
        if (configuration.Complaints is { Count: > 0 } complaints)
            return Refuse(error, complaints.Select(complaint => configuration.WithFile(complaint.ToString())));
        if (UnknownKeys.Of(configuration.Merged).ToArray() is { Length: > 0 } unknown)
            return Refuse(error, unknown.Select(configuration.WithFile));
        var (node, memory, _, admin, _) = start;
        var listen = start.Listen;

        var resolved = ResolvedConfiguration.Build(configuration.Root, node, memory, demoOrigin: null);
        using var loggers = Logging.Create(resolved.Root);
        var logger = loggers.CreateLogger("DistCache.Edge");
        await using var certificates = new CertificateStore(contentRoot, logger, TimeProvider.System);
        certificates.Take(certificates.Prepare(start.Endpoints, settings));
        if (settings.Complaints is { Count: > 0 } unusable)
            return Refuse(error, unusable.Select(complaint => configuration.WithFile(complaint.ToString())));
        foreach (var problem in certificates.Problems)
            Log.CertificateDoubtful(logger, problem);
        var health = new ConfigurationHealth(TimeProvider.System);
        var state = new NodeState { Configuration = health, Certificates = certificates, NodeId = node.Id, Region = node.Region };
        using var exporters = new Exporters(node.Id, node.Region, StartMessage.Version);
        using var nodeMeter = new NodeMeter(state, node.Id, node.Region, StartMessage.Version);
        await using var accessLog = OpenAccessLog(start.AccessLog, logger, out var unwritable);
        if (unwritable is not null)
            return Refuse(error, [configuration.WithFile($"{unwritable}")]);
        using var signals = new StopSignals(TimeProvider.System);
        using var service = new SystemdService(TimeProvider.System);

        await using var shared = start.Shared is { } options ? await SharedTierHost.OpenAsync(options, node.Id, logger) : null;
        state.Shared = shared;
        await using var fleet = await OpenFleetAsync(start, error, configuration, logger);
        if (fleet is null)
            return ExitCode.ToBePutRight;
        state.Fleet = fleet;
        await fleet.StartAsync(logger); // what was purged is known before the first request, if the log answers
        await using var demo = resolved.Root.HasRoutes() ? null : await DemoHost.StartAsync(TimeProvider.System, loggers, contentRoot);
        if (demo is not null)
            resolved.OfferDemo(demo.Url, configuration.Root);

        await using var adminHost = AdminHost.Build(admin!, state, resolved.Root, loggers, contentRoot);
        adminHost.MapMetrics(exporters);
        if (await TryStart(adminHost, settings.NameOf(AdminOptions.ListenKey), "--admin", [admin!.Listen]) is { } adminComplaint)
            return Refuse(error, [adminComplaint.ToString()]);

        WebApplication dataHost;
        try
        {
            // Without a configured id not the machine's name: it would stand in every answer.
            var identity = new NodeIdentity(settings[NodeOptions.IdKey]);
            dataHost = DataHost.Build(start.Endpoints, certificates, identity, memory, resolved.Root, loggers, contentRoot, accessLog, shared, fleet);
        }
        catch (Exception e) when (ProxyConfigurationFailure.Explain(e) is { } wrong)
        {
            return Refuse(error, wrong.Select(configuration.WithFile));
        }

        await using (dataHost)
        {
            if (await TryStart(dataHost, settings.NameOf(ListenOptions.Key), "--listen", listen) is { } dataComplaint)
                return Refuse(error, [dataComplaint.ToString()]);

            var proxy = dataHost.Services.GetRequiredService<ProxyConfiguration>();
            await using var reload = new ConfigurationReload(sources, files, resolved, start, certificates, proxy, dataHost.Services, health, logger, TimeProvider.System);
            reload.Follow();
            certificates.Follow();
            using var hangUp = new ReloadSignal(reload, accessLog, service);
            state.Purges = dataHost.Services.GetRequiredService<Purges>();
            state.Geo = dataHost.Services.GetRequiredService<ClientPlaces>();
            state.Explainer = dataHost.Services.GetRequiredService<IExplainer>();
            state.Phase = NodePhase.Ready;
            service.Ready();
            var message = new StartMessage(node, memory, dataHost.Bound(listen), adminHost.Bound([admin.Listen])[0], proxy.Current, resolved.Root, Http3.Note(start.Endpoints), demo?.Url)
            {
                Shared = shared, Fleet = fleet,
            };
            if (arguments.Json)
                message.WriteJson(output);
            else
                message.Write(output);

            await signals.Stop;
            state.Phase = NodePhase.Draining;
            service.Stopping();
            var drainFrom = TimeProvider.System.GetTimestamp();
            await Drain(dataHost, dataHost.Services.GetRequiredService<EdgeMeter>(), node.DrainTime, logger, signals);
            await TellOfWrites(dataHost.Services.GetRequiredService<WriteQueue>(), node.DrainTime - TimeProvider.System.GetElapsedTime(drainFrom), logger, signals);
            await fleet.Node.StopAsync(); // no purge waits for it from now on
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
    private static async Task Drain(WebApplication dataHost, EdgeMeter fills, TimeSpan within, ILogger logger, StopSignals signals)
    {
        Log.Draining(logger, within.TotalSeconds);
        var start = TimeProvider.System.GetTimestamp();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(signals.StopNow);
        enough.CancelAfter(within);
        try
        {
            await dataHost.StopAsync(enough.Token);

            // Nobody waits for them any more, but the next start of a fleet may: what they fetch goes to the shared tier.
            while (fills.FillsInFlight > 0)
                await Task.Delay(FillsAskedEvery, enough.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
        }

        if (enough.IsCancellationRequested)
            Log.DrainCutShort(logger, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>What writes through this node have made invalid goes to the log before it leaves: else the other nodes serve it on until it expires.</summary>
    /// <param name="within">What is left to drain: a moment there is always, and a log that is away is not waited for longer than its own short losses last.</param>
    private static async Task TellOfWrites(WriteQueue writes, TimeSpan within, ILogger logger, StopSignals signals)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(signals.StopNow);
        enough.CancelAfter(within < ShortestLastWord ? ShortestLastWord : within > LongestLastWord ? LongestLastWord : within);
        var untold = await writes.FlushAsync(enough.Token);
        if (untold.Count > 0)
            Log.WritesUntold(logger, untold.Count, string.Join(' ', untold.Take(NamedInLog).Select(PurgeReceipt.LogText)));
    }

    private static async Task<FleetHost?> OpenFleetAsync(StartOptions start, TextWriter error, EdgeConfiguration configuration, ILogger logger)
    {
        try
        {
            return await FleetHost.OpenAsync(start.PurgeLog, start.Node, logger, TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Refuse(error, [configuration.WithFile($"{new Complaint(PurgeLogOptions.FileKey, e.Message.TrimEnd('.'), "Give this process a file that it alone may read and write")}")]);
            return null;
        }
    }

    private static AccessLog? OpenAccessLog(AccessLogOptions? options, ILogger logger, out Complaint? complaint)
    {
        complaint = null;
        if (options is null)
            return null;
        try
        {
            return new AccessLog(options, new LogFile(options.File, TimeProvider.System, logger), TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            complaint = new($"{AccessLogOptions.Section}:File", $"'{options.File}' cannot be written: {e.Message.TrimEnd('.')}", "Give the process the right to write it, or choose another file");
            return null;
        }
    }

    private static int Refuse(TextWriter error, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            error.WriteLine(line);
        return ExitCode.ToBePutRight;
    }
}
