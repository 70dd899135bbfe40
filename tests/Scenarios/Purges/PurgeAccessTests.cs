using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Purges;

/// <summary>Who may purge: loopback and the listed networks, by the address of the connection.</summary>
public class PurgeAccessTests
{
    [Theory]
    [InlineData("", 403)]
    [InlineData("203.0.113.0/24", 403)]
    [InlineData("{own}/32", 200)]
    public async Task Only_loopback_and_listed_networks_may_purge(string network, int status)
    {
        Assert.SkipWhen(OwnAddress() is null, "this machine has no address besides loopback");
        var own = OwnAddress()!.ToString();
        await using var origin = ScriptOrigin.Start();
        origin.On("/page").Answer(Answers.Ok("page", "Cache-Control: max-age=600"));
        var port = Ports.Free();
        await using var edge = await EdgeProcess.StartAsync(new EdgeStart
        {
            Origin = origin.Url,
            Arguments = ["--listen", $"http://{own}:{port}"],
            Environment = Allowing(network.Replace("{own}", own, StringComparison.Ordinal)),
        });
        await edge.GetAsync("/page");

        // No field may open the door.
        foreach (var lines in (string[][])[[], ["Purge-Scope: everything"], ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1"]])
        {
            await using var client = await RawClient.ConnectAsync(port, own);
            Assert.Equal(status, (await client.RequestAsync("PURGE", "/page", lines)).Status);
            Assert.Equal(status == 403, (await edge.GetAsync("/page")).IsHit());
        }

        await using var local = await edge.ConnectAsync();
        Assert.Equal(status == 403 ? 1 : 4, PurgeReachTests.Position(await local.RequestAsync("PURGE", "/page")));
    }

    private static Dictionary<string, string?> Allowing(string network) =>
        network.Length == 0 ? [] : new() { ["DistCache__Purge__AllowedNetworks__0"] = network };

    private static IPAddress? OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
