using System.Globalization;

namespace DistCache.Semantics.Fields;

/// <summary>A list of choices with weights (RFC 9110 §12.4.2). A weight that is not one counts as 0: what is unclear is not asked for.</summary>
internal static class QualityList
{
    /// <summary>Members in order, lower-case, with their weight in thousandths (0 to 1000).</summary>
    public static List<(string Choice, int Quality)> Read(string value)
    {
        var members = new List<(string, int)>();
        foreach (var member in new ListMembers(value))
        {
            var semicolon = member.IndexOf(';');
            var choice = Syntax.Trim(semicolon < 0 ? member : member[..semicolon]);
            var quality = semicolon < 0 ? 1000 : QualityOf(Syntax.Trim(member[(semicolon + 1)..]));
            if (!choice.IsEmpty)
                members.Add((choice.ToString().ToLowerInvariant(), quality));
        }
        return members;
    }

    /// <summary>The shortest spelling: <c>;q=0.8</c>; nothing for 1.</summary>
    public static string Spell(string choice, int quality) =>
        quality == 1000 ? choice : string.Create(CultureInfo.InvariantCulture, $"{choice};q={quality / 1000m:0.###}");

    private static int QualityOf(ReadOnlySpan<char> parameter)
    {
        if (!parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            return 0;
        var digits = parameter[2..];
        if (digits is not ['0' or '1', ..] || digits.Length > 5 || (digits.Length > 1 && digits[1] != '.'))
            return 0;
        var fraction = digits.Length > 2 ? digits[2..] : default;
        if (fraction.ContainsAnyExceptInRange('0', '9'))
            return 0;
        var thousandths = (digits[0] - '0') * 1000;
        for (var i = 0; i < fraction.Length; i++)
            thousandths += (fraction[i] - '0') * (i switch { 0 => 100, 1 => 10, _ => 1 });
        return Math.Min(thousandths, 1000);
    }
}
