using System.Globalization;
using DistCache.Scenarios.Wire;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Attacks;

/// <summary>
/// A3, mixed answers ("HTTP/1.1 must die", 2025): an origin whose connections are used again says too much, too early or too little, and the
/// answer to one client must not go to the next.
/// </summary>
public class AnswerQueueTests(WireEdge wire) : IClassFixture<WireEdge>
{
    [Fact]
    public async Task A_client_gets_the_answer_to_its_own_request_or_an_error_from_an_origin_that_misbehaves()
    {
        var (clients, each) = LongForm.Asked ? (64, 1000) : (32, 40);
        wire.Origin.On("/queue").Answer(request => Misbehave(request, Number(request)));
        wire.Origin.On("/early").Early().Answer(request => Misbehave(request, Number(request)));
        await wire.RunAsync(async () =>
        {
            var whole = 0;
            await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
            {
                for (var i = 0; i < each; i++)
                    if (await AskAsync(client, i))
                        Interlocked.Increment(ref whole);
            })));
            Assert.InRange(whole, clients * each / 2, clients * each); // Most of the answers are sound: else this would show nothing.
        });
    }

    /// <summary>False: an error, or a cut that can be seen.</summary>
    private async Task<bool> AskAsync(int number, int turn)
    {
        var token = string.Create(CultureInfo.InvariantCulture, $"{number}-{turn}-{(number * 7) + (turn * 3)}");
        await using var client = await wire.Edge.ConnectAsync();
        await client.SendAsync((turn % 3) switch
        {
            0 => $"GET /queue?{token} HTTP/1.1\r\nHost: test\r\n\r\n",
            1 => $"POST /queue?{token} HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello",
            _ => $"POST /early?{token} HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello",
        });
        if (await client.TryReadAnswerAsync(turn % 3 == 0 ? "GET" : "POST") is not { Status: 200, EndedCleanly: true } answer)
            return false;
        Assert.Equal(token, answer.Text);
        return true;
    }

    private static int Number(OriginRequest request) => int.Parse(request.Target[(request.Target.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture);

    private static Script Misbehave(OriginRequest request, int number)
    {
        var token = request.Target[(request.Target.IndexOf('?', StringComparison.Ordinal) + 1)..];
        var sound = Latin1.Text(Answers.Ok(token, "Cache-Control: no-store"));
        return (number % 12) switch
        {
            0 => Script.ResetAtOnce(),
            1 => Script.Text(sound[..^2]).Reset(),
            2 => Script.Text($"HTTP/1.1 100 Continue\r\n\r\n{sound}"),
            3 => Script.Text($"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{sound}"),
            4 => Script.Text($"{sound}{Latin1.Text(Answers.Ok("wrong", "Cache-Control: no-store"))}"),
            5 => Script.Text($"{sound}more bytes"),
            6 => Script.Text(sound).Fin(),
            7 => Script.Text(Latin1.Text(Answers.Chunked(Latin1.Bytes(token), 2, "Cache-Control: no-store")) + "0\r\n\r\n"),
            _ => Script.Text(sound),
        };
    }
}
