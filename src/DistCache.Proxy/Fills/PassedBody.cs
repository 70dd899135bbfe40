using DistCache.Proxy.Origins;
using DistCache.Storage.Bodies;

namespace DistCache.Proxy.Fills;

/// <summary>
/// The client's response body, and a copy of what goes through it for as long as there is room. Of a body of known length the last byte
/// waits for <see cref="ReleaseAsync"/>: who has it all may count on a hit next.
/// </summary>
internal sealed class PassedBody(Stream client, Body copy, FillServices services, long mostBytes) : WriteOnlyStream
{
    private long _passed;
    private ReadOnlyMemory<byte> _held;

    public Stream Client => client;

    /// <summary>Bytes copied.</summary>
    public long Kept { get; private set; }

    /// <summary>Bytes of chunks that the copy was allowed, as <see cref="FillServices.TryKeep"/> counts them.</summary>
    public long Reserved { get; private set; }

    /// <summary>Everything so far is in the copy.</summary>
    public bool IsWhole { get; private set; } = true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return;
        _passed += buffer.Length;
        Keep(buffer.Span);
        if (_passed == copy.FullLength)
        {
            _held = buffer[^1..].ToArray();
            buffer = buffer[..^1];
        }
        await client.WriteAsync(buffer, cancellationToken);
    }

    /// <summary>What was held back goes on.</summary>
    public ValueTask ReleaseAsync(CancellationToken cancel) => _held.IsEmpty ? default : client.WriteAsync(_held, cancel);

    public override void Flush() => client.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => client.FlushAsync(cancellationToken);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (!IsWhole || bytes.IsEmpty)
            return;
        var growth = copy.GrowthFor(bytes.Length);
        IsWhole = Kept + bytes.Length <= mostBytes && services.TryKeep(growth);
        if (!IsWhole)
            return;
        Reserved += growth;
        Kept += bytes.Length;
        copy.Append(bytes);
    }
}
