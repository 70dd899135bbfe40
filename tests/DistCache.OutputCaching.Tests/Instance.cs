using DistCache.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DistCache.OutputCaching.Tests;

/// <summary>One instance of an app: <c>/page/NAME</c> with the tag <c>NAME</c>, and <c>/any-host/NAME</c>, rendered by a function that the test may hold up.</summary>
internal sealed class Instance : IAsyncDisposable
{
    /// <summary>A page's key has its host: behind a balancer it is one for all instances.</summary>
    public const string Host = "shop.test";

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private int _arrived;
    private int _rendered;

    private Instance(string id, string redis, TimeSpan lease)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDistCacheOutputCache(options => (options.Redis, options.NodeId, options.Lease, options.EvictionTimeout) = (redis, id, lease, TimeSpan.FromSeconds(20)));
        _app = builder.Build();
        _app.Use(next => context =>
        {
            Interlocked.Increment(ref _arrived);
            return next(context);
        });
        _app.UseOutputCache();
        _app.MapGet("/page/{name}", RenderAsync).CacheOutput(policy => policy.Expire(TimeSpan.FromMinutes(5)).SetVaryByQuery("*").AddPolicy<TagByName>());
        _app.MapGet("/any-host/{name}", RenderAsync).CacheOutput(policy => policy.Expire(TimeSpan.FromMinutes(5)).SetVaryByQuery("x").SetVaryByHost(false));
        _http = new HttpClient();

        async Task<string> RenderAsync(string name)
        {
            var number = Interlocked.Increment(ref _rendered);
            var text = $"{name} by {id} #{number}";
            await Rendering(name); // what was read before is what the page shows
            return text;
        }
    }

    /// <summary>Awaited in the middle of each rendering.</summary>
    public Func<string, Task> Rendering { get; set; } = _ => Task.CompletedTask;

    /// <summary>Requests that have reached the output cache.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    public int Rendered => Volatile.Read(ref _rendered);

    public IOutputCacheStore Store => _app.Services.GetRequiredService<IOutputCacheStore>();

    public OutputCacheNode Node => _app.Services.GetRequiredService<OutputCacheNode>();

    public static async Task<Instance> StartAsync(string id, string redis, TimeSpan? lease = null)
    {
        var instance = new Instance(id, redis, lease ?? TimeSpan.FromSeconds(1));
        await instance._app.StartAsync();
        instance._http.BaseAddress = new Uri(instance._app.Urls.Single());
        return instance;
    }

    /// <summary>Until it may serve what it keeps.</summary>
    public async Task<Instance> WithLeaseAsync()
    {
        await Eventually.TrueAsync(() => Node.HoldsLease);
        return this;
    }

    public async Task<string> GetAsync(string pathAndQuery, string host = Host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(pathAndQuery, UriKind.Relative));
        request.Headers.Host = host;
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public Task EvictAsync(string tag) => Store.EvictByTagAsync(tag, TestContext.Current.CancellationToken).AsTask();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync(); // in order: disposing alone tells nobody
        await _app.DisposeAsync();
    }

    private sealed class TagByName : IOutputCachePolicy
    {
        public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
        {
            context.Tags.Add((string)context.HttpContext.Request.RouteValues["name"]!);
            return ValueTask.CompletedTask;
        }

        public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
