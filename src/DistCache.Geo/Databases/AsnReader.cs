using System.Net;
using MaxMind.Db;
using MaxMind.GeoIP2.Responses;

namespace DistCache.Geo.Databases;

/// <summary>Autonomous systems.</summary>
internal sealed class AsnReader(Reader reader) : LocationReader(reader)
{
    public override GeoLocation Read(IPAddress address, GeoLocation known) => Reader.Find<AsnResponse>(address, Values) is not { } found ? known : known with
    {
        Asn = found.AutonomousSystemNumber is > 0 and <= uint.MaxValue and { } number ? (uint)number : known.Asn,
        AsOrganization = found.AutonomousSystemOrganization ?? known.AsOrganization,
    };
}
