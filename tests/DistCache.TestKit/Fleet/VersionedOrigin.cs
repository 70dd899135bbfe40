using System.Globalization;

namespace DistCache.TestKit;

/// <summary>
/// An origin whose pages have versions 1, 2, 3, …: <c>/k/0</c>, <c>/k/1</c> and so on, each with a strong ETag, the tags <c>k-N</c> and
/// <c>all</c>, and ten minutes to live, another ten stale. What it answers is the version at the moment when the request has come.
/// </summary>
public sealed class VersionedOrigin : IAsyncDisposable
{
    private readonly ScriptOrigin _origin;
    private readonly long[] _versions;
    private long _fetches;
    private long _validations;

    private VersionedOrigin(int keys, bool logs)
    {
        _versions = new long[keys];
        Array.Fill(_versions, 1);
        _origin = ScriptOrigin.Start();
        _origin.Log.Keeps = logs;
        _origin.Others.Answer(Answer);
    }

    public int Port => _origin.Port;

    public int Keys => _versions.Length;

    /// <summary>Whole pages that it has sent.</summary>
    public long Fetches => Interlocked.Read(ref _fetches);

    /// <summary>304s that it has sent.</summary>
    public long Validations => Interlocked.Read(ref _validations);

    /// <summary>The server behind it, for who wants to know it as one that answers by scripts.</summary>
    public ScriptOrigin Script => _origin;

    public RequestLog Log => _origin.Log;

    /// <summary>Its pages are stored for so long; ten minutes.</summary>
    public string CacheControl { get; set; } = "max-age=600, stale-while-revalidate=600";

    /// <summary>Stands before each answer, after the version has been read; null: nothing does.</summary>
    public Gate? Gate { get; set; }

    /// <summary>Stands in the middle of each answer's body; null: nothing does.</summary>
    public Gate? Halfway { get; set; }

    /// <summary>How long it takes over each answer, which it has chosen when the request came.</summary>
    public TimeSpan Takes { get; set; }

    /// <summary>What it has at a time, while <see cref="Takes"/> makes that last.</summary>
    public OriginLoad Load { get; } = new();

    /// <param name="logs">Keep every request (not for millions of them).</param>
    public static VersionedOrigin Start(int keys, bool logs = true) => new(keys, logs);

    public long VersionOf(int key) => Interlocked.Read(ref _versions[key]);

    /// <summary>A write at the origin: from now on it serves the next version, which is returned.</summary>
    public long Bump(int key) => Interlocked.Increment(ref _versions[key]);

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    private Script Answer(OriginRequest request)
    {
        if (VersionedPage.KeyOf(request.Target) is not { } key || key >= Keys)
            return Answers.WithLength("404 Not Found", [], "Cache-Control: no-store");
        var version = VersionOf(key);
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{key}-{version}\"");
        string[] fields = [$"Cache-Control: {CacheControl}", $"ETag: {tag}", $"Surrogate-Key: k-{key} all"];
        if (request.Field("If-None-Match") == tag)
        {
            Interlocked.Increment(ref _validations);
            return Held(request, key, Answers.Head("304 Not Modified", fields));
        }

        Interlocked.Increment(ref _fetches);
        return Held(request, key, Answers.WithLength("200 OK", request.Method == "HEAD" ? [] : new VersionedPage(key, version).ToBytes(), fields));
    }

    private Script Held(OriginRequest request, int key, byte[] answer)
    {
        var script = Gate is { } gate ? new Script().Wait(gate) : new Script();
        if (Takes > TimeSpan.Zero)
            script.Wait(Over(key, request.Field("Via")?.Split(' ')[^1] ?? ""));
        if (Halfway is not { } halfway)
            return script.Then(answer);
        var half = (answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4 + answer.Length) / 2;
        return script.Then(answer[..half]).Wait(halfway).Then(answer[half..]);
    }

    /// <summary>Opens in its time. The load is less by then: whoever has the answer may ask for the next at once.</summary>
    private Gate Over(int key, string node)
    {
        var gate = new Gate();
        Load.Enter(key, node);
        _ = Task.Delay(Takes).ContinueWith(_ =>
        {
            Load.Leave(key, node);
            gate.Open();
        }, TaskScheduler.Default);
        return gate;
    }
}
