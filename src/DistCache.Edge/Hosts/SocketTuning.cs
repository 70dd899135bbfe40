using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace DistCache.Edge.Hosts;

/// <summary>
/// Runs socket completions, and with them the request path of the data ports, on the thread that polls the socket (one for each core),
/// without a hop to the thread pool: two context switches less for a request. What blocks there stalls the connections of that thread, so
/// nothing on that path may; fills start on the pool. Outgoing connections to origins complete there too. On unless the environment says
/// <c>DISTCACHE_INLINE_SOCKETS=0</c>; <c>loadtests/hits</c> measures both, also beside slow misses.
/// </summary>
internal static class SocketTuning
{
    private const string Variable = "DISTCACHE_INLINE_SOCKETS";
    private const string PolledVariable = "DISTCACHE_POLL_SOCKETS";
    private const string RuntimeVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Whether the data ports' own loops poll their sockets (<see cref="DistCache.Proxy.Sockets"/>), or .NET's engine does.</summary>
    public static bool IsPolled => IsOn && Environment.GetEnvironmentVariable(PolledVariable) != "0";

    public static bool IsOn => Environment.GetEnvironmentVariable(Variable) != "0";

    /// <summary>Must run before any socket exists: the runtime reads its variable once, with the first one, and says nothing when it is late.</summary>
    public static void Apply()
    {
        if (IsOn && Environment.GetEnvironmentVariable(RuntimeVariable) is null)
            Environment.SetEnvironmentVariable(RuntimeVariable, "1");
    }

    /// <summary>Kestrel's half of it: application code stays on the completing thread only with both. And no read of nothing before each read: it
    /// would keep 4 KiB from an idle connection, at the price of one more system call for every request.</summary>
    public static void Configure(SocketTransportOptions options)
    {
        options.UnsafePreferInlineScheduling = IsOn;
        options.WaitForDataBeforeAllocatingBuffer = !IsOn;
    }
}
