using System.Net;
using DistCache.Geo;
using DistCache.Geo.Places;

namespace DistCache.Proxy.Geo;

/// <summary>Who a request's client is, and where. Immutable; one connection's requests mostly share it.</summary>
/// <param name="Address">Null: a trusted proxy did not say.</param>
internal sealed record ClientPlace(IPAddress? Address, GeoLocation Location, AddressKind Kind)
{
    public const string Private = "private";
    public const string Unknown = "unknown";

    /// <summary>The databases', else the one that stands for such addresses; null: none does.</summary>
    public string? Country => Location.Country;

    /// <summary>The country's code, <c>private</c> or <c>unknown</c>: as logs, metrics and rules name it.</summary>
    public string Name => Country ?? (Kind is AddressKind.Private ? Private : Unknown);

    /// <summary>Of the databases and options that it was found by.</summary>
    public required object FoundBy { get; init; }

    public required long Revision { get; init; }
}
