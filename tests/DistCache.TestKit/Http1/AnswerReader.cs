using System.Globalization;

namespace DistCache.TestKit;

/// <summary>A strict reader of HTTP/1 answers: what RFC 9112 does not allow throws, where a body is not cut by it.</summary>
internal sealed class AnswerReader(ByteFeed feed)
{
    /// <summary>The next final head; null when the peer ended before its first byte.</summary>
    public async Task<AnswerHead?> ReadHeadAsync(string method, CancellationToken cancellation)
    {
        var interim = new List<RawAnswer>();
        while (await ReadOneHeadAsync(method, cancellation) is { } head)
        {
            if (head.Status is >= 200 or 101)
                return head with { Interim = interim };
            interim.Add(Answer(head, [], 0, BodyEnd.NoBody, FieldLines.Empty));
        }

        return interim.Count == 0 ? null : throw new WireException($"The peer ended ({feed.End}) after {interim.Count} interim answers.");
    }

    /// <summary>The body of <paramref name="head"/>; bytes go to <paramref name="sink"/> where one is given, else into the answer.</summary>
    public async Task<RawAnswer> ReadBodyAsync(AnswerHead head, Action<ReadOnlyMemory<byte>>? sink, CancellationToken cancellation)
    {
        var kept = new MemoryStream();
        var body = new Body(feed, bytes =>
        {
            if (sink is null)
                kept.Write(bytes.Span);
            else
                sink(bytes);
        });
        var end = await ReadFramedAsync(head, body, cancellation);
        return Answer(head, kept.ToArray(), body.Length, end, body.Trailers);
    }

    private static RawAnswer Answer(AnswerHead head, byte[] body, long length, BodyEnd end, FieldLines trailers) => new()
    {
        Version = head.Version,
        Status = head.Status,
        Reason = head.Reason,
        Fields = head.Fields,
        Head = head.Bytes,
        Interim = head.Interim,
        Body = body,
        BodyLength = length,
        End = end,
        Trailers = trailers,
    };

    /// <summary>RFC 9112 §6.3, in its order.</summary>
    private static async Task<BodyEnd> ReadFramedAsync(AnswerHead head, Body body, CancellationToken cancellation)
    {
        var codings = head.Fields.All("Transfer-Encoding");
        var lengths = head.Fields.All("Content-Length");
        if (codings.Count > 0 && (lengths.Count > 0 || head.Status is < 200 or 204))
            throw new WireException($"Transfer-Encoding where RFC 9112 §6.1 forbids it:\n{head.Fields}");
        if (head.HasNoBody)
            return BodyEnd.NoBody;
        if (codings.Count > 0)
            return codings is [var coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? await body.ReadChunkedAsync(cancellation)
                : throw new WireException($"A transfer coding that is not 'chunked':\n{head.Fields}");
        return lengths switch
        {
            [] => await body.ReadToCloseAsync(cancellation),
            [var length] when IsDigits(length) => await body.ReadLengthAsync(long.Parse(length, CultureInfo.InvariantCulture), cancellation),
            _ => throw new WireException($"A bad Content-Length:\n{head.Fields}"),
        };
    }

    private static bool IsDigits(string text) => text.Length is > 0 and < 19 && text.All(char.IsAsciiDigit);

    private async Task<AnswerHead?> ReadOneHeadAsync(string method, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        if (await ReadHeadLineAsync(bytes, cancellation) is not { } statusLine)
            return feed.Buffered.Length == 0 ? null : throw Cut(bytes);
        var (version, status, reason) = ParseStatusLine(statusLine);
        var lines = new List<FieldLine>();
        while (true)
        {
            var line = await ReadHeadLineAsync(bytes, cancellation) ?? throw Cut(bytes);
            if (line.Length == 0)
                return new AnswerHead(version, status, reason, new FieldLines(lines), bytes.ToArray(), [], method);
            lines.Add(ParseField(line));
        }
    }

    private WireException Cut(MemoryStream bytes) =>
        new($"The peer ended ({feed.End}) within a head: {Latin1.Show(bytes.ToArray())}{Latin1.Show(feed.Buffered.Span)}");

    private async Task<string?> ReadHeadLineAsync(MemoryStream bytes, CancellationToken cancellation)
    {
        if (await feed.ReadLineAsync(cancellation) is not { } line)
            return null;
        bytes.Write(line);
        bytes.Write("\r\n"u8);
        return Latin1.Text(line);
    }

    private static (string Version, int Status, string Reason) ParseStatusLine(string line) =>
        line.Length >= 12 && line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line[7] is '0' or '1' && line[8] == ' '
            && line.AsSpan(9, 3) is var digits && IsDigits(digits.ToString()) && digits[0] != '0' && (line.Length == 12 || line[12] == ' ')
            ? (line[..8], int.Parse(digits, CultureInfo.InvariantCulture), line.Length > 13 ? line[13..] : "")
            : throw new WireException($"A bad status line (RFC 9112 §4): {Latin1.Show(Latin1.Bytes(line))}");

    internal static FieldLine ParseField(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !line.AsSpan(0, colon).ToString().All(IsTokenCharacter))
            throw new WireException($"A bad field line (RFC 9112 §5): {Latin1.Show(Latin1.Bytes(line))}");
        var value = line[(colon + 1)..].Trim(' ', '\t');
        return value.All(character => character is '\t' or >= ' ' and not '\x7F')
            ? new FieldLine(line[..colon], value)
            : throw new WireException($"A control character in a field value (RFC 9110 §5.5): {Latin1.Show(Latin1.Bytes(line))}");
    }

    private static bool IsTokenCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);
}
