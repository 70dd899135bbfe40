using System.Globalization;
using System.Text;

namespace DistCache.LoadTests.Soak;

/// <summary>Resident memory over time, and whether it is flat: the most in the last quarter against the most in the second: reloads make it go up and down.</summary>
internal sealed class Memory
{
    private const double Slack = 1.05;
    private const int Width = 760;
    private const int Height = 240;
    private readonly List<(double Second, long Bytes)> _samples = [];

    public long Most => _samples.Max(sample => sample.Bytes);

    public long Early => MostOf(_samples.Count / 4, _samples.Count / 2);

    public long Late => MostOf(_samples.Count * 3 / 4, _samples.Count);

    public bool IsFlat => Late <= Early * Slack;

    public void Add(double second, long bytes) => _samples.Add((second, bytes));

    public string Draw(string title, long bound)
    {
        var end = _samples[^1].Second;
        var top = Math.Max(Most, bound) * 1.1;
        var line = new StringBuilder();
        foreach (var (second, bytes) in _samples)
            line.Append(CultureInfo.InvariantCulture, $"{60 + ((Width - 80) * second / end):F1},{Y(bytes):F1} ");
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height + 30}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/><text x="8" y="18" font-size="15">{title}</text>
            <line x1="60" x2="{Width - 20}" y1="{Y(bound):F1}" y2="{Y(bound):F1}" stroke="#dc2626" stroke-dasharray="4"/><text x="64" y="{Y(bound) - 4:F1}" fill="#dc2626">capacity + 200 MB</text>
            <polyline points="{line}" fill="none" stroke="#2563eb" stroke-width="1.5"/>
            <text x="8" y="{Y(Most):F1}">{Most >> 20} MiB</text><text x="8" y="{Y(0):F1}">0</text><text x="{Width - 60}" y="{Height + 20}">{end:F0} s</text>
            </svg>
            """) + "\n";

        double Y(double bytes) => Height - ((Height - 30) * bytes / top);
    }

    private long MostOf(int from, int to) => _samples[from..to].Max(sample => sample.Bytes);
}
