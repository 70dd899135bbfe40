namespace DistCache.LoadTests.Hits.Servers;

/// <param name="Shared">Redis of the shared tier; null: there is none.</param>
internal sealed record Site(string Folder, int Port, int TlsPort, int OriginPort, string Certificate, string Key, string Pem, string? Shared = null);

/// <summary>One that is measured.</summary>
internal abstract class Server
{
    public static readonly Server[] All = [new EdgeServer("edge"), new EdgeServer("edge-engine", "DISTCACHE_POLL_SOCKETS"), new EdgeServer("edge-pool", "DISTCACHE_INLINE_SOCKETS"), new BareKestrel(), new BareYarp(), new Nginx(), new Varnish(), new TrafficServer(), new HaProxy()];

    public abstract string Name { get; }

    /// <summary>Null: it can be measured.</summary>
    public abstract string? Missing { get; }

    public virtual bool SpeaksTls => true;

    /// <summary>Its misses can be made to wait for that.</summary>
    public virtual bool Waits(SlowMisses forWhat) => forWhat is not SlowMisses.SharedTier;

    public virtual bool Runs(Case test) => SpeaksTls || !test.IsTls;

    /// <summary>Once, before the first start.</summary>
    public virtual void Prepare(string repository)
    {
    }

    public abstract ServerProcess Start(Site site);

    protected static string? Lacks(string program) => Tool.Find(program) is null ? $"{program} is not installed" : null;

    protected static string Write(Site site, string name, string text)
    {
        var path = Path.Combine(site.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text + "\n"); // haproxy takes a last line without its end for a cut file
        return path;
    }
}
