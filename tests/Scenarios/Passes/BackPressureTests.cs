using DistCache.Scenarios.Faults;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Passes;

/// <summary>An upload of 256 MiB to an origin that does not read: the client is held back, and the edge keeps next to nothing of it.</summary>
[Collection(AloneCollection.Name)]
public class BackPressureTests
{
    private const int MiB = 1 << 20;
    private const int Pieces = 256;
    private static readonly byte[] Piece = Bodies.Random(MiB);

    [Fact]
    public async Task An_origin_that_does_not_read_holds_the_client_back_and_the_memory_of_the_edge_stays_flat()
    {
        await using var origin = HandOrigin.Start();
        await using var edge = await EdgeProcess.StartAsync(origin.Url);
        await using var client = await edge.ConnectAsync();
        client.Patience = TimeSpan.FromMinutes(2);
        var idle = edge.Process.ResidentBytes;
        using var peak = new PeakMemory(edge.Process);

        await client.SendAsync(Requests.Text("PUT", "/large", $"Content-Length: {(long)Pieces * MiB}"));
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < Pieces; sent++)
                await client.SendAsync(Piece);
        }, TestContext.Current.CancellationToken);
        var connection = await origin.AcceptAsync();
        await connection.ReadHeadAsync();
        await HeldBackAsync(() => Volatile.Read(ref sent));
        var held = Volatile.Read(ref sent);
        Assert.InRange(held, 0, 64); // What kernels and pipes between client and origin hold.

        var buffer = new byte[MiB];
        for (var at = 0L; at < (long)Pieces * MiB;)
        {
            var read = await connection.ReadSomeAsync(buffer.AsMemory(0, (int)Math.Min(MiB - (at % MiB), 64 * 1024)));
            Assert.True(read > 0, $"the upload ended after {at} bytes");
            Assert.True(buffer.AsSpan(0, read).SequenceEqual(Piece.AsSpan((int)(at % MiB), read)), $"other bytes at {at}");
            at += read;
        }

        await sending;
        await connection.SendAsync(Answers.Ok("kept"));
        Assert.Equal("kept", (await client.ReadAnswerAsync("PUT")).Text);
        var grown = peak.Stop() - idle;
        TestContext.Current.SendDiagnosticMessage("256 MiB upload: client held back after {0} MiB; memory +{1} MiB", held, grown / MiB);
        Assert.True(grown < 48 * MiB, $"memory grew by {grown / MiB} MiB");
    }

    /// <summary>That nothing moves any more shows only by time: half a second without a piece.</summary>
    private static async Task HeldBackAsync(Func<int> sent)
    {
        for (var before = -1; before != sent();)
        {
            before = sent();
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }
}
