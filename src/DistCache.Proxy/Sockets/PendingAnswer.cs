using System.Buffers;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// An answer that was sent early and of which the socket has not taken all yet: gathered bytes, then a stored body out of its chunks. Only for the loop's thread, but
/// for <see cref="Sent"/>.
/// </summary>
internal sealed class PendingAnswer : IDisposable
{
    /// <summary>As Kestrel bounds slow readers: 5 s, and more for what 240 bytes a second bring away; after each so many bytes again.</summary>
    private const int Stretch = 128 * 1024;

    private readonly byte[] _bytes;
    private readonly int _length;
    private readonly Resident? _owned;
    private readonly ChunkPool _pool;
    private readonly CancellationTokenSource _late;
    private readonly TaskCompletionSource _sent = new();
    private int _from;
    private BodySlice _body;
    private long _next;

    /// <param name="bytes">Copied.</param>
    /// <param name="body">Taken over.</param>
    /// <param name="giveUp">Called when the client takes too little.</param>
    public PendingAnswer(ReadOnlySpan<byte> bytes, BodySlice body, ChunkPool pool, TimeProvider time, Action giveUp)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 1));
        bytes.CopyTo(_bytes);
        (_length, _owned, _body, _pool, _next) = (bytes.Length, body.Resident, body, pool, body.Start + Stretch);
        _late = new(Patience, time);
        _late.Token.UnsafeRegister(static giveUp => ((Action)giveUp!)(), giveUp);
    }

    /// <summary>All of it has been sent, or the connection has ended.</summary>
    public Task Sent => _sent.Task;

    private TimeSpan Patience => TimeSpan.FromSeconds(5 + (Math.Min(_length - _from + _body.Length, Stretch) / 240));

    /// <summary>True: the socket has taken all.</summary>
    public unsafe bool TrySend(PolledConnection connection)
    {
        bool isAll;
        int sent;
        fixed (byte* bytes = _bytes)
            isAll = connection.TrySend(bytes + _from, _length - _from, ref _body, out sent);
        _from += sent;
        if (!isAll && _body.Start >= _next)
        {
            _next = _body.Start + Stretch;
            _late.CancelAfter(Patience);
        }
        return isAll;
    }

    public void Dispose()
    {
        _late.Dispose();
        ArrayPool<byte>.Shared.Return(_bytes);
        try
        {
            _owned?.Release(_pool);
        }
        finally
        {
            _sent.TrySetResult(); // whoever waits must not wait for ever, not even where a check of memory fails
        }
    }
}
