using System.Globalization;

namespace DistCache.Geo.Regions;

/// <summary>Whether a client that has come here should go elsewhere; pure.</summary>
public static class Steering
{
    /// <summary>
    /// Null: it stays. It goes only where it gains: to a region that names its country when this one does not, or to one that is nearer by more than
    /// <paramref name="hysteresis"/> kilometres, so that a client between two regions is not sent to and fro by two databases that differ a little.
    /// A client whose place is not known stays, and so does one when the own region is not in the table.
    /// </summary>
    /// <param name="order">From <see cref="NearestRegions"/>.</param>
    /// <param name="own">The region that asks.</param>
    /// <param name="reason">Why it stays, or goes.</param>
    public static Region? Elsewhere(IReadOnlyList<RegionChoice> order, string own, double hysteresis, out string reason)
    {
        if (order.FirstOrDefault(choice => choice.Region.Name.Equals(own, StringComparison.OrdinalIgnoreCase)) is not { } here)
            return Stay($"this node's region '{own}' is not in DistCache:Regions", out reason);
        if (order.FirstOrDefault(choice => choice is { IsLeftOut: false, Region.PublicAddress: not null } || choice == here) is not { } best || best == here)
            return Stay("this region is the nearest that can take the client", out reason);
        if (here.LeftOut is LeftOut.NotAvailable or LeftOut.Down)
            return Go(best, $"this region is left out ({here.Reason})", out reason);
        // From here on an overloaded region is like any other: its own clients are not sent farther away.
        if (best.IsNamed != here.IsNamed)
            return best.IsNamed ? Go(best, best.Reason, out reason) : Stay("this region names the client's country", out reason);
        if (here.Distance is not { } far || best.Distance is not { } near || far - near <= hysteresis)
            return Stay(string.Create(CultureInfo.InvariantCulture, $"'{best.Region.Name}' is not nearer by more than {hysteresis:0} km"), out reason);
        return Go(best, string.Create(CultureInfo.InvariantCulture, $"{best.Reason}, {far - near:0} km nearer"), out reason);
    }

    private static Region? Stay(string why, out string reason)
    {
        reason = why;
        return null;
    }

    private static Region Go(RegionChoice to, string why, out string reason)
    {
        reason = why;
        return to.Region;
    }
}
