using DistCache.Proxy.Origins;

namespace DistCache.Proxy.Explaining;

/// <summary>Wants no more of an answer than its head.</summary>
internal sealed class HeadSink(CancellationTokenSource enough) : IOriginSink
{
    public OriginHead? Head { get; private set; }

    public void Begin(OriginHead head) => Head = head;

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        await enough.CancelAsync();
        enough.Token.ThrowIfCancellationRequested();
    }
}
