// A shop with two kinds of pages. Start it twice, on two ports, with one Redis:
//
//   dotnet run -- --urls http://127.0.0.1:5001 --DistCache:Shared:Redis 127.0.0.1:6379 --DistCache:Node:Id shop-1
//   dotnet run -- --urls http://127.0.0.1:5002 --DistCache:Shared:Redis 127.0.0.1:6379 --DistCache:Node:Id shop-2
//
// A page's key has its host and port, so both are asked by one name, as a balancer or an edge would:
//
//   curl -H 'Host: shop.test' http://127.0.0.1:5001/products/7          rendered by shop-1
//   curl -H 'Host: shop.test' http://127.0.0.1:5002/products/7          the same page, out of the shared tier
//   curl -H 'Host: shop.test' -X POST http://127.0.0.1:5002/products/7/sold
//   curl -H 'Host: shop.test' http://127.0.0.1:5001/products/7          rendered anew: the eviction has reached every instance and every edge
//
// The instances' clocks have to agree: README.md says what comes of it where they do not.
//
// A purge of the fleet by URL, prefix or host reaches pages too, and so does what a write through an edge makes invalid. What is one page for the app
// may have many URLs (the case of the path does not count, nor the order of the query, nor what SetVaryByQuery leaves out), so a purge of a URL takes
// all pages of its path, whatever their case and query; of a page that all hosts share (SetVaryByHost(false)) it is any host's. Tags are exact:
// where one of many queries is meant, evict by tag.
//
// A page is served from the cache once the instance has its lease: the first at once, others within DistCache:PurgeLog:Lease (30s).
using DistCache.OutputCaching;
using Microsoft.AspNetCore.OutputCaching;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDistCacheOutputCache(builder.Configuration);
builder.Services.AddOutputCache(options => options.AddPolicy("product", new TagByProduct()));

var app = builder.Build();
var instance = builder.Configuration["DistCache:Node:Id"] ?? "shop";
var rendered = 0;
app.UseOutputCache();

app.MapGet("/products/{id:int}", (int id) => $"product {id}, rendered by {instance}, number {Interlocked.Increment(ref rendered)}")
    .CacheOutput("product");

app.MapPost("/products/{id:int}/sold", async (int id, IOutputCacheStore store, CancellationToken cancel) =>
{
    // First the data base would be told, then the pages go: when this returns nobody serves the old one any more.
    await store.EvictByTagAsync($"product-{id}", cancel);
    return Results.NoContent();
});

app.Run();

/// <summary>Ten minutes, and a tag for each product.</summary>
internal sealed class TagByProduct : IOutputCachePolicy
{
    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        (context.EnableOutputCaching, context.AllowCacheLookup, context.AllowCacheStorage, context.AllowLocking) = (true, true, true, true);
        context.ResponseExpirationTimeSpan = TimeSpan.FromMinutes(10);
        context.Tags.Add($"product-{context.HttpContext.Request.RouteValues["id"]}");
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;
}
