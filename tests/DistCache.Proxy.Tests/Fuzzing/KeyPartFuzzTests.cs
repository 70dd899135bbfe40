using CsCheck;
using DistCache.Proxy.Keys;
using DistCache.Proxy.Requests;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Tests.Fuzzing;

/// <summary>Query, cookies and Connection: nothing that counts is lost, nothing that does not count is kept.</summary>
public class KeyPartFuzzTests
{
    private static readonly QueryRules Rules = new(null, ["utm_*", "gclid"], sort: false);
    private static readonly QueryRules Sorted = new(["a*", "b"], ["ab"], sort: true);

    [Fact]
    public void A_query_keeps_what_counts_as_it_stands() => Fuzz.Holds(Fuzz.Near("a=1&b=2", "utm_source=x&a=1", "gclid&gclid=1&&b", "a&a=&a=2", "=x&b==", "ab=1&A=2"), text =>
    {
        foreach (var (rules, counts) in new (QueryRules, Func<string, bool>)[]
        {
            (Rules, name => !name.StartsWith("utm_", StringComparison.Ordinal) && name != "gclid"),
            (Sorted, name => (name.StartsWith('a') || name == "b") && name != "ab"),
        })
        {
            var applied = rules.Apply("?" + text);
            var expected = text.Split('&').Where(pair => pair.Length > 0 && counts(pair.Split('=')[0])).ToList();
            Assert.Equal(rules == Sorted ? expected.OrderBy(pair => pair.Split('=')[0], StringComparer.Ordinal) : expected, applied.TrimStart('?').Length == 0 && expected.Count == 0 ? [] : applied[1..].Split('&'));
            Assert.Equal(applied, applied.Length < 2 ? applied : rules.Apply(applied));
        }
    });

    [Fact]
    public void A_cookie_is_found_byte_for_byte() => Fuzz.Holds(Fuzz.Near("sid=a; x=b", "sid=a;sid=b", " sid =a", "SID=a", "sid", "sid=a\u00a0; \u0085sid=c", "x=sid=a"), text =>
    {
        var values = text.Split(';').Select(pair => pair.Trim(' ', '\t').Split('=', 2)).Where(pair => pair.Length == 2 && pair[0].TrimEnd(' ', '\t') == "sid").Select(pair => pair[1]).ToList();
        Assert.Equal(values.Count == 0 ? null : string.Join(';', values), CookieFields.Find(text, "sid"));
        Assert.True(values.Count == 0 || CookieFields.Any(text, ["si*"]));
    });

    [Fact]
    public void What_Connection_nominates_is_gone_or_the_request_refused() => Fuzz.Holds(
        Fuzz.Near("close", "keep-alive, X-Foo", "x-foo,,X-Bar", "Cookie", "X-Foo y", "upgrade, HOST", "X-Forwarded-For", "x-foo\u00a0"), text =>
        {
            var fields = new HeaderDictionary { ["X-Foo"] = "1", ["X-Bar"] = "2", ["Cookie"] = "3", ["Host"] = "4", ["X-Forwarded-For"] = "5" };
            var names = text.Split(',').Select(name => name.Trim(' ', '\t')).Where(name => name.Length > 0).ToList();
            if (ConnectionField.TryRemove(text, fields))
                Assert.DoesNotContain(fields.Keys, name => names.Contains(name, StringComparer.OrdinalIgnoreCase));
            Assert.Equal(3, fields.Keys.Count(name => name is "Cookie" or "Host" or "X-Forwarded-For"));
            if (ConnectionField.NominatesNothing(text))
                Assert.All(names, name => Assert.Contains(name.ToLowerInvariant(), (string[])["close", "keep-alive", "upgrade"]));
        });
}
