using System.Diagnostics;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Ranges;
using DistCache.Semantics.Storing;
using DistCache.Semantics.StructuredFields;
using DistCache.Semantics.Writes;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>Time grows with the text and not with its square: a thousand times more than a header may hold is read at once.</summary>
public class HostileLengthTests
{
    // A reader that starts over at each of 2^20 pieces takes minutes, one pass a fraction of a second: no machine is noisy enough to confuse them.
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Pieces => ["\"", "\",", "\\\"", ",", ", ", " ", "\t,", "a,", "a=\"", "W/\"", "\"a\" ", ";", "/..", "../", "/a", "%", "(", "0", "-1,", "q;q=", "a=\"\\", "*,"];

    [Theory, MemberData(nameof(Pieces))]
    public void A_megabyte_of_one_piece_is_read_in_one_pass(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));
        foreach (var (name, read) in Readers(text))
        {
            var start = Stopwatch.GetTimestamp();
            read();
            Assert.True(Stopwatch.GetElapsedTime(start) < Most, $"{name}: {Stopwatch.GetElapsedTime(start)}");
        }
    }

    private static IEnumerable<(string Name, Action Read)> Readers(string text) =>
    [
        ("Cache-Control", () => CacheControlReader.Read([text], DirectiveSource.CacheControl)),
        ("Cache-Control of a request", () => RequestDirectives.Read([text])),
        ("private", () => CacheControlReader.Read([$"private=\"{text.Replace("\"", "", StringComparison.Ordinal)}\""], DirectiveSource.CacheControl)),
        ("CDN-Cache-Control", () => TargetedFieldReader.TryRead([text], out _)),
        ("list", () => StructuredField.TryParseList([text], out _)),
        ("Vary", () => VaryField.Read([text])),
        ("values", () => VaryNormalization.Combine([text, text])),
        ("Accept-Encoding", () => AcceptEncodingNormalization.Normalize(text, ["br", "gzip"])),
        ("Accept-Language", () => AcceptLanguageNormalization.Select(text, ["en"], "en")),
        ("If-None-Match", () => ClientConditions.IsNotModified([text], [], new("\"x\""), null, Make.Now)),
        ("Range", () => RangeRules.Decide("bytes=" + text, null, null, null, Make.Now, 10, out _)),
        ("Content-Range", () => ContentRange.TryParse("bytes " + text, out _)),
        ("ETag", () => EntityTag.TryParse(text, out _)),
        ("Date", () => HttpDate.TryParse(text, Make.Now, out _)),
        ("Age", () => DeltaSeconds.TryParse(text, out _)),
        ("Location", () => InvalidationRules.Targets("POST", 200, "http://a.example/", text, "/" + text)),
    ];
}
