using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Kit;

public class HpackTests
{
    [Theory]
    [InlineData("RFC 7541 C.2.1", "400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header")]
    [InlineData("RFC 7541 C.3.1", "828684410f7777772e6578616d706c652e636f6d", ":method: GET|:scheme: http|:path: /|:authority: www.example.com")]
    [InlineData("RFC 7541 C.4.1", "828684418cf1e3c2e5f23a6ba0ab90f4ff", ":method: GET|:scheme: http|:path: /|:authority: www.example.com")]
    [InlineData(
        "RFC 7541 C.6.1",
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        ":status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com")]
    public void The_examples_of_the_RFC_are_decoded(string section, string block, string expected)
    {
        Assert.NotEmpty(section);
        Assert.Equal(expected, string.Join('|', new HpackDecoder().Decode(Convert.FromHexString(block))));
    }

    [Fact]
    public void The_dynamic_table_carries_over_to_the_next_block_RFC_7541_C4()
    {
        var decoder = new HpackDecoder();
        decoder.Decode(Convert.FromHexString("828684418cf1e3c2e5f23a6ba0ab90f4ff"));
        var second = decoder.Decode(Convert.FromHexString("828684be5886a8eb10649cbf"));
        Assert.Equal(new FieldLine(":authority", "www.example.com"), second[3]);
        Assert.Equal(new FieldLine("cache-control", "no-cache"), second[4]);
    }

    [Fact]
    public void The_oldest_entry_is_evicted_when_the_table_is_full_RFC_7541_C6()
    {
        // An entry counts its name, its value and 32 (§4.1): two of these fill 128 bytes, the third drives out the first.
        var decoder = new HpackDecoder();
        decoder.Decode([0x3f, 128 - 31]);
        foreach (var value in new[] { "1", "2", "3" })
            decoder.Decode([0x40, 0x0A, .. Latin1.Bytes("0123456789"), 0x15, .. Latin1.Bytes(value.PadLeft(21, '-'))]);
        Assert.Equal(new string('-', 20) + "3", decoder.Decode([0xBE])[0].Value);
        Assert.Equal(new string('-', 20) + "2", decoder.Decode([0xBF])[0].Value);
        Assert.Throws<WireException>(() => decoder.Decode([0xC0]));
    }

    [Fact]
    public void Any_byte_survives_the_encoder()
    {
        var name = string.Concat(Enumerable.Range(0, 256).Select(value => (char)value));
        FieldLine[] fields = [new(name, new string('v', 40_000)), new("UPPER", "a\r\nb")];
        Assert.Equal(fields, new HpackDecoder().Decode(HpackEncoder.Encode(fields)));
    }
}
