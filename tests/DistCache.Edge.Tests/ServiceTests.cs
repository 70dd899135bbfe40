using DistCache.Edge.Tests.Kit;

namespace DistCache.Edge.Tests;

/// <summary>The real program as systemd runs it (<c>Type=notify-reload</c>).</summary>
public sealed class ServiceTests
{
    [Fact]
    public async Task Systemd_hears_of_start_reload_watchdog_and_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no systemd on Windows.");
        using var folder = new TemporaryFolder();
        await using var systemd = new NotifySocket(Path.Combine(folder.Path, "notify"));
        await using var program = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0"], ("NOTIFY_SOCKET", systemd.Path), ("WATCHDOG_USEC", "200000"));
        Assert.Equal("READY=1", await systemd.NextAsync());
        await systemd.Fed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        program.Signal("HUP");
        var reloading = (await systemd.NextAsync()).Split('\n');
        Assert.Equal("RELOADING=1", reloading[0]);

        // systemd takes it for a reload of its own only when the time is later than that of the signal.
        Assert.StartsWith("MONOTONIC_USEC=", reloading[1], StringComparison.Ordinal);
        Assert.InRange(long.Parse(reloading[1]["MONOTONIC_USEC=".Length..], System.Globalization.CultureInfo.InvariantCulture), 1, TimeProvider.System.GetTimestamp() / (TimeProvider.System.TimestampFrequency / 1_000_000));
        Assert.Equal("READY=1", await systemd.NextAsync());

        program.Signal("TERM");
        Assert.Equal("STOPPING=1", await systemd.NextAsync());
        Assert.Equal(0, await program.ExitAsync());
    }

    [Fact]
    public async Task SIGHUP_takes_a_changed_file_at_once_and_a_bad_one_leaves_the_process_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGHUP on Windows.");
        using var folder = new TemporaryFolder();
        await using var systemd = new NotifySocket(Path.Combine(folder.Path, "notify"));
        var file = folder.Write("site.json", Log("Information"));
        await using var program = await BuiltProgram.StartAsync(["--listen", "http://127.0.0.1:0", "--config", file], ("NOTIFY_SOCKET", systemd.Path));
        await systemd.NextAsync();

        folder.Write("site.json", "{");
        await HangUpAsync();
        using var client = new HttpClient();
        Assert.StartsWith("yellow\nconfiguration: --config: ", await client.GetStringAsync(new Uri(program.Admin, "/healthz"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        folder.Write("site.json", Log("Debug"));
        await HangUpAsync();
        Assert.Equal("ok\n", await client.GetStringAsync(new Uri(program.Admin, "/healthz"), TestContext.Current.CancellationToken));
        Assert.Contains("Configuration taken over", program.Error, StringComparison.Ordinal);

        // Its end is told to systemd: nothing has to be waited for by the clock.
        async Task HangUpAsync()
        {
            program.Signal("HUP");
            Assert.StartsWith("RELOADING=1", await systemd.NextAsync(), StringComparison.Ordinal);
            Assert.Equal("READY=1", await systemd.NextAsync());
        }

        static string Log(string level) => $$"""{ "Logging": { "LogLevel": { "DistCache": "{{level}}" } } }""";
    }
}
