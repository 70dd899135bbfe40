using DistCache.Semantics.Writes;

namespace DistCache.Semantics.Tests.Writes;

/// <summary>RFC 9111 §4.4, rule 45.</summary>
public class InvalidationRulesTests
{
    private const string Target = "http://a.example/dir/x?q=1";

    private static string Targets(string method, int status, string? location = null, string? contentLocation = null, string target = Target) =>
        string.Join(' ', InvalidationRules.Targets(method, status, target, location, contentLocation));

    [Theory]
    [InlineData("POST", 200)]
    [InlineData("PUT", 201)]
    [InlineData("DELETE", 204)]
    [InlineData("PATCH", 299)]
    [InlineData("M-SEARCH", 200)]
    [InlineData("get", 200)]
    [InlineData("POST", 303)]
    [InlineData("POST", 399)]
    public void A_write_that_was_answered_makes_its_target_invalid(string method, int status) => Assert.Equal(Target, Targets(method, status));

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("HEAD", 200)]
    [InlineData("OPTIONS", 200)]
    [InlineData("TRACE", 200)]
    [InlineData("PROPFIND", 207)]
    [InlineData("REPORT", 207)]
    [InlineData("SEARCH", 200)]
    [InlineData("QUERY", 200)]
    public void A_safe_method_never_does(string method, int status) => Assert.Equal("", Targets(method, status, "/y", "/z"));

    [Theory]
    [InlineData("POST", 400)]
    [InlineData("POST", 404)]
    [InlineData("PUT", 500)]
    [InlineData("FOO", 503)]
    [InlineData("POST", 100)]
    public void An_error_never_does(string method, int status) => Assert.Equal("", Targets(method, status, "/y", "/z"));

    [Theory]
    [InlineData("§4.4: absolute, same origin", "http://a.example/y", "http://a.example/y")]
    [InlineData("absolute path", "/y", "http://a.example/y")]
    [InlineData("relative to the path", "y", "http://a.example/dir/y")]
    [InlineData("dot segments", "../y/./z", "http://a.example/y/z")]
    [InlineData("only a query", "?q=2", "http://a.example/dir/x?q=2")]
    [InlineData("without the scheme", "//a.example/y", "http://a.example/y")]
    [InlineData("§4.3.1 of 9110: host of any case", "http://A.EXAMPLE/y", "http://A.EXAMPLE/y")]
    [InlineData("§4.2.1 of 9110: default port", "http://a.example:80/y", "http://a.example:80/y")]
    [InlineData("scheme of any case", "HTTP://a.example/y", "http://a.example/y")]
    [InlineData("fragments are no part of it", "/y#z", "http://a.example/y")]
    public void Location_and_Content_Location_of_the_same_origin_too(string clause, string reference, string expected)
    {
        Assert.True(Targets("POST", 201, location: reference) == $"{Target} {expected}", $"{clause}: {Targets("POST", 201, location: reference)}");
        Assert.True(Targets("POST", 201, contentLocation: reference) == $"{Target} {expected}", clause);
    }

    [Theory]
    [InlineData("§4.4: another host", "http://b.example/y")]
    [InlineData("§4.4: a host that only begins alike", "http://a.example.evil/y")]
    [InlineData("§4.4: another port", "http://a.example:8080/y")]
    [InlineData("§4.4: another scheme", "https://a.example/y")]
    [InlineData("§4.4: another scheme's default port", "http://a.example:443/y")]
    [InlineData("another host without the scheme", "//b.example/y")]
    [InlineData("userinfo", "http://a.example@b.example/y")]
    [InlineData("userinfo before the same host", "http://u@a.example/y")]
    [InlineData("no authority", "urn:x:y")]
    [InlineData("the target itself", Target)]
    [InlineData("the target itself", "")]
    public void Nothing_else(string clause, string reference) => Assert.True(Targets("POST", 201, reference, reference) == Target, clause);

    [Fact]
    public void Both_at_once_each_once() => Assert.Equal($"{Target} http://a.example/y http://a.example/z", Targets("PUT", 200, "/y", "/z"));

    [Fact]
    public void Escapes_stay_as_they_came() => Assert.Equal($"{Target} http://a.example/%2f%41%ff", Targets("PUT", 200, "/%2f%41%ff"));

    [Fact]
    public void A_target_on_its_default_port() => Assert.Equal("https://a.example:443/x https://a.example/y", Targets("PUT", 200, "https://a.example/y", target: "https://a.example:443/x"));
}
