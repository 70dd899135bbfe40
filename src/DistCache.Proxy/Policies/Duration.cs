using System.Globalization;

namespace DistCache.Proxy.Policies;

/// <summary>A duration as an operator writes it: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, or <c>00:05:00</c>.</summary>
public static class Duration
{
    /// <summary>Beyond it nothing is meant: 365 days.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromDays(365);

    private static readonly (string Unit, TimeSpan Value)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1))];

    /// <summary>False: not of that form, negative, or more than <see cref="Most"/>.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var trimmed = text.AsSpan().Trim();
        foreach (var (unit, value) in Units)
            if (trimmed.EndsWith(unit) && trimmed[..^unit.Length] is [.., >= '0' and <= '9'] digits && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                var isMeant = count <= Most / value; // Compared before it is multiplied: a product may leave what a TimeSpan holds.
                duration = isMeant ? count * value : default;
                return isMeant;
            }
        // A bare number would be days to TimeSpan and seconds to most people.
        duration = default;
        return trimmed.Contains(':') && TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero && duration <= Most;
    }
}
