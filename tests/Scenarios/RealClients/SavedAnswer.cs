using DistCache.TestKit;

namespace DistCache.Scenarios.RealClients;

/// <summary>What a client saved of an answer: its head, an empty line, and the body as it was handed on.</summary>
internal sealed class SavedAnswer
{
    public SavedAnswer(byte[] saved)
    {
        var end = saved.AsSpan().IndexOf("\r\n\r\n"u8);
        Head = end < 0 ? "" : Latin1.Text(saved.AsSpan(0, end));
        Body = end < 0 ? saved : saved[(end + 4)..];
    }

    public string Head { get; }

    public byte[] Body { get; }

    public bool IsHit => Head.Split("\r\n").Any(line =>
        line.StartsWith("Cache-Status:", StringComparison.OrdinalIgnoreCase) && line.Contains("; hit", StringComparison.Ordinal));
}
