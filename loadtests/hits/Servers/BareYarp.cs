using System.Globalization;

namespace DistCache.LoadTests.Hits.Servers;

/// <summary><see cref="YarpServer"/> in a process of its own: what the way to the origin costs without a cache.</summary>
internal sealed class BareYarp : Server
{
    public override string Name => "bare-yarp";

    public override string? Missing => null;

    public override bool SpeaksTls => false;

    public override bool Runs(Case test) => test.Kind is not CaseKind.Hit;

    public override ServerProcess Start(Site site) => ServerProcess.Start(
        site.Folder, Environment.ProcessPath!,
        ["yarp", site.Port.ToString(CultureInfo.InvariantCulture), site.OriginPort.ToString(CultureInfo.InvariantCulture)]);
}
