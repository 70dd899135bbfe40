using System.Numerics;

namespace DistCache.Proxy.Telemetry;

/// <summary>
/// Requests and body bytes of one route, by outcome and status class. Counted always, so that the sums are right from the first request on
/// whoever asks later; in stripes by processor, so that a hit writes a line that few other cores want.
/// </summary>
internal sealed class RouteCounts(string route)
{
    private const int StatusClasses = 6;
    private static readonly int Stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 16));
    private static readonly int Cells = CacheOutcomes.Count * StatusClasses;

    private readonly Cell[]?[] _stripes = new Cell[Stripes][];

    public string Route => route;

    public void Add(CacheOutcome outcome, int status, long bytes)
    {
        ref var stripe = ref _stripes[Thread.GetCurrentProcessorId() & (Stripes - 1)];
        if (stripe is null)
            Interlocked.CompareExchange(ref stripe, new Cell[Cells], null);
        ref var cell = ref stripe[((int)outcome * StatusClasses) + ClassOf(status)];
        Interlocked.Increment(ref cell.Requests);
        Interlocked.Add(ref cell.Bytes, bytes);
    }

    /// <summary>What has happened so far; what never happened is left out.</summary>
    public IEnumerable<RouteCount> Read()
    {
        for (var cell = 0; cell < Cells; cell++)
        {
            long requests = 0, bytes = 0;
            foreach (var cells in _stripes)
            {
                if (cells is null)
                    continue;
                requests += Volatile.Read(ref cells[cell].Requests);
                bytes += Volatile.Read(ref cells[cell].Bytes);
            }
            if (requests > 0)
                yield return new(route, ((CacheOutcome)(cell / StatusClasses)).Name(), NameOf(cell % StatusClasses), requests, bytes);
        }
    }

    private static int ClassOf(int status) => status is >= 100 and < 600 ? status / 100 : 0;

    private static string NameOf(int statusClass) => statusClass switch { 1 => "1xx", 2 => "2xx", 3 => "3xx", 4 => "4xx", 5 => "5xx", _ => "none" };

    private struct Cell
    {
        public long Requests;
        public long Bytes;
    }
}

/// <param name="StatusClass">"2xx"; "none": no status was sent.</param>
internal readonly record struct RouteCount(string Route, string CacheStatus, string StatusClass, long Requests, long Bytes);
