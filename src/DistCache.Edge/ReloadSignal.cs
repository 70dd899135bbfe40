using System.Runtime.InteropServices;
using DistCache.Edge.AccessLogs;
using DistCache.Edge.Configuration;

namespace DistCache.Edge;

/// <summary>SIGHUP: the configuration is read anew at once, and the access log is opened anew by its name.</summary>
internal sealed class ReloadSignal(ConfigurationReload reload, AccessLog? accessLog, SystemdService service) : IDisposable
{
    private readonly PosixSignalRegistration _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        // Without this the runtime would end the process.
        context.Cancel = true;
        accessLog?.Reopen();
        _ = ReloadAsync(reload, service);
    });

    public void Dispose() => _registration.Dispose();

    private static async Task ReloadAsync(ConfigurationReload reload, SystemdService service)
    {
        service.Reloading();
        try
        {
            await reload.ReloadAsync();
        }
        finally
        {
            service.Ready();
        }
    }
}
