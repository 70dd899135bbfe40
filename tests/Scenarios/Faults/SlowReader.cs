using DistCache.TestKit;

namespace DistCache.Scenarios.Faults;

/// <summary>A client that takes 1 KB a second, through a receive buffer of the kernel's smallest size.</summary>
internal sealed class SlowReader : IAsyncDisposable
{
    private readonly RawClient _client;
    private readonly CancellationTokenSource _stopping = new();
    private readonly MemoryStream _bytes = new();
    private readonly Task _reading;

    private SlowReader(RawClient client)
    {
        _client = client;
        _reading = ReadAsync();
    }

    public long Read => _bytes.Length;

    public byte[] Bytes => _bytes.ToArray();

    /// <summary>Asks for the target and returns once the head is there.</summary>
    public static async Task<SlowReader> StartAsync(EdgeProcess edge, string target)
    {
        var client = await edge.ConnectAsync(receiveBuffer: 4096);
        await client.SendAsync(Requests.Text("GET", target));
        await client.ReadHeadAsync();
        return new SlowReader(client);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _client.Reset();
        await _client.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task ReadAsync()
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await second.WaitForNextTickAsync(_stopping.Token))
                _bytes.Write(await _client.ReadBytesAsync(1024));
        }
        catch (OperationCanceledException)
        {
            // The scenario is over.
        }
    }
}
