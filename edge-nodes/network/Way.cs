using System.Globalization;

namespace DistCache.FleetNetwork;

/// <summary>One line of links.txt: port, port behind it, milliseconds one way, what it is.</summary>
internal sealed record Way(int Port, int Target, int OneWayMilliseconds)
{
    public static IEnumerable<Way> ReadAll(string path) =>
        from line in File.ReadLines(path)
        where line.Length > 0 && line[0] != '#'
        select Of(line.Split(' '));

    private static Way Of(string[] words) => new(Number(words[0]), Number(words[1]), Number(words[2]));

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
