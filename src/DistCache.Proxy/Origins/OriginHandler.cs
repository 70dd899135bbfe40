using System.Net.Http;

namespace DistCache.Proxy.Origins;

/// <summary>Between YARP and the connections of one cluster: bounds how many there are and how long the first byte may take.</summary>
internal sealed class OriginHandler : HttpMessageHandler
{
    private readonly HttpMessageInvoker _requests;
    private readonly HttpMessageInvoker _upgrades;

    public OriginHandler(SocketsHttpHandler requests, SocketsHttpHandler upgrades, int maxConnections)
    {
        requests.MaxConnectionsPerServer = maxConnections;
        upgrades.MaxConnectionsPerServer = int.MaxValue;
        _requests = new(requests);
        _upgrades = new(upgrades);
    }

    /// <summary>Null: YARP's own time-out is all there is.</summary>
    public required TimeSpan? FirstByte { get; init; }

    public required TimeProvider Time { get; init; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (request.Headers.Upgrade.Count > 0 || request.Method == HttpMethod.Connect)
            return _upgrades.SendAsync(request, cancel);
        // While a body goes up the origin need not say anything; YARP's own time-out sees whether it moves.
        return FirstByte is { } most && request.Content is null ? SendAsync(request, most, cancel) : _requests.SendAsync(request, cancel);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan most, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(most, Time);
        // Its cancellation shows as an OperationCanceledException that the caller did not ask for: to YARP a time-out.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        return await _requests.SendAsync(request, either.Token);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _requests.Dispose();
            _upgrades.Dispose();
        }
        base.Dispose(disposing);
    }
}
