using System.Globalization;

namespace DistCache.TestKit;

/// <summary>Takes a body off the wire by one of its three framings, and says how it ended.</summary>
internal sealed class Body(ByteFeed feed, Action<ReadOnlyMemory<byte>> sink)
{
    public long Length { get; private set; }

    public FieldLines Trailers { get; private set; } = FieldLines.Empty;

    private BodyEnd Cut => feed.End == ConnectionEnd.Reset ? BodyEnd.Reset : BodyEnd.Short;

    public async Task<BodyEnd> ReadLengthAsync(long length, CancellationToken cancellation) =>
        await CopyAsync(length, cancellation) ? BodyEnd.Length : Cut;

    public async Task<BodyEnd> ReadToCloseAsync(CancellationToken cancellation)
    {
        await CopyAsync(long.MaxValue, cancellation);
        return feed.End == ConnectionEnd.Reset ? BodyEnd.Reset : BodyEnd.Close;
    }

    /// <summary>RFC 9112 §7.1.</summary>
    public async Task<BodyEnd> ReadChunkedAsync(CancellationToken cancellation)
    {
        try
        {
            while (await feed.ReadLineAsync(cancellation) is { } line)
            {
                if (!TryParseSize(Latin1.Text(line), out var size))
                    return BodyEnd.Malformed;
                if (size == 0)
                    return await ReadTrailersAsync(cancellation) ? BodyEnd.LastChunk : Cut;
                if (!await CopyAsync(size, cancellation))
                    return Cut;
                if (await feed.ReadLineAsync(cancellation) is not { } afterData)
                    return Cut;
                if (afterData.Length > 0)
                    return BodyEnd.Malformed;
            }

            return Cut;
        }
        catch (WireException)
        {
            return BodyEnd.Malformed;
        }
    }

    private static bool TryParseSize(string line, out long size)
    {
        var digits = line.Split(';', 2)[0];
        size = 0;
        return digits.Length is > 0 and < 16 && digits.All(char.IsAsciiHexDigit)
            && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out size);
    }

    private async Task<bool> ReadTrailersAsync(CancellationToken cancellation)
    {
        var lines = new List<FieldLine>();
        while (await feed.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                Trailers = new FieldLines(lines);
                return true;
            }

            lines.Add(AnswerReader.ParseField(Latin1.Text(line)));
        }

        return false;
    }

    private async Task<bool> CopyAsync(long count, CancellationToken cancellation)
    {
        for (var left = count; left > 0;)
        {
            var some = await feed.ReadSomeAsync((int)Math.Min(left, 1 << 20), cancellation);
            if (some.IsEmpty)
                return false;
            sink(some);
            Length += some.Length;
            left -= some.Length;
        }

        return true;
    }
}
