using System.Globalization;
using System.Text;

namespace DistCache.LoadTests.HitRatio;

/// <summary>Object miss ratio against cache size (logarithmic), one curve a policy, one field a trace, as SVG.</summary>
internal static class Plot
{
    private const int Width = 420;
    private const int Height = 320;
    private const int Margin = 50;
    private static readonly string[] Colours = ["#d62728", "#7f7f7f", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b"];

    public static string Draw(IReadOnlyList<Miss> misses)
    {
        var traces = misses.GroupBy(miss => miss.Trace).ToArray();
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns='http://www.w3.org/2000/svg' width='{Width * traces.Length}' height='{Height}' font-family='sans-serif' font-size='11'>");
        svg.AppendLine("<rect width='100%' height='100%' fill='white'/>");
        foreach (var (index, trace) in traces.Index())
            DrawTrace(svg, index * Width, trace.Key, [.. trace]);
        return svg.AppendLine("</svg>").ToString();
    }

    private static void DrawTrace(StringBuilder svg, int left, string name, Miss[] misses)
    {
        double least = misses.Min(miss => miss.Share), most = Math.Max(misses.Max(miss => miss.Share), least * 1.01);
        double X(double share) => left + Margin + (Math.Log(share / least) / Math.Log(most / least) * (Width - (2 * Margin)));
        double Y(double miss) => Height - Margin - (miss * (Height - (2 * Margin)));
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x='{left + Margin}' y='20' font-weight='bold'>{name}: object miss ratio</text>");
        for (var tenth = 0; tenth <= 10; tenth += 2)
            svg.AppendLine(CultureInfo.InvariantCulture, $"<path d='M{left + Margin} {Y(tenth / 10.0):F1}h{Width - (2 * Margin)}' stroke='#ddd'/><text x='{left + 20}' y='{Y(tenth / 10.0) + 4:F1}'>{tenth / 10.0:F1}</text>");
        foreach (var share in misses.Select(miss => miss.Share).Distinct())
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x='{X(share):F1}' y='{Height - Margin + 16}' text-anchor='middle'>{share * 100:G3} %</text>");
        foreach (var (index, policy) in misses.GroupBy(miss => miss.Policy).Index())
        {
            var colour = Colours[index % Colours.Length];
            var points = string.Join(' ', policy.OrderBy(miss => miss.Share).Select(miss => string.Create(CultureInfo.InvariantCulture, $"{X(miss.Share):F1},{Y(miss.Objects):F1}")));
            svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='{(index == 0 ? 3 : 1.5)}'/>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x='{left + Width - Margin - 90}' y='{Margin + (index * 14)}' fill='{colour}'>{policy.Key}</text>");
        }
    }
}
