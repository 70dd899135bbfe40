using DistCache.Semantics.Ranges;

namespace DistCache.Semantics.Tests.Ranges;

/// <summary>RFC 9110 §14.4.</summary>
public class ContentRangeTests
{
    [Theory]
    [InlineData("bytes 0-4/10", 0, 4, 10)]
    [InlineData("bytes 42-1233/1234", 42, 1233, 1234)]
    [InlineData("Bytes 0-0/1", 0, 0, 1)]
    [InlineData(" bytes 0-4/10 ", 0, 4, 10)]
    [InlineData("bytes 0-9223372036854775806/9223372036854775807", 0, long.MaxValue - 1, long.MaxValue)]
    public void Reads(string text, long first, long last, long length)
    {
        Assert.True(ContentRange.TryParse(text, out var value));
        Assert.Equal(new(new(first, last), length), value);
        Assert.Equal(last - first + 1, value.Range.Length);
    }

    [Fact]
    public void The_length_may_be_unknown()
    {
        Assert.True(ContentRange.TryParse("bytes 42-1233/*", out var value));
        Assert.Equal(new(new(42, 1233), null), value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes */1234")]
    [InlineData("items 0-4/10")]
    [InlineData("bytes=0-4/10")]
    [InlineData("bytes 4-0/10")]
    [InlineData("bytes 0-10/10")]
    [InlineData("bytes 0-4/4")]
    [InlineData("bytes 0-4")]
    [InlineData("bytes 0/10-4")]
    [InlineData("bytes 0-4/")]
    [InlineData("bytes -4/10")]
    [InlineData("bytes 0-/10")]
    [InlineData("bytes +0-4/10")]
    [InlineData("bytes 0-4/10/11")]
    [InlineData("bytes  0-4/10")]
    [InlineData("bytes 0-4/99999999999999999999")]
    [InlineData("bytes 0-9223372036854775807/*")]
    public void Refuses(string? text) => Assert.False(ContentRange.TryParse(text, out _));

    [Fact]
    public void Spells()
    {
        Assert.Equal("bytes 0-4/10", new ContentRange(new(0, 4), 10).ToString());
        Assert.Equal("bytes 0-4/*", new ContentRange(new(0, 4), null).ToString());
        Assert.Equal("bytes */10", ContentRange.Unsatisfied(10));
    }
}
