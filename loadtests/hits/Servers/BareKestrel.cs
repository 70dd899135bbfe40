using System.Globalization;

namespace DistCache.LoadTests.Hits.Servers;

/// <summary><see cref="BareServer"/> in a process of its own.</summary>
internal sealed class BareKestrel : Server
{
    public override string Name => "bare-kestrel";

    public override string? Missing => null;

    public override bool Runs(Case test) => test.Kind is CaseKind.Hit && test.Wish == Wish.Whole;

    public override bool Waits(SlowMisses forWhat) => forWhat is SlowMisses.None;

    public override ServerProcess Start(Site site) => ServerProcess.Start(
        site.Folder, Environment.ProcessPath!,
        ["bare", site.Port.ToString(CultureInfo.InvariantCulture), site.TlsPort.ToString(CultureInfo.InvariantCulture), site.Certificate, site.Key],
        environment: new Dictionary<string, string?> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1", ["DOTNET_ReadyToRun"] = "0", ["DOTNET_gcServer"] = "1" });
}
