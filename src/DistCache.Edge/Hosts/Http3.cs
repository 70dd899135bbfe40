using System.Net.Quic;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DistCache.Edge.Hosts;

/// <summary>What the start message says of HTTP/3.</summary>
internal static class Http3
{
    /// <summary>Null where no endpoint asks for it. It is not offered yet: the strict gate has not been tried on QUIC connections.</summary>
    public static string? Note(IEnumerable<DataEndpoint> endpoints) =>
        !endpoints.Any(endpoint => endpoint.Protocols.HasFlag(HttpProtocols.Http3)) ? null
        : IsSupported ? "not offered: the strict request checks cover HTTP/1.1 and HTTP/2 only"
        : "not offered: this platform has no QUIC (libmsquic)";

    private static bool IsSupported => (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) && QuicListener.IsSupported;
}
