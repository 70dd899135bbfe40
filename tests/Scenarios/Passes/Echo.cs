using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;

namespace DistCache.Scenarios.Passes;

/// <summary>A gRPC service whose messages are texts, bound by hand; the server finds only virtual methods.</summary>
[BindServiceMethod(typeof(Echo), nameof(Bind))]
public class Echo
{
    /// <summary>Where a server's stream stands before each message, until the test lets it go on.</summary>
    public static readonly ConcurrentDictionary<string, SemaphoreSlim> Paces = new();

    /// <summary>Completes when a call was cancelled.</summary>
    public static readonly ConcurrentDictionary<string, TaskCompletionSource> Cancelled = new();

    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static readonly Method<string, string> UnaryMethod = new(MethodType.Unary, "test.Echo", nameof(Unary), Text, Text);
    public static readonly Method<string, string> CountMethod = new(MethodType.ServerStreaming, "test.Echo", nameof(Count), Text, Text);
    public static readonly Method<string, string> CollectMethod = new(MethodType.ClientStreaming, "test.Echo", nameof(Collect), Text, Text);
    public static readonly Method<string, string> TalkMethod = new(MethodType.DuplexStreaming, "test.Echo", nameof(Talk), Text, Text);

    public static void Bind(ServiceBinderBase binder, Echo? service)
    {
        binder.AddMethod(UnaryMethod, service is null ? null : new UnaryServerMethod<string, string>(service.Unary));
        binder.AddMethod(CountMethod, service is null ? null : new ServerStreamingServerMethod<string, string>(service.Count));
        binder.AddMethod(CollectMethod, service is null ? null : new ClientStreamingServerMethod<string, string>(service.Collect));
        binder.AddMethod(TalkMethod, service is null ? null : new DuplexStreamingServerMethod<string, string>(service.Talk));
    }

    /// <summary>The text again; "fail" fails before any message: the status then comes in trailers only.</summary>
    public virtual Task<string> Unary(string text, ServerCallContext context)
    {
        if (text == "fail")
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "not now"), new Metadata { { "why", "because" } });
        context.ResponseTrailers.Add("length", $"{text.Length}");
        return Task.FromResult(text);
    }

    /// <summary>0, 1, 2 ... at the test's pace, for ever.</summary>
    public virtual async Task Count(string name, IServerStreamWriter<string> answers, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "started", name } });
        using var left = context.CancellationToken.Register(() => Cancelled.GetOrAdd(name, _ => new()).TrySetResult());
        for (var i = 0; ; i++)
        {
            await Paces.GetOrAdd(name, _ => new SemaphoreSlim(0)).WaitAsync(context.CancellationToken);
            await answers.WriteAsync($"{i}", context.CancellationToken);
        }
    }

    public virtual async Task<string> Collect(IAsyncStreamReader<string> texts, ServerCallContext context)
    {
        var all = new StringBuilder();
        await foreach (var text in texts.ReadAllAsync(context.CancellationToken))
            all.Append(text);
        return all.ToString();
    }

    /// <summary>Each text again, then a status of its own.</summary>
    public virtual async Task Talk(IAsyncStreamReader<string> texts, IServerStreamWriter<string> answers, ServerCallContext context)
    {
        await foreach (var text in texts.ReadAllAsync(context.CancellationToken))
            await answers.WriteAsync(text, context.CancellationToken);
        throw new RpcException(new Status(StatusCode.DataLoss, "after all"));
    }
}
