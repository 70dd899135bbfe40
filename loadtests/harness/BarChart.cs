using System.Globalization;
using System.Net;
using System.Text;

namespace DistCache.LoadTests;

/// <summary>Groups of horizontal bars as SVG; the shorter the better.</summary>
public static class BarChart
{
    private const int Width = 760;
    private const int Label = 170;
    private const int Bar = 16;

    private static readonly string[] Colours = ["#2563eb", "#16a34a", "#9ca3af", "#d97706", "#7c3aed", "#dc2626", "#0891b2", "#4b5563"];

    public static string Draw(string title, string unit, IReadOnlyList<(string Group, IReadOnlyList<(string Name, double Value)> Bars)> groups)
    {
        var names = groups.SelectMany(group => group.Bars.Select(bar => bar.Name)).Distinct().ToList();
        var body = new StringBuilder();
        var y = 44;
        foreach (var (group, bars) in groups)
        {
            var most = bars.Max(bar => bar.Value);
            body.AppendLine(CultureInfo.InvariantCulture, $"""<text x="8" y="{y + 12}" font-weight="bold">{WebUtility.HtmlEncode(group)}</text>""");
            y += 20;
            foreach (var (name, value) in bars)
            {
                var length = most <= 0 ? 0 : (Width - Label - 90) * value / most;
                body.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{Label - 8}" y="{y + 12}" text-anchor="end">{WebUtility.HtmlEncode(name)}</text><rect x="{Label}" y="{y}" width="{length:F1}" height="{Bar - 3}" fill="{Colours[names.IndexOf(name) % Colours.Length]}"/><text x="{Label + length + 6:F1}" y="{y + 12}">{value:0.##}</text>""");
                y += Bar;
            }
            y += 12;
        }
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{y}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/><text x="8" y="22" font-size="15">{WebUtility.HtmlEncode(title)} ({WebUtility.HtmlEncode(unit)}; shorter is better)</text>
            {body}</svg>
            """) + "\n";
    }
}
