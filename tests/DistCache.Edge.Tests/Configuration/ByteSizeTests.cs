using DistCache.Proxy.Configuration;
using DistCache.Edge.Configuration;

namespace DistCache.Edge.Tests.Configuration;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("1048576", 1048576)]
    [InlineData("17B", 17)]
    [InlineData("1KiB", 1024)]
    [InlineData("512MiB", 536870912)]
    [InlineData("64mib", 67108864)]
    [InlineData("64 MiB", 67108864)]
    [InlineData(" 2GiB ", 2147483648)]
    [InlineData("1.5GiB", 1610612736)]
    [InlineData("3TiB", 3298534883328)]
    [InlineData("1kB", 1000)]
    [InlineData("1MB", 1000000)]
    [InlineData("2GB", 2000000000)]
    [InlineData("1TB", 1000000000000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("8388607TiB", 8388607L << 40)]
    public void A_size_is_a_number_with_or_without_a_unit(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1e3")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("512M")]
    [InlineData("512 pigs")]
    [InlineData("1 2MiB")]
    [InlineData("1MiBKiB")]
    [InlineData("0.5B")]
    [InlineData("1.0000001KiB")]
    [InlineData("9223372036854775808")]
    [InlineData("8388608TiB")]
    [InlineData("79228162514264337593543950335TiB")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("\u0661MiB")]
    public void Anything_else_is_refused_and_nothing_overflows(string? text)
    {
        Assert.False(ByteSize.TryParse(text, out var bytes));
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(536870912, "512 MiB")]
    [InlineData(2040109465, "1.9 GiB")]
    [InlineData(5L << 40, "5 TiB")]
    public void A_size_is_told_in_its_largest_unit(long bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));
}
