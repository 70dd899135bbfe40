using System.Globalization;
using System.Net;
using System.Text;

namespace DistCache.LoadTests.Fleet;

/// <summary>Three panels over one axis of time: who answered, what the origin was asked, how long purges took. Mishaps are bands through them all.</summary>
internal sealed class Picture(int seconds, IReadOnlyList<Mishap> mishaps)
{
    private const int Left = 60;
    private const int Width = 700;
    private const int Height = 130;
    private const int Top = 60;
    private const int Gap = 46;
    private static readonly string[] TierColours = ["#2563eb", "#16a34a", "#0d9488", "#7c3aed", "#d97706"];
    private static readonly string[] RegionColours = ["#0891b2", "#dc2626", "#65a30d"];
    private readonly StringBuilder _body = new();

    public string Draw(IReadOnlyList<Answer> answers, IReadOnlyList<(int Second, int Region)> fetches, IReadOnlyCollection<PurgeTime> purges)
    {
        for (var panel = 0; panel < 3; panel++)
            Frame(panel);
        foreach (var mishap in mishaps)
        {
            var (from, until) = (X(mishap.From.TotalSeconds), X(mishap.Until.TotalSeconds));
            Add($"""<rect x="{from:F1}" y="{Top - 14}" width="{until - from:F1}" height="{(3 * Height) + (2 * Gap) + 14}" fill="#ef4444" fill-opacity="0.10"/><text x="{from + 3:F1}" y="{Top - 3}" fill="#b91c1c">{WebUtility.HtmlEncode(mishap.Name)}</text>""");
        }
        Tiers(answers);
        Fetches(fetches);
        Purged(purges);
        for (var second = 0; second <= seconds; second += 10)
            Add($"""<text x="{X(second):F1}" y="{Bottom(2) + 16}" text-anchor="middle">{second} s</text>""");
        var height = Bottom(2) + 30;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Left + Width + 20}" height="{height}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/><text x="8" y="22" font-size="15">Three regions of two edges, a node killed, a region cut off, purges all the time</text>
            {_body}</svg>
            """) + "\n";
    }

    private void Tiers(IReadOnlyList<Answer> answers)
    {
        var counts = new int[seconds, TierColours.Length];
        foreach (var answer in answers)
            if (answer.Second < seconds)
                counts[answer.Second, (int)answer.Tier]++;
        Title(0, "answers by tier, %", Enum.GetNames<Tier>().Select((name, i) => (name.ToLowerInvariant(), TierColours[i])));
        Scale(0, "0", "100");
        for (var second = 0; second < seconds; second++)
        {
            var sum = Enumerable.Range(0, TierColours.Length).Sum(tier => counts[second, tier]);
            var y = (double)Bottom(0);
            for (var tier = 0; sum > 0 && tier < TierColours.Length; tier++)
            {
                var height = (double)Height * counts[second, tier] / sum;
                y -= height;
                if (height > 0)
                    Add($"""<rect x="{X(second):F1}" y="{y:F1}" width="{(double)Width / seconds:F1}" height="{height:F1}" fill="{TierColours[tier]}"/>""");
            }
        }
    }

    private void Fetches(IReadOnlyList<(int Second, int Region)> fetches)
    {
        var most = 1;
        var counts = new int[Continent.All.Count, seconds];
        foreach (var (second, region) in fetches)
            if (second >= 0 && second < seconds)
                most = Math.Max(most, ++counts[region, second]);
        Title(1, "requests to the origin a second", Continent.All.Select((continent, i) => (continent.Region, RegionColours[i])));
        Scale(1, "0", $"{most}");
        for (var region = 0; region < Continent.All.Count; region++)
        {
            var points = Enumerable.Range(0, seconds).Select(second => FormattableString.Invariant($"{X(second + 0.5):F1},{Bottom(1) - ((double)Height * counts[region, second] / most):F1}"));
            Add($"""<polyline fill="none" stroke="{RegionColours[region]}" stroke-width="1.5" points="{string.Join(' ', points)}"/>""");
        }
    }

    private void Purged(IReadOnlyCollection<PurgeTime> purges)
    {
        const double Least = 10, Most = 60_000; // milliseconds, logarithmic
        Title(2, "purge complete on all nodes after", [("a purge", "#111827")]);
        foreach (var (label, milliseconds) in new[] { ("10 ms", 10.0), ("100 ms", 100), ("1 s", 1000), ("10 s", 10_000) })
            Add($"""<text x="{Left - 6}" y="{Y(milliseconds) + 4:F1}" text-anchor="end">{label}</text><line x1="{Left}" x2="{Left + Width}" y1="{Y(milliseconds):F1}" y2="{Y(milliseconds):F1}" stroke="#e5e7eb"/>""");
        foreach (var purge in purges)
            if (purge.Took is { } took)
                Add($"""<circle cx="{X(purge.At.TotalSeconds):F1}" cy="{Y(took.TotalMilliseconds):F1}" r="1.6" fill="#111827" fill-opacity="0.6"/>""");

        static double Y(double milliseconds) => Bottom(2) - (Height * Math.Log(Math.Clamp(milliseconds, Least, Most) / Least) / Math.Log(Most / Least));
    }

    private void Frame(int panel) => Add($"""<rect x="{Left}" y="{Bottom(panel) - Height}" width="{Width}" height="{Height}" fill="none" stroke="#9ca3af"/>""");

    private void Scale(int panel, string least, string most) =>
        Add($"""<text x="{Left - 6}" y="{Bottom(panel)}" text-anchor="end">{least}</text><text x="{Left - 6}" y="{Bottom(panel) - Height + 10}" text-anchor="end">{most}</text>""");

    private void Title(int panel, string title, IEnumerable<(string Name, string Colour)> legend)
    {
        var x = Left + 230;
        var y = Bottom(panel) + 16 - Height - 20;
        if (panel > 0)
            Add($"""<text x="{Left}" y="{y}" font-weight="bold">{title}</text>""");
        else
            Add($"""<text x="{Left}" y="{y - 14}" font-weight="bold">{title}</text>""");
        foreach (var (name, colour) in legend)
        {
            var at = panel > 0 ? y : y - 14;
            Add($"""<rect x="{x}" y="{at - 9}" width="10" height="10" fill="{colour}"/><text x="{x + 14}" y="{at}">{name}</text>""");
            x += 90;
        }
    }

    private double X(double second) => Left + (Width * second / seconds);

    private static int Bottom(int panel) => Top + ((panel + 1) * Height) + (panel * Gap);

    private void Add(FormattableString line) => _body.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
