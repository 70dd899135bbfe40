using System.Globalization;

namespace DistCache.LoadTests.Soak;

/// <summary>The command line.</summary>
internal sealed record Options(int Minutes, int MiB, int Rate, string Out, bool Checked)
{
    public const string Usage = """
        usage: soak [--minutes 10] [--memory 128] [--rate 400] [--out /tmp/soak] [--checked]

        --memory: the edge's capacity in MiB; ten times as much is asked for, and every 20 s a reload halves it or gives it back.
        --checked: freed memory is overwritten, and the edge compares each body with its checksum too. Writes OUT.md and OUT.svg.
        """;

    public static Options? Read(string[] args)
    {
        var options = new Options(10, 128, 400, Path.Combine(Path.GetTempPath(), "soak"), Checked: false);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var number = int.TryParse(value, CultureInfo.InvariantCulture, out var parsed) && parsed > 0 ? parsed : 0;
            var next = (args[i], number) switch
            {
                ("--minutes", > 0) => options with { Minutes = number },
                ("--memory", > 0) => options with { MiB = number },
                ("--rate", > 0) => options with { Rate = number },
                ("--out", _) when value.Length > 0 => options with { Out = value },
                ("--checked", _) => options with { Checked = true },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
            i += args[i] == "--checked" ? 0 : 1;
        }
        return options;
    }
}
