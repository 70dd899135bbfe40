using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DistCache.Proxy.Requests;

/// <summary>What the strict gate needs from Kestrel. The rest of the gate is <see cref="StrictRequest"/>, first in the pipeline.</summary>
public static class StrictKestrel
{
    /// <summary>Largest sum of request fields, in bytes: under the 16 KiB of the strictest common origins, with room for what we add.</summary>
    public const int MaxFieldBytes = 15 * 1024;

    /// <summary>Most request field lines: under the 100 of common origins, with room for what we add.</summary>
    public const int MaxFieldCount = 90;

    private static readonly ContentLengthEncoding ContentLength = new();
    private static readonly ConnectionEncoding Connection = new();
    private static readonly AuthorityEncoding Authority = new();
    private static readonly HostEncoding Host = new();

    /// <summary>
    /// To be called at the top of Main, before a host is built: a bare LF ends no line (RFC 9112 §2.2), and nothing trusts
    /// forwarded headers from everyone.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c> is on: it trusts every peer's X-Forwarded-For.</exception>
    public static void ConfigureProcess()
    {
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        var trustAll = Environment.GetEnvironmentVariable("ASPNETCORE_FORWARDEDHEADERS_ENABLED");
        if (string.Equals(trustAll, "true", StringComparison.OrdinalIgnoreCase) || trustAll == "1")
            throw new InvalidOperationException(
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED makes every peer a trusted proxy; unset it and name the proxies in DistCache:Geo:TrustedProxies.");
    }

    /// <summary>
    /// Limits, encodings and silence about the server's name. Field values are Latin-1 both ways, so that every byte passes
    /// unchanged; four names have encodings of their own (<see cref="FieldEncoding"/>).
    /// </summary>
    public static void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.AllowHostHeaderOverride = false;
        options.AllowAlternateSchemes = false;
        options.RequestHeaderEncodingSelector = Select;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        options.Limits.MaxRequestHeadersTotalSize = MaxFieldBytes;
        options.Limits.MaxRequestHeaderCount = MaxFieldCount;
        options.Limits.MaxRequestLineSize = 8 * 1024;
        options.Limits.MaxRequestBodySize = null; // A body streams to the origin, whose limit it is.
    }

    /// <summary>Gives each connection of an endpoint its own state, and one that speaks HTTP/2 a count of its frames. Needed on every endpoint of the data port, after TLS.</summary>
    public static ListenOptions UseStrictConnection(this ListenOptions options)
    {
        options.Use(next => async connection =>
        {
            FrameGuard.Begin(connection);
            StrictConnection.Begin(); // An async method of its own: the value flows on into the parser, never back to the listener.
            await next(connection);
        });
        return options;
    }

    private static Encoding Select(string name) => name switch
    {
        "Content-Length" => ContentLength,
        "Connection" => Connection,
        ":authority" => Authority,
        "Host" => Host,
        _ => Encoding.Latin1,
    };
}
