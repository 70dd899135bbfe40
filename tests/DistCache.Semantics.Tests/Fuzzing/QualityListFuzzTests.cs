using DistCache.Semantics.Fields;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9110 §12.4.2, rule 31: weighted choices and their normal forms.</summary>
public class QualityListFuzzTests
{
    private static readonly string[] Seeds =
        ["gzip, br;q=0.5", "*;q=0", "identity;q=0, x-gzip", "de-CH, de;q=0.9, en;q=0.001", "a ; Q=1.000", "a;q=1.001", "a;q=.5", "a;q=0.5;x", "br;q=0.1234, ;q=1", "\"a,b\""];

    [Fact]
    public void Members_and_weights_are_what_a_slow_reader_finds() => Fuzz.Holds(Fuzz.Near(Seeds), value =>
        Assert.Equal(SlowReader.Members(value).Select(SlowReader.Wish).Where(wish => wish.Choice.Length > 0), QualityList.Read(value)));

    [Fact]
    public void A_normal_form_is_its_own() => Fuzz.Holds(Fuzz.Near(Seeds), value =>
    {
        var codings = AcceptEncodingNormalization.Normalize(value, ["br", "gzip"]);
        Assert.Equal(codings, AcceptEncodingNormalization.Normalize(codings, ["br", "gzip"]));
        Assert.Contains(codings, (string[])["br, gzip", "br", "gzip", "identity", "br, gzip, identity;q=0", "br, identity;q=0", "gzip, identity;q=0", "identity;q=0"]);
        // A quote may stand open in one member and close in another once they have moved.
        if (value.Contains('"'))
            return;
        foreach (var normalize in (Func<string?, string?>[])[AcceptLanguageNormalization.Normalize, AcceptLanguageNormalization.NormalizeOrder])
            Assert.Equal(normalize(value), normalize(normalize(value)));
    });

    [Fact]
    public void A_language_is_one_that_is_offered() => Fuzz.Holds(Fuzz.Near(Seeds), value =>
    {
        var language = AcceptLanguageNormalization.Select(value, ["de", "en"], "fr");
        Assert.Contains(language, (string[])["de", "en", "fr"]);
        Assert.Equal(language, AcceptLanguageNormalization.Select(language, ["de", "en"], "fr"));
    });
}
