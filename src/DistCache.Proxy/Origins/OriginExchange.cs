using System.IO.Pipelines;
using DistCache.Proxy.Delivery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Origins;

/// <summary>Takes what an exchange brings. Calls come one after the other.</summary>
internal interface IOriginSink
{
    /// <summary>The head is final: the first byte of the body is here, or the exchange ended well without one.</summary>
    void Begin(OriginHead head);

    /// <summary>May wait: that holds the origin back. Owns nothing of <paramref name="bytes"/> afterwards.</summary>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel);
}

/// <summary>How an exchange ended.</summary>
internal enum ExchangeEnd
{
    /// <summary>The whole answer is here, as its framing says.</summary>
    Well,

    /// <summary>No answer: connection refused, reset, closed without a byte, malformed.</summary>
    Unreachable,

    TimedOut,

    /// <summary>The route's cluster has no healthy destination.</summary>
    NoDestination,

    /// <summary>The head came, the body did not all come.</summary>
    Cut,

    /// <summary>We gave it up.</summary>
    Cancelled,
}

/// <summary>
/// One request to the origin through the route's own YARP endpoint, on a context that no client owns: load balancing, health, transforms
/// and errors are YARP's, and any client may leave.
/// </summary>
/// <remarks>
/// It is its own response, response body and lifetime feature. YARP never announces the head by itself, and clears it when the origin
/// fails before the first byte; so a response transform hands the head in (<see cref="Arrived"/>) and the sink learns of it only with
/// the first byte or at a clean end. YARP never throws: a failure shows as an error feature, as Abort, or as bytes that are missing.
/// </remarks>
internal sealed class OriginExchange : WriteOnlyStream, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IHttpRequestBodyDetectionFeature
{
    private const int UsualFields = 16;

    private readonly IOriginSink _sink;
    private readonly CancellationTokenSource _cancel;
    private OriginHead? _head;
    private bool _begun;
    private bool _aborted;
    private long _received;
    private PipeWriter? _writer;

    public OriginExchange(IOriginSink sink, CancellationTokenSource cancel)
    {
        _sink = sink;
        _cancel = cancel;
        RequestAborted = cancel.Token;
    }

    public async Task<ExchangeEnd> RunAsync(DetachedRequest request, IServiceScopeFactory scopes)
    {
        var context = request.CreateContext(this);
        await using var services = new RequestServicesFeature(context, scopes); // a scope, if a transform or a middleware of the route wants one
        context.Features.Set<IServiceProvidersFeature>(services);
        await request.Endpoint.RequestDelegate!(context);

        if (context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.None } error)
        {
            Error = ProxyStatus.ErrorOf(error.Error, error.Exception);
            return _begun ? ExchangeEnd.Cut : Classify(error.Error);
        }
        if (_aborted)
            return _begun ? ExchangeEnd.Cut : ExchangeEnd.Unreachable;
        // A transform (or a middleware of the route) may have answered by itself; then no head was handed in.
        _head ??= OriginHead.Own(context);
        if (!_begun && _head.ContentLength is > 0 && _head.MayHaveBody)
            return ExchangeEnd.Unreachable;
        Begin();
        return _head.ContentLength is { } length && _received != length && _head.MayHaveBody ? ExchangeEnd.Cut : ExchangeEnd.Well;
    }

    /// <summary>Why there is no whole answer (RFC 9209 §2.3).</summary>
    public string Error { get; private set; } = ProxyStatus.ConnectionTerminated;

    /// <summary>From the last response transform.</summary>
    public void Arrived(OriginHead head) => _head = head;

    private ExchangeEnd Classify(ForwarderError error) => error switch
    {
        ForwarderError.NoAvailableDestinations => ExchangeEnd.NoDestination,
        ForwarderError.RequestTimedOut => ExchangeEnd.TimedOut,
        ForwarderError.RequestCanceled when _cancel.IsCancellationRequested => ExchangeEnd.Cancelled,
        ForwarderError.RequestCanceled => ExchangeEnd.TimedOut,
        _ => ExchangeEnd.Unreachable,
    };

    private void Begin()
    {
        if (_begun)
            return;
        _begun = true;
        HasStarted = true;
        _sink.Begin(_head!);
    }

    // ---- the response body that YARP writes to

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return;
        Begin();
        _received += buffer.Length;
        await _sink.AppendAsync(buffer, cancellationToken);
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // ---- IHttpResponseFeature

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary(UsualFields);

    Stream IHttpResponseFeature.Body { get => this; set => throw new NotSupportedException(); }

    public bool HasStarted { get; private set; }

    public void OnStarting(Func<object, Task> callback, object state)
    {
    }

    public void OnCompleted(Func<object, Task> callback, object state)
    {
    }

    // ---- IHttpResponseBodyFeature

    Stream IHttpResponseBodyFeature.Stream => this;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer ??= PipeWriter.Create(this, new(leaveOpen: true));

    void IHttpResponseBodyFeature.DisableBuffering()
    {
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.CompleteAsync() => Task.CompletedTask;

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    // ---- IHttpRequestLifetimeFeature, IHttpRequestBodyDetectionFeature

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => _aborted = true;

    public bool CanHaveBody => false;
}
