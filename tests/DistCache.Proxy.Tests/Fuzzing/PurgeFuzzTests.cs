using CsCheck;
using DistCache.Proxy.Purging;
using DistCache.Semantics.Fields;
using DistCache.Storage.Purging;
using DistCache.TestKit;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Tests.Fuzzing;

/// <summary>PURGE and cache tags: what is purged is what every field says, and never more.</summary>
public class PurgeFuzzTests
{
    private static readonly string[] TagNames = ["Surrogate-Key", "xkey", "Cache-Tag", "Edge-Cache-Tag"];

    private static readonly Gen<(string Name, string Value)[]> Fields = Gen.Select(
        Gen.OneOf([.. TagNames, "Soft-Purge", "Fastly-Soft-Purge", "Purge-Scope", "X-Purge-Method", "X-Purge-Mode", "X-Purge-Tags", "X-Other"]),
        Gen.OneOf(Gen.OneOf("0", "1", "url", "host", "prefix", "everything", "exact", "default", "regex", "a", "a b", "a,b", ""), Fuzz.Near("everything", "1", "a b", "a, b,", "regex"))).Array[0, 4];

    private static readonly Gen<string> Path = Gen.OneOf("/a/b", "/.*", "/");

    [Fact]
    public void A_purge_is_what_every_field_says() => Fuzz.Holds(Gen.Select(Fields, Path), pair =>
    {
        var (fields, path) = pair;
        var purge = PurgeRequest.Read(Request(fields, path), out var error);
        Assert.Equal(purge is null, error.Length > 0);
        if (purge is null)
            return;
        string? Said(string name) => fields.Where(field => field.Name == name).Select(field => field.Value).SingleOrDefault();
        Assert.DoesNotContain(fields, field => field.Name is "X-Purge-Mode" or "X-Purge-Tags");
        var softness = fields.Where(field => field.Name.EndsWith("Soft-Purge", StringComparison.Ordinal)).ToList();
        Assert.All(softness, field => Assert.Equal(purge.Mode is PurgeMode.Soft ? "1" : "0", field.Value));
        Assert.True(purge.Mode is PurgeMode.Hard || softness.Count > 0);

        var tags = fields.Where(field => TagNames.Contains(field.Name)).ToList();
        var (scope, method) = (Said("Purge-Scope"), Said("X-Purge-Method"));
        Assert.True((tags.Count > 0 ? 1 : 0) + (scope is null ? 0 : 1) + (method is null ? 0 : 1) <= 1);
        var expected = tags.Count > 0 ? tags.OrderBy(field => Array.IndexOf(TagNames, field.Name)).SelectMany(field => TagsOf(field.Name, field.Value)).Select(tag => $"Tag {tag}")
            : scope is null && method is null or "exact" or "default" || scope == "url" ? [$"Url http://a.example{path}", $"Url https://a.example{path}"]
            : scope == "prefix" ? [$"Prefix a.example{path}"]
            : scope == "everything" ? ["Everything *"]
            : ["Host a.example"];
        Assert.True(expected.All(text => text != "Host a.example") || scope == "host" || (method == "regex" && path == "/.*"));
        Assert.Equal(expected.Select(text => text.Split(' ')[0]), purge.Selectors.Select(selector => selector.Scope.ToString()));
        if (!expected.Contains("Everything *"))
            Assert.Equal(expected, purge.Selectors.Select(selector => $"{selector.Scope} {selector.Value}"));
    }, pair => pair.Item2 + " " + Show(pair.Item1));

    [Fact]
    public void Tags_of_a_response_are_all_that_it_names_or_none_is_known() => Fuzz.Holds(
        Gen.Select(Gen.OneOf(TagNames), Fuzz.Near("a b c", "a,b , c", "", " , ", "t1 t2,t3", new string('x', 128), string.Join(' ', Enumerable.Range(0, 64)), string.Join(',', Enumerable.Range(0, 64)))).Array[0, 3], fields =>
        {
            var slow = fields.SelectMany(field => TagsOf(field.Item1, field.Item2)).Distinct().ToList();
            var known = slow.Count <= CacheTags.Most && slow.TrueForAll(tag => tag.Length <= CacheTags.MostCharacters && tag.All(c => c is > ' ' and <= '~'));
            var read = CacheTags.Of(new(fields.Select(field => new Field(field.Item1, field.Item2))));
            Assert.Equal(known ? slow.Order(StringComparer.Ordinal) : null, read?.Order(StringComparer.Ordinal));
        }, Show);

    private static IEnumerable<string> TagsOf(string name, string value) =>
        value.Split(name is "Surrogate-Key" or "xkey" ? ' ' : ',').Select(tag => tag.Trim()).Where(tag => tag.Length > 0);

    private static HttpRequest Request((string Name, string Value)[] fields, string path)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Host = "a.example";
        request.Path = path;
        foreach (var (name, value) in fields)
            request.Headers[name] = (string?[])[.. request.Headers[name], value]; // Append would drop an empty line, Kestrel keeps it.
        return request;
    }

    private static string Show((string Name, string Value)[] fields) => string.Join(" | ", fields.Select(field => $"{field.Name}: {Fuzz.Show(field.Value)}"));
}
