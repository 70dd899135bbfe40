using System.Globalization;
using System.Runtime.InteropServices;
using DistCache.FleetNetwork;
using DistCache.TestKit;

if (args is not [var links, var portText] || !int.TryParse(portText, CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine("DistCache.FleetNetwork LINKS ORIGIN-PORT    (started by edge-nodes/fleet)");
    return 2;
}

var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

await using var site = DemoSite.Start(port);
var ways = new List<FaultProxy>();
try
{
    foreach (var way in Way.ReadAll(links))
    {
        var link = FaultProxy.Start(way.Target, port: way.Port);
        link.Faults = LinkFaults.Delayed(way.OneWayMilliseconds);
        ways.Add(link);
    }

    Console.WriteLine($"origin on {site.Url}, {ways.Count} ways between regions");
    await stop.Task;
}
finally
{
    foreach (var way in ways)
        await way.DisposeAsync();
}

return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}
