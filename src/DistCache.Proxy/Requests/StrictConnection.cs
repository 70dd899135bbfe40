using System.Text;

namespace DistCache.Proxy.Requests;

/// <summary>
/// What one connection said that Kestrel does not hand on: the names that Connection nominates (Kestrel collapses
/// <c>close, X-Foo</c> to <c>close</c>), and the authorities of an HTTP/2 connection. It flows with the connection's own
/// execution context, in which Kestrel parses; on HTTP/1.1 the application runs in it too.
/// </summary>
internal sealed class StrictConnection
{
    private const int MaxAuthorities = 64;
    private const int MaxNominations = 64 * 1024;
    private static readonly AsyncLocal<StrictConnection?> Ambient = new();

    private readonly HashSet<string> authorities = new(StringComparer.OrdinalIgnoreCase);
    private string? nominations;

    /// <summary>The state of the connection whose parse flow this is.</summary>
    public static StrictConnection? Current => Ambient.Value;

    /// <summary>Begins a connection; the value leaves with the caller's flow.</summary>
    public static void Begin() => Ambient.Value = new StrictConnection();

    /// <summary>The lines of Connection since the last call, joined by commas; null when none named anything.</summary>
    public string? TakeNominations()
    {
        var lines = nominations;
        nominations = null;
        return lines;
    }

    /// <summary>Remembers one line of Connection. Without connection state the line cannot be honoured, so the request is refused.</summary>
    public static void Nominate(ReadOnlySpan<char> line)
    {
        if (Current is not { } connection || connection.nominations?.Length > MaxNominations)
            throw new DecoderFallbackException("Connection names fields that cannot be removed.");
        connection.nominations = connection.nominations is null ? line.ToString() : string.Concat(connection.nominations, ",", line);
    }

    /// <summary>Remembers an <c>:authority</c>. Past the bound nothing is compared any more, which is safe: <c>:authority</c> wins.</summary>
    public static void AddAuthority(ReadOnlySpan<char> authority)
    {
        if (Current is { authorities: { Count: <= MaxAuthorities } known })
            known.GetAlternateLookup<ReadOnlySpan<char>>().Add(authority);
    }

    /// <summary>
    /// RFC 9113 §8.3.1: a Host that differs from <c>:authority</c> is malformed. Kestrel lets <c>:authority</c> overwrite Host
    /// and tells nobody which stream it was, so this compares with every authority that the connection has used: a Host that
    /// none of them named ends the connection. One that another stream named is overwritten and harms nobody.
    /// A connection that never sent an authority may use Host alone.
    /// </summary>
    public static void CheckHost(ReadOnlySpan<char> host)
    {
        if (Current is { authorities: { Count: > 0 and <= MaxAuthorities } known }
            && !known.GetAlternateLookup<ReadOnlySpan<char>>().Contains(host))
            throw new DecoderFallbackException("Host differs from :authority.");
    }
}
