using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Wire;

[Collection(WireCollection.Name)]
public class RefusedRequestTests(WireEdge wire)
{
    public static TheoryData<string> Names => [.. RefusedRows.All.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_request_is_refused_and_never_reaches_the_origin(string name)
    {
        var row = RefusedRows.All.Single(row => row.Name == name);
        var reached = await wire.RunAsync(async () =>
        {
            await using var client = await wire.Edge.ConnectAsync();
            await client.SendAsync(row.Closes ? RefusedRows.WithNext(row) : row.Bytes);
            var method = row.Bytes.Split(' ')[0];
            if (await client.TryReadAnswerAsync(method) is not { } answer)
            {
                Assert.True(row.MayDrop, $"{name}: ended ({client.PeerEnd}) without an answer");
                return;
            }

            Assert.True(row.Statuses.Contains(answer.Status), $"{name}: {answer}");
            if (row.Closes)
                Assert.NotEqual(ConnectionEnd.Open, await client.ReadEndAsync());
        });
        if (row.MayStart)
            Assert.All(reached, request => Assert.False(request.IsWhole, $"{name} reached the origin whole:\n{request.Text}"));
        else
            Assert.Empty(reached);
    }
}
