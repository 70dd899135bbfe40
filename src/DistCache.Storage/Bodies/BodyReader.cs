using System.Buffers;

namespace DistCache.Storage.Bodies;

/// <summary>One reader of a body that may still grow. It owns a reference, and in a window it keeps the bytes from <see cref="Keep"/> on.</summary>
public sealed class BodyReader : IDisposable
{
    private const int Idle = 0;
    private const int Copying = 1;
    private const int Lost = 2;

    private readonly Body _body;
    private long _keep;
    private int _activity;
    private int _disposed;

    internal BodyReader(Body body, long from)
    {
        _body = body;
        _keep = from;
    }

    /// <summary>It fell a whole window behind while others waited: its bytes are gone, so its connection must be reset.</summary>
    public bool IsLost => Volatile.Read(ref _activity) == Lost;

    public BodyState State => IsLost ? BodyState.Failed : _body.State;

    public long Length => _body.Length;

    internal long Keep => Volatile.Read(ref _keep);

    /// <summary>Copies what is at hand from <paramref name="offset"/>, at most <paramref name="most"/> bytes; 0: wait, or see <see cref="State"/>.</summary>
    public int CopyTo(IBufferWriter<byte> output, long offset, int most)
    {
        // Between these two exchanges the writer cannot declare us lost and free the chunk under our hands.
        if (Interlocked.CompareExchange(ref _activity, Copying, Idle) != Idle)
            return 0;
        var copied = 0;
        while (copied < most && _body.At(offset + copied) is { IsEmpty: false } piece)
        {
            if (piece.Length > most - copied)
                piece = piece[..(most - copied)];
            output.Write(piece);
            copied += piece.Length;
        }
        Volatile.Write(ref _activity, Idle);
        return copied;
    }

    /// <summary>Completes when there are bytes at <paramref name="offset"/>, or the body has ended.</summary>
    public Task WaitAsync(long offset, CancellationToken cancel)
    {
        var grown = _body.Grown(offset);
        return grown.IsCompleted || !cancel.CanBeCanceled ? grown : grown.WaitAsync(cancel);
    }

    /// <summary>This reader needs nothing below <paramref name="offset"/> any more.</summary>
    public void Pass(long offset)
    {
        Volatile.Write(ref _keep, offset);
        _body.Advanced();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _body.Remove(this);
    }

    /// <summary>Not while it copies: then the writer asks again after its next wait.</summary>
    internal void TryLose() => Interlocked.CompareExchange(ref _activity, Lost, Idle);
}
