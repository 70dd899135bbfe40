using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace DistCache.LoadTests.Soak;

/// <summary>One request of the mixture: whole bodies, ranges, conditions, HEAD, passes, purges. Throws when an answer is not right.</summary>
internal sealed class Traffic(Content content, Uri edge) : IDisposable
{
    private static readonly HttpMethod Purge = new("PURGE");

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256, PooledConnectionLifetime = TimeSpan.FromSeconds(30) }) { BaseAddress = edge };
    private long _purges;
    private long _hits;
    private long _lookUps;
    private long _bytes;

    public long Purges => Volatile.Read(ref _purges);

    public long BytesVerified => Volatile.Read(ref _bytes);

    public double HitRatio => (double)_hits / Math.Max(1, _lookUps);

    public async Task RequestAsync()
    {
        var number = (int)(content.Objects * Math.Pow(Random.Shared.NextDouble(), 3)); // the lower, the more wanted
        switch (Random.Shared.Next(100))
        {
            case < 80:
                await GetAsync($"/{Text(number)}", number, isStored: true);
                break;
            case < 86:
                await GetRangeAsync(number);
                break;
            case < 91:
                await ValidateAsync(number);
                break;
            case < 94:
                await HeadAsync(number);
                break;
            case < 98:
                await GetAsync($"/pass/{Text(number)}", number, isStored: false);
                break;
            default:
                await PurgeAsync(number);
                break;
        }
    }

    /// <summary>The hottest object, for the pulse.</summary>
    public Task PulseAsync() => GetAsync("/0", 0, isStored: true);

    public void Dispose() => _client.Dispose();

    private async Task GetAsync(string path, int number, bool isStored)
    {
        var least = content.VersionOf(number);
        if (isStored)
            least = PurgedOf(number);
        using var answer = await SendAsync(new(HttpMethod.Get, path));
        Expect(answer.StatusCode is HttpStatusCode.OK, number, answer);
        var body = await answer.Content.ReadAsByteArrayAsync();
        Content.Check(number, least, body);
        Interlocked.Add(ref _bytes, body.Length);
        if (!isStored)
            return;
        Interlocked.Increment(ref _lookUps);
        if (answer.Headers.TryGetValues("Cache-Status", out var status) && status.Last().Contains("; hit", StringComparison.Ordinal))
            Interlocked.Increment(ref _hits);
    }

    private async Task GetRangeAsync(int number)
    {
        var length = Content.LengthOf(number);
        var from = Random.Shared.Next(length);
        var to = Math.Min(length - 1, from + Random.Shared.Next(64 << 10));
        var least = PurgedOf(number);
        var request = new HttpRequestMessage(HttpMethod.Get, $"/{Text(number)}");
        request.Headers.Range = new RangeHeaderValue(from, to);
        using var answer = await SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode is HttpStatusCode.OK)
        {
            Content.Check(number, least, body); // a Range may be ignored
            return;
        }
        Expect(answer.StatusCode is HttpStatusCode.PartialContent, number, answer);
        var version = VersionOf(answer, number, least);
        if (!body.AsSpan().SequenceEqual(Content.Body(number, version).AsSpan(from..(to + 1))))
            throw new InvalidDataException($"/{number}: wrong bytes in {from}-{to}");
        Interlocked.Add(ref _bytes, body.Length);
    }

    private async Task ValidateAsync(int number)
    {
        var least = PurgedOf(number);
        var request = new HttpRequestMessage(HttpMethod.Get, $"/{Text(number)}");
        request.Headers.IfNoneMatch.Add(new($"\"{number}-{content.VersionOf(number)}\""));
        using var answer = await SendAsync(request);
        Expect(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotModified, number, answer);
        VersionOf(answer, number, least);
        if (answer.StatusCode is HttpStatusCode.OK)
            Content.Check(number, least, await answer.Content.ReadAsByteArrayAsync());
    }

    private async Task HeadAsync(int number)
    {
        var least = PurgedOf(number);
        using var answer = await SendAsync(new(HttpMethod.Head, $"/{Text(number)}"));
        Expect(answer.StatusCode is HttpStatusCode.OK && answer.Content.Headers.ContentLength == Content.LengthOf(number), number, answer);
        VersionOf(answer, number, least);
    }

    /// <summary>Which it is, its tag says. Throws when that is older than <paramref name="least"/>.</summary>
    private static int VersionOf(HttpResponseMessage answer, int number, int least)
    {
        Expect(answer.Headers.ETag is not null, number, answer);
        var version = int.Parse(answer.Headers.ETag!.Tag.Trim('"').Split('-')[1], CultureInfo.InvariantCulture);
        Content.CheckVersion(number, version, least);
        return version;
    }

    private readonly int[] _purged = new int[content.Objects];

    private int PurgedOf(int number) => Volatile.Read(ref _purged[number]);

    // Change, purge, and from the answer on nobody may get what was before.
    private async Task PurgeAsync(int number)
    {
        content.Change(number);
        var version = content.VersionOf(number);
        var request = new HttpRequestMessage(Purge, $"/{Text(number)}");
        using var answer = await SendAsync(request);
        Expect(answer.StatusCode is HttpStatusCode.OK, number, answer);
        for (var seen = PurgedOf(number); seen < version; seen = PurgedOf(number))
            Interlocked.CompareExchange(ref _purged[number], version, seen);
        Interlocked.Increment(ref _purges);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

    private static void Expect(bool isRight, int number, HttpResponseMessage answer)
    {
        if (!isRight)
            throw new InvalidDataException($"{answer.RequestMessage!.Method} /{number}: {(int)answer.StatusCode}, Content-Length {answer.Content.Headers.ContentLength}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
