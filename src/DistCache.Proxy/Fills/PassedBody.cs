using DistCache.Storage.Bodies;

namespace DistCache.Proxy.Fills;

/// <summary>The client's response body, and a copy of what goes through it for as long as there is room.</summary>
internal sealed class PassedBody(Stream client, Body copy, FillServices services) : Stream
{
    public Stream Client => client;

    /// <summary>Bytes copied.</summary>
    public long Kept { get; private set; }

    /// <summary>Everything so far is in the copy.</summary>
    public bool IsWhole { get; private set; } = true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await client.WriteAsync(buffer, cancellationToken);
        Keep(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write to a client asynchronously.");

    public override void Flush() => client.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => client.FlushAsync(cancellationToken);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (!IsWhole || bytes.IsEmpty)
            return;
        IsWhole = Kept + bytes.Length <= services.Limits.MaxObjectSize && services.TryKeep(bytes.Length);
        if (!IsWhole)
            return;
        Kept += bytes.Length;
        copy.Append(bytes);
    }
}
