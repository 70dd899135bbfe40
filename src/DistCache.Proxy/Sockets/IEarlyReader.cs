namespace DistCache.Proxy.Sockets;

/// <summary>
/// May answer what a connection receives before it goes to the application: on the loop's thread, at once, without waiting. While it does, the application's reader
/// waits (<see cref="PolledConnection.LetReadEarly"/>), and nothing that the application wrote is unsent.
/// </summary>
internal interface IEarlyReader
{
    /// <returns>Bytes that have been answered, from the first on; the rest goes to the application.</returns>
    /// <param name="scratch">Empty; the answers are sent out of it, by <see cref="PolledConnection.SendEarly"/>.</param>
    int Read(ReadOnlySpan<byte> received, PollScratch scratch);
}
