using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using DistCache.Proxy.Delivery;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Telemetry;
using DistCache.Storage.Responses;

namespace DistCache.Proxy.Hits;

/// <summary>A plain request that the whole request path has answered with a plain hit, and the head of that answer as it goes over the wire.</summary>
/// <remarks>
/// <code>
/// HTTP/1.1 200 OK          \
/// Field: value ...          | _head, made once
/// Content-Length: 1024      |
/// Age:                     /  then the age
/// Cache-Status: ... ttl=      _status, then the ttl
/// </code>
/// </remarks>
internal sealed class KnownHit
{
    private const int MostDigits = 20;
    private readonly byte[] _host;
    private readonly byte[] _target;
    private readonly byte[] _head;
    private readonly byte[] _status;

    private KnownHit(ulong hash, string host, string target, byte[] head, byte[] status) =>
        (Hash, _host, _target, _head, _status) = (hash, Encoding.ASCII.GetBytes(host), Encoding.ASCII.GetBytes(target), head, status);

    public ulong Hash { get; }

    public required bool IsHttps { get; init; }

    /// <summary>Of the configuration that it was answered under.</summary>
    public required int Revision { get; init; }

    public required StoredResponse Response { get; init; }

    public required CachePolicy Policy { get; init; }

    public required RouteCounts Counts { get; init; }

    /// <summary>Bytes of memory that it takes, about.</summary>
    public int Footprint => 256 + _host.Length + _target.Length + _head.Length + _status.Length;

    /// <summary>Null: its head is not what could be written as it is.</summary>
    /// <param name="host">As the client sent it.</param>
    /// <param name="target">As the client sent it.</param>
    public static KnownHit? Of(bool isHttps, string host, string target, StoredResponse response, ResponseHead head, CachePolicy policy, RouteCounts counts, int revision)
    {
        if (head.ReasonPhrase is not null || !Ascii.IsValid(host) || !Ascii.IsValid(target) || response.Body.FullLength is not { } length)
            return null;
        var text = new StringBuilder("HTTP/1.1 200 OK\r\n");
        var hasDate = false;
        foreach (var (name, lines) in head.Fields)
        {
            hasDate |= name.Equals("Date", StringComparison.OrdinalIgnoreCase);
            foreach (var line in lines)
                text.Append(name).Append(": ").Append(line).Append("\r\n");
        }
        if (!hasDate)
            return null; // Kestrel makes one for each answer.
        text.Append("Content-Length: ").Append(length).Append("\r\nAge: ");
        var status = new StringBuilder("\r\n");
        foreach (var line in head.CacheStatusWith(new() { Hit = true, Ttl = 0 }))
            status.Append("Cache-Status: ").Append(line).Append("\r\n");
        const string LastTtl = "0\r\n";
        status.Length -= LastTtl.Length;
        return new(HashOf(isHttps, host, target), host, target, Encoding.Latin1.GetBytes(text.ToString()), Encoding.Latin1.GetBytes(status.ToString()))
        {
            IsHttps = isHttps,
            Revision = revision,
            Response = response,
            Policy = policy,
            Counts = counts,
        };
    }

    public bool Answers(ulong hash, bool isHttps, ReadOnlySpan<byte> host, ReadOnlySpan<byte> target) =>
        Hash == hash && IsHttps == isHttps && target.SequenceEqual(_target) && host.SequenceEqual(_host);

    public void WriteHead(PipeWriter output, long age, long ttl)
    {
        var span = output.GetSpan(_head.Length + _status.Length + (2 * MostDigits) + 4);
        _head.CopyTo(span);
        var at = _head.Length;
        Utf8Formatter.TryFormat(age, span[at..], out var digits);
        at += digits;
        _status.CopyTo(span[at..]);
        at += _status.Length;
        Utf8Formatter.TryFormat(ttl, span[at..], out digits);
        at += digits;
        "\r\n\r\n"u8.CopyTo(span[at..]);
        output.Advance(at + 4);
    }

    /// <summary>Out of the table: nobody may hold it longer, for its bytes no longer count.</summary>
    public void Forget()
    {
        var head = (ResponseHead)Response.Prepared!;
        if (head.Known == this)
            head.Known = null;
    }

    private static ulong HashOf(bool isHttps, string host, string target) =>
        KnownHits.HashOf(KnownFields.HashOf(isHttps, Encoding.ASCII.GetBytes(host)), Encoding.ASCII.GetBytes(target));
}
