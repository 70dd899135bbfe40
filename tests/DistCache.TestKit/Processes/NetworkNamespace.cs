namespace DistCache.TestKit;

/// <summary>
/// A network namespace of this test's own, with wires (veth pairs) into it, each of which can be cut so that packets vanish: no RST, no ICMP.
/// Its addresses are in 10.77.0.0/16; the ends on this side are the only thing that is seen of it here, and go away with it.
/// </summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private readonly int _number = Random.Shared.Next(256); // of another process' at worst: then it is not made

    private NetworkNamespace()
    {
    }

    /// <param name="wires">At most 60.</param>
    /// <returns>Null, and why: this process may not make any, or there is no <c>ip</c>.</returns>
    public static async Task<(NetworkNamespace? Made, string Missing)> TryCreateAsync(int wires)
    {
        var made = new NetworkNamespace();
        if (await TryAsync("netns", "add", made.Name) is { } missing)
            return (null, $"A network namespace cannot be made here: {missing}");
        try
        {
            for (var wire = 0; wire < wires; wire++)
            {
                await RunAsync("link", "add", made.HereOf(wire), "type", "veth", "peer", "name", ThereOf(wire), "netns", made.Name);
                await RunAsync("address", "add", made.AddressOf(wire, 1) + "/30", "dev", made.HereOf(wire));
                await made.InsideAsync("address", "add", made.AddressOf(wire) + "/30", "dev", ThereOf(wire));
                await RunAsync("link", "set", made.HereOf(wire), "up");
                await made.HealAsync(wire);
            }
            return (made, "");
        }
        catch (WireException error)
        {
            await made.DisposeAsync();
            return (null, $"A wire into a network namespace cannot be made here: {error.Message}");
        }
    }

    /// <summary>By which that wire reaches it.</summary>
    public string AddressOf(int wire) => AddressOf(wire, 2);

    /// <summary>What runs a program in it; the program is then the process itself.</summary>
    public IEnumerable<string> Exec(string program, IEnumerable<string> arguments) => ["netns", "exec", Name, program, .. arguments];

    /// <summary>The far end: here the route stays, and what is sent is lost.</summary>
    public Task CutAsync(int wire) => InsideAsync("link", "set", ThereOf(wire), "down");

    public Task HealAsync(int wire) => InsideAsync("link", "set", ThereOf(wire), "up");

    public async ValueTask DisposeAsync() => await TryAsync("netns", "delete", Name);

    private string Name => $"distcache-{_number}";

    private string AddressOf(int wire, int end) => $"10.77.{_number}.{(4 * wire) + end}";

    private string HereOf(int wire) => $"dc{_number}-{wire}";

    private static string ThereOf(int wire) => $"wire{wire}";

    private Task InsideAsync(params string[] arguments) => RunAsync(["-n", Name, .. arguments]);

    private static async Task RunAsync(params string[] arguments)
    {
        await using var ip = ChildProcess.Start("ip", arguments);
        if (await ip.WaitForExitAsync(TimeSpan.FromSeconds(10)) != 0)
            throw new WireException($"ip {string.Join(' ', arguments)}: {ip.Output}");
    }

    private static async Task<string?> TryAsync(params string[] arguments)
    {
        try
        {
            await RunAsync(arguments);
            return null;
        }
        catch (Exception error) when (error is WireException or System.ComponentModel.Win32Exception)
        {
            return error.Message.Trim();
        }
    }
}
