namespace DistCache.Semantics.Fields;

/// <summary>HTTP-date (RFC 9110 §5.6.7): IMF-fixdate, rfc850-date and asctime-date, each exactly as its grammar says.</summary>
public static class HttpDate
{
    /// <param name="now">Decides the century of an rfc850 date (a year more than 50 years ahead lies in the past).</param>
    public static bool TryParse(ReadOnlySpan<char> text, DateTimeOffset now, out DateTimeOffset date) => throw new NotImplementedException();

    /// <summary>IMF-fixdate, 29 characters.</summary>
    public static string Format(DateTimeOffset date) => throw new NotImplementedException();
}
