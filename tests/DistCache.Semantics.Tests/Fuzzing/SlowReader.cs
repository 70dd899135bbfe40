using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>The grammars written a second time, slowly and another way: what the readers must agree with.</summary>
internal static partial class SlowReader
{
    private const string Ows = "[ \t]*";

    /// <summary>RFC 9110 §5.6.1: a comma outside quoted strings ends a member; a quote that never closes is text.</summary>
    public static List<string> Members(string line)
    {
        var members = new List<string>();
        var member = "";
        for (var i = 0; i < line.Length; i++)
        {
            var quoted = QuotedString().Match(line[i..]);
            if (quoted.Success)
            {
                member += quoted.Value;
                i += quoted.Length - 1;
            }
            else if (line[i] == ',')
            {
                members.Add(member);
                member = "";
            }
            else
            {
                member += line[i];
            }
        }
        members.Add(member);
        return [.. members.Select(Trim).Where(text => text.Length > 0)];
    }

    /// <summary>delta-seconds, at most 2^31.</summary>
    public static long? Seconds(string text) =>
        Digits().IsMatch(text) ? (long)BigInteger.Min(BigInteger.Parse(text, CultureInfo.InvariantCulture), BigInteger.One << 31) : null;

    /// <summary>A directive's argument in either form; null when there is none or it is malformed.</summary>
    public static (string Name, string? Argument, bool IsBare) Directive(string member)
    {
        if (DirectiveForm().Match(member) is { Success: true } match)
        {
            var value = match.Groups["token"].Success ? match.Groups["token"].Value
                : match.Groups["quoted"].Success ? Regex.Replace(match.Groups["quoted"].Value, @"\\(.)", "$1", RegexOptions.Singleline)
                : null;
            return (match.Groups["name"].Value.ToLowerInvariant(), value, value is null);
        }
        return (TokenAtStart().Match(member).Value.ToLowerInvariant(), null, false);
    }

    /// <summary>RFC 9110 §14.1.2 without a limit to the numbers. Null: the field is to be ignored.</summary>
    public static List<(BigInteger? First, BigInteger? Last)>? Ranges(string field)
    {
        var set = RangeSet().Match(field);
        if (!set.Success)
            return null;
        var ranges = new List<(BigInteger?, BigInteger?)>();
        foreach (var member in Members(set.Groups["set"].Value))
        {
            var spec = RangeSpecForm().Match(member);
            var (first, last) = (Number(spec.Groups["first"].Value), Number(spec.Groups["last"].Value));
            if (!spec.Success || (first is null && last is null) || first > last)
                return null;
            ranges.Add((first, last));
        }
        return ranges;
    }

    public static (BigInteger First, BigInteger Last, BigInteger? Length)? ContentRange(string field)
    {
        var match = ContentRangeForm().Match(field);
        if (!match.Success)
            return null;
        var (first, last, length) = (Number(match.Groups["first"].Value)!.Value, Number(match.Groups["last"].Value)!.Value, Number(match.Groups["length"].Value));
        return first <= last && (length is null || last < length) ? (first, last, length) : null;
    }

    public static bool IsEntityTag(string text) => EntityTagForm().IsMatch(text);

    public static bool IsToken(string text) => Token().IsMatch(text);

    /// <summary>RFC 9110 §12.4.2: choice and weight in thousandths; a weight that is none is 0.</summary>
    public static (string Choice, int Quality) Wish(string member)
    {
        var cut = member.Split(';', 2);
        var choice = Trim(cut[0]).ToLowerInvariant();
        if (cut.Length == 1)
            return (choice, 1000);
        var weight = Weight().Match(Trim(cut[1]));
        return (choice, weight.Success ? Math.Min(1000, (int)(decimal.Parse("0" + weight.Groups["value"].Value, CultureInfo.InvariantCulture) * 1000)) : 0);
    }

    /// <summary>RFC 3986 appendix B, fragment left out.</summary>
    public static (string? Scheme, string? Authority, string Path, string? Query) Uri(string text)
    {
        var match = AppendixB().Match(text);
        return (Group(match, 2)?.ToLowerInvariant(), Group(match, 4), match.Groups[5].Value, Group(match, 7));
    }

    /// <summary>RFC 3986 §5.2.4 by its letter.</summary>
    public static string RemoveDots(string input)
    {
        var output = "";
        while (input.Length > 0)
        {
            if (input.StartsWith("../", StringComparison.Ordinal))
                input = input[3..];
            else if (input.StartsWith("./", StringComparison.Ordinal))
                input = input[2..];
            else if (input.StartsWith("/./", StringComparison.Ordinal))
                input = input[2..];
            else if (input == "/.")
                input = "/";
            else if (input.StartsWith("/../", StringComparison.Ordinal) || input == "/..")
            {
                input = input.Length == 3 ? "/" : input[3..];
                output = output[..Math.Max(0, output.LastIndexOf('/'))];
            }
            else if (input is "." or "..")
                input = "";
            else
            {
                var end = input.IndexOf('/', 1);
                output += end < 0 ? input : input[..end];
                input = end < 0 ? "" : input[end..];
            }
        }
        return output;
    }

    private static string Trim(string text) => text.Trim(' ', '\t');

    private static BigInteger? Number(string digits) => digits.Length == 0 ? null : BigInteger.Parse(digits, CultureInfo.InvariantCulture);

    private static string? Group(Match match, int number) => match.Groups[number].Success ? match.Groups[number].Value : null;

    private const string TokenCharacters = @"[!#$%&'*+\-.^_`|~0-9A-Za-z]";

    [GeneratedRegex(@"\A""(?:[^""\\]|\\.)*""", RegexOptions.Singleline)]
    private static partial Regex QuotedString();

    [GeneratedRegex(@"\A[0-9]+\z")]
    private static partial Regex Digits();

    [GeneratedRegex($@"\A{TokenCharacters}+\z")]
    private static partial Regex Token();

    [GeneratedRegex($@"\A{TokenCharacters}*")]
    private static partial Regex TokenAtStart();

    [GeneratedRegex($@"\A(?<name>{TokenCharacters}*)(?:=(?:(?<token>{TokenCharacters}+)|""(?<quoted>(?:[^""\\]|\\.)*)""))?\z", RegexOptions.Singleline)]
    private static partial Regex DirectiveForm();

    [GeneratedRegex($@"\A{Ows}bytes=(?<set>.*)\z", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RangeSet();

    [GeneratedRegex(@"\A(?<first>[0-9]*)-(?<last>[0-9]*)\z")]
    private static partial Regex RangeSpecForm();

    [GeneratedRegex($@"\A{Ows}bytes (?<first>[0-9]+)-(?<last>[0-9]+)/(?:\*|(?<length>[0-9]+)){Ows}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ContentRangeForm();

    [GeneratedRegex($@"\A{Ows}(?:W/)?""[^\x00-\x20\x7f""]*""{Ows}\z")]
    private static partial Regex EntityTagForm();

    [GeneratedRegex(@"\Aq=(?<value>0|1|0\.[0-9]{0,3}|1\.[0-9]{0,3})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Weight();

    [GeneratedRegex(@"\A(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?", RegexOptions.Singleline)]
    private static partial Regex AppendixB();
}
