using CsCheck;
using DistCache.Semantics.Storing;
using DistCache.Semantics.StructuredFields;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9651: what is read can be written, and reads the same.</summary>
public class StructuredFieldFuzzTests
{
    private static readonly Gen<string> Text = Fuzz.Near(
        "max-age=60, stale-if-error=10;x", "a;b=1.5, c=(1 \"two\" three);d", "?1", ":aGk=:", "@1659578233", "%\"f%c3%bc\"", "\"a\\\"b\"", "1.000", "-999999999999999", "999999999999.999",
        "*tok/en:x;q=0.1", "a=?0, b, a=2", "()", "(a b);c=?0, d");

    [Fact]
    public void An_item_is_read_as_it_is_written() => Fuzz.Holds(Text, text =>
    {
        if (!StructuredField.TryParseItem([text], out var item))
            return;
        Assert.True(StructuredField.TrySerialize(item, out var written));
        Assert.True(StructuredField.TryParseItem([written], out var again), written);
        Assert.True(StructuredField.TrySerialize(again, out var rewritten));
        Assert.Equal(written, rewritten);
    });

    [Fact]
    public void A_list_is_read_as_it_is_written_and_lines_are_one_list() => Fuzz.Holds(Gen.Select(Text, Text), pair =>
    {
        if (!StructuredField.TryParseList([pair.Item1], out var list))
            return;
        Assert.True(StructuredField.TrySerialize(list, out var written));
        Assert.True(StructuredField.TryParseList([written], out var again), written);
        Assert.True(StructuredField.TrySerialize(again, out var rewritten));
        Assert.Equal(written, rewritten);
        if (list.Count > 0 && StructuredField.TryParseList([pair.Item2], out var other) && other.Count > 0)
        {
            Assert.True(StructuredField.TryParseList([pair.Item1, pair.Item2], out var both));
            Assert.Equal(list.Count + other.Count, both.Count);
        }
    }, pair => Fuzz.Show(pair.Item1) + " " + Fuzz.Show(pair.Item2));

    [Fact]
    public void A_dictionary_is_read_as_it_is_written() => Fuzz.Holds(Text, text =>
    {
        if (!StructuredField.TryParseDictionary([text], out var dictionary))
            return;
        Assert.True(StructuredField.TrySerialize(dictionary, out var written));
        Assert.True(StructuredField.TryParseDictionary([written], out var again), written);
        Assert.Equal(dictionary.Keys, again.Keys);
        Assert.True(StructuredField.TrySerialize(again, out var rewritten));
        Assert.Equal(written, rewritten);
        Assert.Equal(dictionary.Count > 0, TargetedFieldReader.TryRead([text], out _));
    });
}
