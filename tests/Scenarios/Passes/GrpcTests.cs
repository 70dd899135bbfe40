using Grpc.Core;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>gRPC's own client and server with the edge between them, HTTP/2 on both sides: messages, metadata and status as without it.</summary>
public class GrpcTests(GrpcPair pair) : IClassFixture<GrpcPair>
{
    private static readonly CallOptions InTime = new(deadline: DateTime.UtcNow + TimeSpan.FromMinutes(2));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CallInvoker Calls => pair.Calls;

    [Fact]
    public async Task A_unary_call_brings_its_message_and_its_trailers()
    {
        var text = new string('x', 2_000_000);
        var call = Calls.AsyncUnaryCall(Echo.UnaryMethod, null, InTime, text);
        Assert.Equal(text, await call);
        Assert.Equal((StatusCode.OK, "2000000"), (call.GetStatus().StatusCode, call.GetTrailers().GetValue("length")));
    }

    [Fact]
    public async Task A_status_in_trailers_only_is_the_clients_status()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => Calls.AsyncUnaryCall(Echo.UnaryMethod, null, InTime, "fail").ResponseAsync);
        Assert.Equal((StatusCode.FailedPrecondition, "not now", "because"), (error.StatusCode, error.Status.Detail, error.Trailers.GetValue("why")));
    }

    [Fact]
    public async Task A_servers_stream_has_its_metadata_before_its_first_message_and_each_message_before_the_next()
    {
        var pace = Echo.Paces.GetOrAdd("paced", _ => new SemaphoreSlim(0));
        using var call = Calls.AsyncServerStreamingCall(Echo.CountMethod, null, InTime, "paced");
        Assert.Equal("paced", (await call.ResponseHeadersAsync).GetValue("started"));
        for (var i = 0; i < 20; i++)
        {
            pace.Release();
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            Assert.Equal($"{i}", call.ResponseStream.Current);
        }
    }

    [Fact]
    public async Task A_client_that_cancels_cancels_the_call_at_the_server()
    {
        var cancelled = Echo.Cancelled.GetOrAdd("cancelled", _ => new());
        using (var call = Calls.AsyncServerStreamingCall(Echo.CountMethod, null, InTime, "cancelled"))
            await call.ResponseHeadersAsync;
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task A_clients_stream_arrives_whole()
    {
        using var call = Calls.AsyncClientStreamingCall(Echo.CollectMethod, null, InTime);
        for (var i = 0; i < 50; i++)
            await call.RequestStream.WriteAsync($"{i},", Cancellation);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},")), await call);
    }

    [Fact]
    public async Task Both_sides_talk_in_turn_and_the_status_comes_last()
    {
        using var call = Calls.AsyncDuplexStreamingCall(Echo.TalkMethod, null, InTime);
        for (var i = 0; i < 20; i++)
        {
            await call.RequestStream.WriteAsync($"{i}", Cancellation);
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            Assert.Equal($"{i}", call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));
        Assert.Equal((StatusCode.DataLoss, "after all"), (error.StatusCode, error.Status.Detail));
    }
}
