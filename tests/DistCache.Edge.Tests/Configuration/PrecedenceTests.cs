using DistCache.Edge.CommandLine;
using DistCache.Edge.Configuration;
using DistCache.Edge.Hosts;
using DistCache.Edge.Memory;
using DistCache.Edge.Node;
using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests.Configuration;

public sealed class PrecedenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Command_line_wins_over_environment_over_later_files_over_earlier_files_over_appsettings()
    {
        _folder.Write("appsettings.json", Memory("1MiB", "a", "b", "c", "d"));
        var first = _folder.Write("first.json", Memory("2MiB", "first", "first", "first"));
        var second = _folder.Write("second.json", Memory("3MiB", "second", "second"));
        var configuration = Reading.Of(_folder, new EdgeArguments { Config = [first, second], Memory = "5MiB" },
            (MemoryOptions.CapacityKey, "4MiB"), ("Rank:r0", "environment"));

        Assert.Empty(configuration.Complaints);
        Assert.Equal("5MiB", configuration.Root[MemoryOptions.CapacityKey]);
        Assert.Equal(["environment", "second", "first", "d"], Enumerable.Range(0, 4).Select(i => configuration.Root[$"Rank:r{i}"]));

        static string Memory(string capacity, params string[] ranks) =>
            $$"""{ "DistCache": { "Memory": { "Capacity": "{{capacity}}" } }, "Rank": { {{string.Join(',', ranks.Select((rank, i) => $"\"r{i}\":\"{rank}\""))}} } }""";
    }

    [Fact]
    public void The_strongest_source_that_names_data_ports_decides_alone()
    {
        _folder.Write("appsettings.json", """{ "DistCache": { "Listen": [ "http://*:1", "http://*:2", "http://*:3" ] } }""");
        var file = _folder.Write("file.json", """{ "DistCache": { "Listen": [ "http://*:4", "http://*:5" ] } }""");

        Assert.Equal(["http://*:1", "http://*:2", "http://*:3"], Ports(new()));
        Assert.Equal(["http://*:4", "http://*:5"], Ports(new() { Config = [file] }));
        Assert.Equal(["http://*:6"], Ports(new() { Config = [file] }, ("DistCache:Listen:0", "http://*:6")));
        Assert.Equal(["http://*:6", "http://*:7"], Ports(new() { Config = [file] }, ("DistCache:Listen", "http://*:6;http://*:7")));
        Assert.Equal(["http://*:8"], Ports(new() { Config = [file], Listen = ["http://*:8"] }, ("DistCache:Listen", "http://*:6;http://*:7")));

        string[] Ports(EdgeArguments arguments, params (string, string?)[] environment)
        {
            var configuration = Reading.Of(_folder, arguments, environment);
            return [.. ListenOptions.Read(configuration.Settings).Select(address => address.ToString())];
        }
    }

    [Fact]
    public void A_wrong_value_is_named_after_the_option_that_set_it_and_otherwise_after_its_key()
    {
        var byOption = Reading.Of(_folder, new EdgeArguments { Memory = "x" }, (MemoryOptions.CapacityKey, "y"));
        MemoryOptions.Read(byOption.Settings, available: 1 << 30);
        Assert.Equal("--memory: 'x' is not a size. Write a number of bytes, or one with KiB, MiB, GiB or TiB, as in 512MiB.", Assert.Single(byOption.Complaints).ToString());

        var byKey = Reading.Of(_folder, (MemoryOptions.CapacityKey, "y"));
        MemoryOptions.Read(byKey.Settings, available: 1 << 30);
        Assert.Equal("DistCache:Memory:Capacity", Assert.Single(byKey.Complaints).Where);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var configuration = Reading.Of(_folder, new EdgeArguments { Preset = "bold", Origin = "nowhere", Config = [Path.Combine(_folder.Path, "none.json")] },
            (NodeOptions.IdKey, "a b"), (MemoryOptions.CapacityKey, "x"), (ListenOptions.Key, "y"));
        NodeOptions.Read(configuration.Settings, "machine");
        MemoryOptions.Read(configuration.Settings, available: 1 << 30);
        ListenOptions.Read(configuration.Settings);

        Assert.Equal(["--config", "--preset", "--origin", NodeOptions.IdKey, MemoryOptions.CapacityKey, ListenOptions.Key],
            configuration.Complaints.Select(complaint => complaint.Where));
        Assert.All(configuration.Complaints, complaint => Assert.NotEmpty(complaint.Remedy));
    }

    [Fact]
    public void Hosts_see_resolved_values_and_the_safe_default_preset_below_everything()
    {
        var plain = Reading.Of(_folder, (MemoryOptions.CapacityKey, "2MiB"), (NodeOptions.IdKey, "ams-1"));
        Assert.Equal(("2097152", "1048576", "ams-1", "eu", "safe"), Seen(plain));

        var chosen = Reading.Of(_folder, new EdgeArguments { Preset = "RFC9111" }, (CatchAllRoute.PresetKey, "safe"));
        Assert.Equal("rfc9111", Seen(chosen).Preset);

        static (string?, string?, string?, string?, string? Preset) Seen(EdgeConfiguration configuration)
        {
            var resolved = ResolvedConfiguration.Build(configuration.Root, new("ams-1", "eu"), new(2 << 20, 1 << 20), demoOrigin: null);
            return (resolved.Root[MemoryOptions.CapacityKey], resolved.Root[MemoryOptions.MaxObjectSizeKey], resolved.Root[NodeOptions.IdKey],
                resolved.Root[NodeOptions.RegionKey], resolved.Root[CatchAllRoute.PresetKey]);
        }
    }
}
