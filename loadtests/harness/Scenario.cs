using System.Diagnostics;
using System.Threading.Channels;
using HdrHistogram;

namespace DistCache.LoadTests;

/// <summary>
/// Open loop: requests are injected at a fixed rate, whether answers come or not, and each time counts from the moment that its request
/// was due. A server that stops for a second is seen to have kept a second's requests waiting (no coordinated omission).
/// </summary>
public sealed class Scenario(string name, Func<int, Task> request)
{
    private const long Longest = 60_000_000; // microseconds

    private readonly LongConcurrentHistogram _times = new(1, Longest, 3);
    private readonly List<Exception> _failures = [];
    private int _rate;
    private TimeSpan _during;

    public string Name => name;

    /// <summary>Requests that failed; the first few are kept.</summary>
    public int Failed { get; private set; }

    public IReadOnlyList<Exception> Failures => _failures;

    public long Count => _times.TotalCount;

    public Scenario Inject(int rate, TimeSpan during)
    {
        (_rate, _during) = (rate, during);
        return this;
    }

    /// <summary>Milliseconds.</summary>
    public double Percentile(double percentile) => _times.GetValueAtPercentile(percentile) / 1000.0;

    /// <param name="connections">At most so many requests under way; more wait, and their wait counts.</param>
    public async Task RunAsync(int connections = 256)
    {
        var due = Channel.CreateUnbounded<(int Number, long At)>(new() { SingleWriter = true });
        var workers = Enumerable.Range(0, connections).Select(_ => Task.Run(() => WorkAsync(due.Reader))).ToArray();
        var start = Stopwatch.GetTimestamp();
        var injected = 0;
        var total = (int)(_rate * _during.TotalSeconds);
        while (injected < total)
        {
            var now = (int)Math.Min(total, Stopwatch.GetElapsedTime(start).TotalSeconds * _rate);
            for (; injected < now; injected++)
                due.Writer.TryWrite((injected, start + (long)((double)injected / _rate * Stopwatch.Frequency)));
            await Task.Delay(1);
        }
        due.Writer.Complete();
        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(ChannelReader<(int Number, long At)> due)
    {
        await foreach (var (number, at) in due.ReadAllAsync())
        {
            try
            {
                await request(number);
                _times.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(at).TotalMicroseconds, 1, Longest));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or InvalidDataException)
            {
                lock (_failures)
                {
                    Failed++;
                    if (_failures.Count < 5)
                        _failures.Add(e);
                }
            }
        }
    }
}
