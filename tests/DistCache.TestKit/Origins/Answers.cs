using System.Globalization;
using System.Text;

namespace DistCache.TestKit;

/// <summary>Whole HTTP/1.1 answers as bytes. They carry no field but the framing and those given: no Date, no Server.</summary>
public static class Answers
{
    /// <summary>200 with Content-Length.</summary>
    public static byte[] Ok(string body, params string[] fieldLines) => WithLength("200 OK", Latin1.Bytes(body), fieldLines);

    /// <inheritdoc cref="Ok(string, string[])"/>
    public static byte[] Ok(byte[] body, params string[] fieldLines) => WithLength("200 OK", body, fieldLines);

    /// <param name="status">Code and reason: <c>404 Not Found</c>.</param>
    /// <param name="body">Bytes of the body.</param>
    /// <param name="fieldLines">As <c>Name: value</c>; written before Content-Length.</param>
    public static byte[] WithLength(string status, byte[] body, params string[] fieldLines) =>
        [.. Head(status, [.. fieldLines, $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}"]), .. body];

    /// <summary>200 with chunks of <paramref name="chunkSize"/> bytes and an empty trailer section.</summary>
    public static byte[] Chunked(byte[] body, int chunkSize, params string[] fieldLines)
    {
        var bytes = new List<byte>(Head("200 OK", [.. fieldLines, "Transfer-Encoding: chunked"]));
        for (var at = 0; at < body.Length; at += chunkSize)
            bytes.AddRange(Chunk(body[at..Math.Min(body.Length, at + chunkSize)]));
        bytes.AddRange("0\r\n\r\n"u8);
        return [.. bytes];
    }

    /// <summary>One chunk with its size line (RFC 9112 §7.1).</summary>
    public static byte[] Chunk(byte[] data) => [.. Latin1.Bytes($"{data.Length:x}\r\n"), .. data, (byte)'\r', (byte)'\n'];

    /// <summary>Status line, the field lines as they are, and the empty line.</summary>
    public static byte[] Head(string status, params string[] fieldLines)
    {
        var text = new StringBuilder($"HTTP/1.1 {status}\r\n");
        foreach (var line in fieldLines)
            text.Append(line).Append("\r\n");
        return Latin1.Bytes(text.Append("\r\n").ToString());
    }
}
