using System.Globalization;
using System.Text;

namespace DistCache.Semantics.Fields;

/// <summary>
/// HTTP-date (RFC 9110 §5.6.7): IMF-fixdate, rfc850-date and asctime-date, each exactly as its grammar says, except that letters may
/// be of either case (RFC 9111 §4.2 asks caches for that). Only GMT is a zone. The day name must be one, but need not fit the date.
/// </summary>
public static class HttpDate
{
    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private const string Days = "MonTueWedThuFriSatSun";
    private static readonly string[] LongDays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    /// <param name="now">Decides the century of an rfc850 date (a year more than 50 years ahead lies in the past).</param>
    public static bool TryParse(ReadOnlySpan<char> text, DateTimeOffset now, out DateTimeOffset date) => text.Length switch
    {
        29 when text[3] == ',' => TryImfFixdate(text, out date),
        24 when text[3] == ' ' => TryAsctime(text, out date),
        _ => TryRfc850(text, now, out date),
    };

    /// <summary>IMF-fixdate, 29 characters.</summary>
    public static string Format(DateTimeOffset date) => date.ToString("R", CultureInfo.InvariantCulture);

    // Sun, 06 Nov 1994 08:49:37 GMT
    private static bool TryImfFixdate(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        return IndexOf(Days, text[..3]) >= 0 && text[3..5] is ", " && text[7] == ' ' && text[11] == ' ' && text[16] == ' '
            && IsGmt(text[25..])
            && TryNumber(text[5..7], out var day) && TryNumber(text[12..16], out var year) && TryTime(text[17..25], out var time)
            && TryDate(year, IndexOf(Months, text[8..11]) + 1, day, time, out date);
    }

    // Sun Nov  6 08:49:37 1994
    private static bool TryAsctime(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        var dayText = text[8] == ' ' ? text[9..10] : text[8..10];
        return IndexOf(Days, text[..3]) >= 0 && text[7] == ' ' && text[10] == ' ' && text[19] == ' '
            && TryNumber(dayText, out var day) && TryNumber(text[20..], out var year) && TryTime(text[11..19], out var time)
            && TryDate(year, IndexOf(Months, text[4..7]) + 1, day, time, out date);
    }

    // Sunday, 06-Nov-94 08:49:37 GMT
    private static bool TryRfc850(ReadOnlySpan<char> text, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        var comma = text.IndexOf(',');
        if (comma < 0 || !IsLongDay(text[..comma]))
            return false;
        var rest = text[comma..];
        return rest.Length == 24 && rest[1] == ' ' && rest[4] == '-' && rest[8] == '-' && rest[11] == ' ' && IsGmt(rest[20..])
            && TryNumber(rest[2..4], out var day) && TryNumber(rest[9..11], out var shortYear) && TryTime(rest[12..20], out var time)
            && TryShortYear(shortYear, IndexOf(Months, rest[5..8]) + 1, day, time, now, out date);
    }

    // "A timestamp that appears to be more than 50 years in the future" is the latest past year with the same two digits.
    private static bool TryShortYear(int shortYear, int month, int day, TimeSpan time, DateTimeOffset now, out DateTimeOffset date)
    {
        var utc = now.UtcDateTime;
        var latest = (utc.Year + 50, utc.Month, utc.Day, utc.TimeOfDay);
        var year = (latest.Item1 / 100 * 100) + shortYear;
        if ((year, month, day, time).CompareTo(latest) > 0)
            year -= 100;
        return TryDate(year, month, day, time, out date);
    }

    private static bool TryDate(int year, int month, int day, TimeSpan time, out DateTimeOffset date)
    {
        date = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero) + time;
        return true;
    }

    private static bool TryTime(ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = default;
        if (text[2] != ':' || text[5] != ':' || !TryNumber(text[..2], out var hour) || !TryNumber(text[3..5], out var minute)
            || !TryNumber(text[6..], out var second) || hour > 23 || minute > 59 || second > 60)
            return false;
        // The grammar allows a leap second; our calendar has none.
        time = new TimeSpan(hour, minute, Math.Min(second, 59));
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            number = number * 10 + (c - '0');
        }
        return true;
    }

    private static int IndexOf(string names, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < names.Length; i += 3)
            if (Ascii.EqualsIgnoreCase(names.AsSpan(i, 3), name))
                return i / 3;
        return -1;
    }

    private static bool IsLongDay(ReadOnlySpan<char> name)
    {
        foreach (var day in LongDays)
            if (Ascii.EqualsIgnoreCase(day, name))
                return true;
        return false;
    }

    private static bool IsGmt(ReadOnlySpan<char> text) => Ascii.EqualsIgnoreCase(text, " GMT");
}
