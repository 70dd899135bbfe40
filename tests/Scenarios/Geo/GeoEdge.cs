using System.Text.Json;
using DistCache.TestKit;

namespace DistCache.Scenarios.Geo;

/// <summary>
/// An edge with databases that the test wrote, in front of an origin that answers with what it was told of the client's place. Clients come from three countries:
/// 127.0.1.x is Germany, 127.0.2.x the United States, 127.0.3.x India; 127.0.0.x stands in no database.
/// </summary>
internal sealed class GeoEdge : IAsyncDisposable
{
    public const string German = "127.0.1.1";
    public const string American = "127.0.2.1";
    public const string Indian = "127.0.3.1";
    public const string Nobody = "127.0.0.9";

    private static readonly HttpClient Http = new();

    private readonly TemporaryFolder _folder;

    private GeoEdge(TemporaryFolder folder, ScriptOrigin origin, EdgeProcess process) => (_folder, Origin, Process) = (folder, origin, process);

    public ScriptOrigin Origin { get; }

    public EdgeProcess Process { get; }

    public string Database => Path.Combine(_folder.Path, "places.mmdb");

    public static MmdbWriter Places => new MmdbWriter("GeoIP2-City")
        .Place("127.0.1.0/24", "DE", "EU", (50.1, 8.7), "Frankfurt", "HE", isInEuropeanUnion: true)
        .Place("127.0.2.0/24", "US", "NA", (40.7, -74.0), "New York", "NY")
        .Place("127.0.3.0/24", "IN", "AS", (19.1, 72.9), "Mumbai", "MH")
        .Place("203.0.113.0/24", "FR", "EU", (48.9, 2.4), "Paris", isInEuropeanUnion: true);

    public static MmdbWriter Systems => new MmdbWriter("GeoLite2-ASN").System("127.0.1.0/24", 64501, "German Net").System("127.0.2.0/24", 64502, "American Net");

    /// <param name="geo">What of <c>DistCache:Geo</c> is set besides the databases, as JSON members.</param>
    /// <param name="routes">Of <c>ReverseProxy:Routes</c>, as JSON members; each names the cluster <c>c</c>.</param>
    /// <param name="more">More members of <c>DistCache</c>.</param>
    public static async Task<GeoEdge> StartAsync(string routes, string geo = "", string policies = "", string more = "", string region = "eu-west", bool tls = false)
    {
        var folder = new TemporaryFolder();
        Places.Replace(Path.Combine(folder.Path, "places.mmdb"));
        Systems.Replace(Path.Combine(folder.Path, "systems.mmdb"));
        var origin = ScriptOrigin.Start();
        origin.Others.Answer(request => Answers.Ok(Told(request), "Cache-Control: max-age=600", "Date: " + DateTimeOffset.UtcNow.ToString("R")));
        var process = await EdgeProcess.StartAsync(new EdgeStart
        {
            Tls = tls,
            Environment = new Dictionary<string, string?> { ["DistCache__Node__Region"] = region },
            Configuration = $$"""
                { "ReverseProxy": { "Routes": { {{routes}} }, "Clusters": { "c": { "Destinations": { "d": { "Address": "{{origin.Url}}" } } } } },
                  "DistCache": {
                    "Geo": { "Database": {{JsonSerializer.Serialize(Path.Combine(folder.Path, "places.mmdb"))}}, "AsnDatabase": {{JsonSerializer.Serialize(Path.Combine(folder.Path, "systems.mmdb"))}}{{(geo.Length > 0 ? ", " + geo : "")}} },
                    "Policies": { {{policies}} }{{(more.Length > 0 ? ", " + more : "")}} } }
                """,
        });
        return new(folder, origin, process);
    }

    /// <summary>The place fields that a request had, by name.</summary>
    public static string Told(OriginRequest request) => string.Join(' ', request.Fields
        .Where(line => line.Name.Contains("geo", StringComparison.OrdinalIgnoreCase) || line.Name.Contains("country", StringComparison.OrdinalIgnoreCase))
        .Select(line => $"{line.Name.ToLowerInvariant()}={line.Value}").Order(StringComparer.Ordinal));

    public Task<RawClient> ConnectAsync(string from) => RawClient.ConnectAsync(Process.Port, from: from);

    public async Task<RawAnswer> GetAsync(string from, string target, params string[] fieldLines)
    {
        await using var client = await ConnectAsync(from);
        return await client.GetAsync(target, fieldLines);
    }

    public Task<string> AskAsync(string path) => Http.GetStringAsync(new Uri(Process.AdminUrl, path));

    /// <summary>Sends SIGHUP after a change of the configuration.</summary>
    public async Task PutConfigurationAsync(Func<string, string> change)
    {
        var path = Path.Combine(Process.Folder, "edge.json");
        await File.WriteAllTextAsync(path, change(await File.ReadAllTextAsync(path)));
        Process.Process.Send(Signal.HangUp);
    }

    public async Task HealthAsync(Func<string, bool> isIt)
    {
        var seen = "";
        await Eventually.TrueAsync(async () => isIt(seen = await AskAsync("/healthz")), () => seen);
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Origin.DisposeAsync();
        _folder.Dispose();
    }
}
