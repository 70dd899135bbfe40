using System.Buffers;
using DistCache.Storage.Bodies;
using DistCache.Storage.Memory;

namespace DistCache.Proxy.Sockets;

/// <summary>An answer that was sent early and of which the socket has not taken all yet: gathered bytes, then a stored body out of its chunks. Only for the loop's thread.</summary>
internal sealed class PendingAnswer : IDisposable
{
    private readonly byte[] _bytes;
    private readonly int _length;
    private readonly Resident? _body;
    private readonly ChunkPool? _pool;
    private readonly CancellationTokenSource _late;
    private int _sent;
    private long _at;

    /// <param name="bytes">Copied.</param>
    /// <param name="body">Taken over; null: none.</param>
    /// <param name="at">Bytes of it that have been sent.</param>
    /// <param name="patience">After it <paramref name="giveUp"/> is called.</param>
    public PendingAnswer(ReadOnlySpan<byte> bytes, Resident? body, ChunkPool? pool, long at, TimeSpan patience, Action giveUp)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length, 1));
        bytes.CopyTo(_bytes);
        (_length, _body, _pool, _at) = (bytes.Length, body, pool, at);
        _late = new(patience);
        _late.Token.UnsafeRegister(static giveUp => ((Action)giveUp!)(), giveUp);
    }

    /// <summary>True: the socket has taken all.</summary>
    public unsafe bool TrySend(PolledConnection connection)
    {
        fixed (byte* bytes = _bytes)
        {
            var left = bytes + _sent;
            if (!connection.TrySend(left, _length - _sent, _body, ref _at, out var sent))
            {
                _sent += sent;
                return false;
            }
            return true;
        }
    }

    public void Dispose()
    {
        _late.Dispose();
        ArrayPool<byte>.Shared.Return(_bytes);
        _body?.Release(_pool!);
    }
}
