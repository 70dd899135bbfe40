using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace DistCache.Edge.Hosts;

/// <summary>
/// Runs socket completions, and with them the request path, on the thread that polls the socket, without a hop to the thread pool.
/// It saves two context switches per request, and whatever blocks there stalls every connection of that thread: outgoing
/// connections to origins complete there too. Off unless the environment says <c>DISTCACHE_INLINE_SOCKETS=1</c>.
/// </summary>
internal static class SocketTuning
{
    private const string Variable = "DISTCACHE_INLINE_SOCKETS";
    private const string RuntimeVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static bool IsOn => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Must run before any socket exists: the runtime reads its variable once, with the first one, and says nothing when it is late.</summary>
    public static void Apply()
    {
        if (IsOn)
            Environment.SetEnvironmentVariable(RuntimeVariable, "1");
    }

    /// <summary>Kestrel's half of it: application code stays on the completing thread only with both.</summary>
    public static void Configure(SocketTransportOptions options) => options.UnsafePreferInlineScheduling = IsOn;
}
