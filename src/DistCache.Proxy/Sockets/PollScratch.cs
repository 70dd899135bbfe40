using System.Buffers;
using System.Runtime.InteropServices;

namespace DistCache.Proxy.Sockets;

/// <summary>
/// What a <see cref="PollLoop"/> receives into, and what answers are gathered in until they are sent: one for each loop, so a connection that waits holds none of
/// it, and the next one finds it in the core's cache. Only for the loop's thread.
/// </summary>
internal sealed unsafe class PollScratch : IBufferWriter<byte>
{
    /// <summary>Bytes received at once.</summary>
    public const int MostReceived = 16 * 1024;

    /// <summary>Bytes gathered at once, by whoever keeps to it; more is made room for.</summary>
    public const int EnoughToSend = 64 * 1024;

    private byte[] _toSend = NewBuffer(2 * EnoughToSend);

    public byte* Received { get; } = (byte*)NativeMemory.Alloc(MostReceived);

    /// <summary>Bytes gathered.</summary>
    public int Length { get; private set; }

    /// <summary>They do not move: the buffer is pinned.</summary>
    public byte* ToSend => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_toSend, 0);

    public void Clear()
    {
        Length = 0;
        if (_toSend.Length > 2 * EnoughToSend)
            _toSend = NewBuffer(2 * EnoughToSend);
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _toSend.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _toSend.AsSpan(Length);
    }

    private void MakeRoom(int size)
    {
        if (_toSend.Length - Length >= Math.Max(size, 1))
            return;
        var larger = NewBuffer(Math.Max(2 * _toSend.Length, Length + size));
        _toSend.AsSpan(0, Length).CopyTo(larger);
        _toSend = larger;
    }

    private static byte[] NewBuffer(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
