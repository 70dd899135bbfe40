using System.Globalization;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Faults;

/// <summary>F21: a working set of ten times the cache inside a control group of 512 MB, metrics being read. Long form: ten minutes.</summary>
[Collection(AloneCollection.Name)]
public class MemoryPressureTests
{
    private const long MiB = 1 << 20;
    private const string Groups = "/sys/fs/cgroup/memory";
    private const int ObjectLength = 128 * 1024;
    private const int Objects = (int)(2560 * MiB / ObjectLength);
    private static readonly byte[] Body = Bodies.Random(ObjectLength);

    [Fact]
    public async Task F21_ten_times_the_cache_stays_within_the_cache_and_200_MB()
    {
        Assert.SkipUnless(Directory.Exists(Groups) && Environment.UserName == "root", "needs root and the memory controller of control groups, version 1");
        var group = $"{Groups}/distcache-f21-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
        Directory.CreateDirectory(group);
        try
        {
            File.WriteAllText($"{group}/memory.limit_in_bytes", (512 * MiB).ToString(CultureInfo.InvariantCulture));
            await using var origin = ScriptOrigin.Start();
            origin.Others.Answer(Answers.Ok(Body, "Cache-Control: max-age=600"));
            await using (var edge = await EdgeProcess.StartAsync(origin.Url, memory: "256MiB"))
            {
                File.WriteAllText($"{group}/cgroup.procs", edge.Process.Id.ToString(CultureInfo.InvariantCulture));
                await edge.MetricsAsync(); // what it takes to be watched counts, too
                using var enough = new CancellationTokenSource(LongForm.Asked ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(12));
                await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
                {
                    var random = new Random(worker);
                    await using var client = await edge.ConnectAsync();
                    while (!enough.IsCancellationRequested)
                    {
                        var answer = await client.GetAsync($"/{random.Next(Objects).ToString(CultureInfo.InvariantCulture)}");
                        Assert.True(answer is { Status: 200, EndedCleanly: true } && Body.AsSpan().SequenceEqual(answer.Body), $"{answer.Status} {answer.End}");
                    }
                })));
                Assert.False(edge.Process.HasExited, edge.Process.Output);
                TestContext.Current.SendDiagnosticMessage("F21: {0} requests to the origin, most resident {1} MiB", origin.Log.All.Count, edge.Process.PeakResidentBytes / MiB);
                Assert.True(edge.Process.PeakResidentBytes <= 456 * MiB, $"{edge.Process.PeakResidentBytes / MiB} MiB");
            }
        }
        finally
        {
            Directory.Delete(group);
        }
    }
}
