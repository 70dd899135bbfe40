using System.Globalization;

namespace DistCache.TestKit;

/// <summary>One thing that was broken, and is mended again.</summary>
/// <param name="Node">Whose: also of a fault of the log, which is everybody's.</param>
/// <param name="Time">How long it was so, where that is not up to the fault itself.</param>
public sealed record Strike(FleetFault Fault, string Node, TimeSpan Time)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Fault} {Node} {Time.TotalSeconds:F1} s");
}
