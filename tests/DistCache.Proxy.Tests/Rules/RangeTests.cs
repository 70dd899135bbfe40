using DistCache.Proxy.Tests.Kit;
using DistCache.TestKit;

namespace DistCache.Proxy.Tests.Rules;

/// <summary>Rules 42 to 44: ranges (RFC 9110 §14) and stored pieces (RFC 9111 §3.3, §3.4).</summary>
public sealed class RangeTests(RuleEdges edges) : IClassFixture<RuleEdges>
{
    [Theory]
    [InlineData("§14.1.2: one range", "bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("§14.1.2: one byte", "bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("§14.1.2: no last byte", "bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("§14.1.2: suffix", "bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("§14.1.2: suffix beyond the beginning", "bytes=-99", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("§14.1.2: last byte beyond the end", "bytes=8-99", 206, "89", "bytes 8-9/10")]
    [InlineData("§14.1: the unit in capitals", "BYTES=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("§15.5.17: beyond the end", "bytes=10-", 416, "", "bytes */10")]
    [InlineData("§15.5.17: suffix of nothing", "bytes=-0", 416, "", "bytes */10")]
    [InlineData("§14.2: another unit", "lines=1-2", 200, "0123456789", null)]
    [InlineData("§14.2: backwards", "bytes=4-2", 200, "0123456789", null)]
    [InlineData("§14.2: no number", "bytes=a-b", 200, "0123456789", null)]
    [InlineData("§14.2: empty", "bytes=", 200, "0123456789", null)]
    [InlineData("rule 43: overlapping beyond the body", "bytes=0-9,0-9", 200, "0123456789", null)]
    [InlineData("rule 43: 17 ranges", "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0", 416, "", "bytes */10")]
    [InlineData("§13.1.5: If-Range by strong tag", "bytes=2-4|If-Range: \"a\"", 206, "234", "bytes 2-4/10")]
    [InlineData("§13.1.5: If-Range, another tag", "bytes=2-4|If-Range: \"b\"", 200, "0123456789", null)]
    [InlineData("§13.1.5: If-Range, weak", "bytes=2-4|If-Range: W/\"a\"", 200, "0123456789", null)]
    [InlineData("§13.1.5: If-Range twice is none that holds", "bytes=2-4|If-Range: \"b\"|If-Range: \"b\"", 200, "0123456789", null)]
    [InlineData("§13.1.5: If-Range by the exact date", "bytes=2-4|If-Range: Fri, 01 Jan 2021 00:00:00 GMT", 206, "234", "bytes 2-4/10")]
    [InlineData("§13.1.5: If-Range, a later date", "bytes=2-4|If-Range: Sat, 02 Jan 2021 00:00:00 GMT", 200, "0123456789", null)]
    public async Task Rule_42_and_43_of_a_complete_stored_body(string clause, string range, int status, string text, string? contentRange)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Answer(row.Ok("0123456789", "Cache-Control: max-age=60|ETag: \"a\"|Last-Modified: Fri, 01 Jan 2021 00:00:00 GMT"));
            await row.GetAsync();
            var answer = await row.GetAsync("Range: " + range);
            Assert.True((status, text, contentRange) == (answer.Status, answer.Text, answer.Field("Content-Range")), $"{preset}: {clause}: {answer}");
            Assert.Single(row.Asked);
        }
    }

    [Fact]
    public async Task Rule_43_several_ranges_come_as_multipart()
    {
        var row = edges.Row("safe");
        row.Answer(row.Ok("0123456789", "Cache-Control: max-age=60|Content-Type: text/plain"));
        await row.GetAsync();
        var answer = await row.GetAsync("Range: bytes=0-1, -2");
        Assert.Equal(206, answer.Status);
        Assert.StartsWith("multipart/byteranges; boundary=", answer.Field("Content-Type"));
        Assert.Contains("Content-Range: bytes 0-1/10\r\n\r\n01\r\n", answer.Text);
        Assert.Contains("Content-Range: bytes 8-9/10\r\n\r\n89\r\n", answer.Text);
        Assert.Null(answer.Field("Content-Range"));
    }

    [Fact]
    public async Task Rule_44_a_range_on_a_miss_fetches_the_whole()
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = edges.Row(preset);
            row.Answer(row.Ok("0123456789", "Cache-Control: max-age=60"));
            Assert.Equal((206, "234"), await StatusAndTextAsync(row, "bytes=2-4"));
            Assert.Equal((200, "0123456789"), await StatusAndTextAsync(row, "bytes=2-4|If-Range: \"x\""));
            Assert.Null(row.Asked[0].Field("Range"));
            Assert.Equal("hit", await row.OutcomeAsync());
        }
    }

    [Theory]
    [InlineData("the same range", "bytes=2-6", "23456", "bytes 2-6/10")]
    [InlineData("inside", "bytes=3-4", "34", "bytes 3-4/10")]
    [InlineData("its first byte", "bytes=2-2", "2", "bytes 2-2/10")]
    [InlineData("its last byte", "bytes=6-6", "6", "bytes 6-6/10")]
    public async Task Rule_44_a_206_that_came_unasked_serves_ranges_inside_it(string clause, string range, string text, string contentRange) // RFC 9111 §3.3
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = Part(preset, "ETag: \"a\"");
            Assert.Equal((206, "23456"), await StatusAndTextAsync(row, "bytes=2-6"));
            row.Pass(7);
            var answer = await row.GetAsync("Range: " + range);
            Assert.True((206, text, contentRange, "7") == (answer.Status, answer.Text, answer.Field("Content-Range"), answer.Field("Age")), $"{preset}: {clause}: {answer}");
            Assert.Contains("; hit", answer.Field("Cache-Status"));
            Assert.Single(row.Asked);
        }
    }

    [Theory]
    [InlineData("before it", "bytes=1-3")]
    [InlineData("behind it", "bytes=6-7")]
    [InlineData("open end", "bytes=3-")]
    [InlineData("suffix", "bytes=-5")]
    [InlineData("several", "bytes=2-3,5-6")]
    [InlineData("the whole", "")]
    [InlineData("a failed If-Range", "bytes=3-4|If-Range: \"b\"")]
    public async Task Rule_44_and_nothing_else(string clause, string range) // RFC 9111 §3.3
    {
        var row = Part("safe", "ETag: \"a\"");
        await row.GetAsync("Range: bytes=2-6");
        await row.GetAsync(range.Length == 0 ? "" : "Range: " + range);
        Assert.True(row.Asked.Count == 2, clause);
    }

    [Theory]
    [InlineData("no validator", "X: 1", "2-6/10")]
    [InlineData("a weak one", "ETag: W/\"a\"", "2-6/10")]
    [InlineData("a Content-Range that does not fit", "ETag: \"a\"", "2-7/10")]
    [InlineData("an unknown length", "ETag: \"a\"", "2-6/*")]
    [InlineData("no-store", "ETag: \"a\"|Cache-Control: no-store", "2-6/10")]
    [InlineData("private", "ETag: \"a\"|Cache-Control: private", "2-6/10")]
    [InlineData("Vary: *", "ETag: \"a\"|Vary: *", "2-6/10")]
    public async Task Rule_44_what_may_not_be_stored_is_not(string clause, string lines, string contentRange)
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = Part(preset, lines, contentRange);
            await row.GetAsync("Range: bytes=2-6");
            await row.GetAsync("Range: bytes=2-6");
            Assert.True(row.Asked.Count == 2, preset + ": " + clause);
        }
    }

    [Fact]
    public async Task Rule_44_a_passed_range_is_stored_when_the_whole_is_too_large()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 100);
        var row = new Row(edge, "/large");
        var body = new string('x', 90) + "0123456789" + new string('y', 900);
        edge.Origin.On("/large").Answer(request => request.Field("Range") is "bytes=90-99"
            ? Answers.WithLength("206 Partial Content", Latin1.Bytes(body[90..100]), row.Lines("Cache-Control: max-age=60|ETag: \"a\"|Content-Range: bytes 90-99/1000"))
            : Answers.Ok(body, row.Lines("Cache-Control: max-age=60|ETag: \"a\"")));
        Assert.Equal("0123456789", (await row.GetAsync("Range: bytes=90-99")).Text);
        var asked = row.Asked.Count;
        var hit = await row.GetAsync("Range: bytes=92-94");
        Assert.Equal((206, "234", "bytes 92-94/1000"), (hit.Status, hit.Text, hit.Field("Content-Range")));
        Assert.Equal(asked, row.Asked.Count);
    }

    [Fact]
    public async Task Rule_44_pieces_together_are_no_longer_than_what_may_be_stored()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 100);
        var row = new Row(edge, "/large");
        edge.Origin.On("/large").Answer(request => request.Field("Range")?["bytes=".Length..].Split('-') is [var first, var last]
            ? Answers.WithLength("206 Partial Content", new byte[60], row.Lines($"Cache-Control: max-age=60|ETag: \"a\"|Content-Range: bytes {first}-{last}/1000"))
            : Answers.Ok(new string('x', 1000), row.Lines("Cache-Control: max-age=60|ETag: \"a\"")));
        await row.GetAsync(); // too large: ranges of it pass from now on
        await row.GetAsync("Range: bytes=0-59");
        await row.GetAsync("Range: bytes=60-119");
        await row.GetAsync("Range: bytes=70-99");
        Assert.Equal(3, row.Asked.Count); // the newer piece is there
        await row.GetAsync("Range: bytes=0-59");
        Assert.Equal(4, row.Asked.Count);
    }

    [Theory] // a policy's bypass is for its asker alone
    [InlineData("Bypass:Cookies=session", "Cookie: session=a", "/a")]
    [InlineData("Bypass:Headers=X-Preview", "X-Preview: 1", "/a")]
    [InlineData("Bypass:Query=preview", "", "/a?preview=1")]
    public async Task Rule_44_a_range_that_bypasses_the_cache_is_not_stored_either(string setting, string line, string target)
    {
        var pair = setting.Split('=');
        await using var edge = await EdgeInProcess.StartAsync(more: new Dictionary<string, string?> { ["DistCache:Policies:default:" + pair[0]] = pair[1] });
        edge.Origin.Others.Answer(_ => Answers.WithLength("206 Partial Content", "mine!"u8.ToArray(), "Cache-Control: max-age=60", "ETag: \"a\"", "Content-Range: bytes 0-4/10"));
        string[] lines = ["Range: bytes=0-4", .. line.Split('|', StringSplitOptions.RemoveEmptyEntries)];
        await edge.GetAsync(target, lines);
        await edge.GetAsync(target, lines);
        await edge.GetAsync("/a", "Range: bytes=0-4"); // of another user
        Assert.Equal(3, edge.Origin.Log.All.Count);
        Assert.Equal(1, edge.Memory.Count); // what bypasses nothing is stored
    }

    [Fact]
    public async Task A_passed_range_is_asked_for_as_a_look_up_asks_and_a_removed_field_decides_nothing()
    {
        await using var edge = await EdgeInProcess.StartAsync(maxObjectSize: 100, more: new Dictionary<string, string?>
        {
            ["DistCache:Policies:default:RemoveRequestFields"] = "Cookie",
            ["DistCache:Policies:default:Key:Cookies"] = "lang",
        });
        edge.Origin.Others.Answer(request => request.Field("Range") is null
            ? Answers.Ok(new string('x', 1000), "Cache-Control: max-age=60", "ETag: \"a\"")
            : Answers.WithLength("206 Partial Content", Latin1.Bytes((request.Field("Cookie") ?? "none ")[..5]), "Cache-Control: max-age=60", "ETag: \"a\"", "Content-Range: bytes 0-4/1000"));
        await edge.GetAsync("/a", "Cookie: lang=de");
        Assert.Equal("none ", (await edge.GetAsync("/a", "Range: bytes=0-4", "Cookie: lang=de; user=1")).Text);
        Assert.Equal("none ", (await edge.GetAsync("/a", "Range: bytes=0-4", "Cookie: lang=de; user=2")).Text);
        Assert.Equal(2, edge.Fetches("/a"));
        await edge.GetAsync("/a", "Range: bytes=0-4"); // under another key
        Assert.True(edge.Fetches("/a") > 2);
    }

    [Fact]
    public async Task Rule_44_pieces_under_one_strong_validator_become_one_and_at_last_the_whole() // RFC 9111 §3.4
    {
        foreach (var preset in RuleEdges.Presets)
        {
            var row = Pieces(preset, _ => "\"a\"");
            await row.GetAsync("Range: bytes=2-4");
            await row.GetAsync("Range: bytes=4-6"); // overlaps
            Assert.Equal((206, "2345"), await StatusAndTextAsync(row, "bytes=2-5"));
            Assert.Equal(2, row.Asked.Count);
            await row.GetAsync("Range: bytes=7-9"); // adjoins
            await row.GetAsync("Range: bytes=0-1");
            Assert.Equal(4, row.Asked.Count);
            var whole = await row.GetAsync();
            Assert.Equal((200, "0123456789", "\"a\""), (whole.Status, whole.Text, whole.Field("ETag")));
            Assert.Null(whole.Field("Content-Range"));
            Assert.Equal("4", whole.Field("X-Piece")); // the fields of the newest
            Assert.Equal((206, "89"), await StatusAndTextAsync(row, "bytes=-2"));
            Assert.Equal(4, row.Asked.Count);
        }
    }

    [Fact]
    public async Task Rule_44_pieces_of_another_validator_or_apart_from_each_other_are_not_combined() // RFC 9111 §3.4
    {
        foreach (var (first, second, tag) in new[] { ("bytes=0-4", "bytes=5-9", "\"b\""), ("bytes=0-2", "bytes=7-9", "\"a\"") })
        {
            var row = Pieces("safe", asked => asked == 1 ? "\"a\"" : tag);
            await row.GetAsync("Range: " + first);
            await row.GetAsync("Range: " + second);
            await row.GetAsync("Range: " + first);
            Assert.Equal(3, row.Asked.Count);
        }
    }

    [Fact]
    public async Task Rule_44_a_piece_is_stale_and_purged_like_everything_else()
    {
        var row = Part("safe", "ETag: \"a\"");
        await row.GetAsync("Range: bytes=2-6");
        row.Pass(60);
        await row.GetAsync("Range: bytes=2-6");
        Assert.Equal(2, row.Asked.Count);
        await row.GetAsync("Range: bytes=2-6");
        Assert.Equal(2, row.Asked.Count);
        await row.RequestAsync("PURGE");
        await row.GetAsync("Range: bytes=2-6");
        Assert.Equal(3, row.Asked.Count);
    }

    private static async Task<(int, string)> StatusAndTextAsync(Row row, string range)
    {
        var answer = await row.GetAsync("Range: " + range);
        return (answer.Status, answer.Text);
    }

    /// <summary>An origin that answers bytes 2 to 6 of ten, whatever it is asked.</summary>
    private Row Part(string preset, string lines, string contentRange = "2-6/10")
    {
        var row = edges.Row(preset);
        row.Edge.Origin.On(row.Target).Answer(_ => Answers.WithLength(
            "206 Partial Content", "23456"u8.ToArray(), row.Lines($"Cache-Control: max-age=60|Content-Range: bytes {contentRange}|{lines}")));
        return row;
    }

    /// <summary>An origin that has pieces only: the one that Range asks for, else bytes 2 to 4.</summary>
    private Row Pieces(string preset, Func<int, string> tag)
    {
        var row = edges.Row(preset);
        var asked = 0;
        row.Edge.Origin.On(row.Target).Answer(request =>
        {
            var number = Interlocked.Increment(ref asked);
            var range = (request.Field("Range") ?? "bytes=2-4")["bytes=".Length..].Split('-');
            int first = int.Parse(range[0]), last = int.Parse(range[1]);
            return Answers.WithLength("206 Partial Content", Latin1.Bytes("0123456789"[first..(last + 1)]), row.Lines(
                $"Cache-Control: max-age=60|ETag: {tag(number)}|X-Piece: {number}|Content-Range: bytes {first}-{last}/10"));
        });
        return row;
    }
}
