using CsCheck;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Ranges;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;
using DistCache.Semantics.StructuredFields;
using DistCache.Semantics.Validation;
using DistCache.Semantics.Writes;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>What comes over the wire is anybody's: no text makes a reader throw.</summary>
public class AnyTextTests
{
    // Any byte as Latin-1, controls included; and texts made of the pieces that the grammars are made of.
    private static readonly Gen<string> Bytes = Gen.String[Gen.Char['\0', '\u00ff'], 0, 40];

    private static readonly Gen<string> Pieces = Gen.OneOf(
        "max-age", "s-maxage", "no-cache", "private", "=", "=", ",", ",", ";", "\"", "\"", "\\", " ", "\t", "60", "-1", "99999999999999999999999", "W/",
        "*", "bytes=", "bytes ", "-", "/", "?1", "?", ":", "@", "%", "%\"", "(", ")", "a", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "q=0.5", "//", "..", "#", "\u00fc", "\0", "\u007f").Array[0, 12].Select(string.Concat);

    private static readonly Gen<string> Text = Gen.OneOf(Bytes, Pieces);

    [Fact]
    public void No_text_makes_a_field_reader_throw() =>
        Fuzz.Holds(
            Text,
            text =>
            {
                string?[] lines = [text, null, text];
                HttpDate.TryParse(text, Make.Now, out _);
                DeltaSeconds.TryParse(text, out _);
                EntityTag.TryParse(text, out _);
                ContentRange.TryParse(text, out _);
                RequestDirectives.Read([text]);
                VaryField.Read([text]);
                VaryNormalization.Combine(lines);
                AcceptEncodingNormalization.Normalize(text, ["br", "gzip"]);
                AcceptLanguageNormalization.Normalize(text);
                AcceptLanguageNormalization.NormalizeOrder(text);
                AcceptLanguageNormalization.Select(text, ["en"], "en");
                StructuredField.TryParseItem([text], out _);
                StructuredField.TryParseList([text], out _);
                StructuredField.TryParseDictionary([text], out _);
                ClientConditions.IsNotModified([text], [text], new EntityTag("\"a\""), Make.Now, Make.Now);
                RangeRules.Decide(text, text, new EntityTag("\"a\""), Make.Now, Make.Now, 10, out _);
                InvalidationRules.Targets("POST", 200, text, text, text);
            });

    [Fact]
    public void No_fields_make_a_rule_throw() =>
        Fuzz.Holds(
            Gen.Select(Gen.OneOf("Cache-Control", "CDN-Cache-Control", "Surrogate-Control", "Expires", "Date", "Age", "Last-Modified", "ETag", "Vary", "Connection", "Set-Cookie", "Content-Location", "Content-Range", "Content-Length", "", "\0"),
            Text,
            (name, value) => new Field(name, value)).Array[0, 8],
            fields =>
            {
                var list = new FieldList(fields);
                foreach (var options in new[] { Make.Safe, Make.Rfc9111 })
                {
                    var response = ResponseFacts.Read(200, list, BodyFraming.Framed, Make.Now, options);
                    StorageRules.Decide(Make.Request(method: "POST"), response, "http://a.example/", options);
                    var stored = StoredFields.From(response, options);
                    Freshening.Select([(response.ETag, list.First("Last-Modified"))], list);
                    Freshening.Apply(stored, response);
                    Freshening.Apply(stored, list);
                    HeadFreshening.Compare(200, stored, 10, response, asksForProof: true);
                    ConditionalFields.For([(response.ETag, list.First("Last-Modified"))]);
                    PartialRules.MayStore(response, 10);
                    var facts = ReuseFacts.Of(response, CurrentAge.Initial(response, Make.Now, Make.Now), options);
                    Assert.True(facts.Lifetime >= TimeSpan.Zero && facts.InitialAge >= TimeSpan.Zero);
                    ReuseRules.Decide(Make.Request(), facts, TimeSpan.FromDays(36500), options, out _);
                }
            },
            fields => string.Join(" | ", fields.Select(field => $"{field.Name}: {Fuzz.Show(field.Value)}")));
}
