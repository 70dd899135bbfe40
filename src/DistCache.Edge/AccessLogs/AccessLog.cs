using System.Buffers;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.AccessLogs;

/// <summary>
/// One line a request. The request's thread only formats it; a task of its own writes. When that cannot keep up, lines are dropped and
/// counted: a slow disk must not slow an answer.
/// </summary>
internal sealed class AccessLog : IRequestLog, IAsyncDisposable
{
    /// <summary>Lines that may wait to be written.</summary>
    public const int MostWaiting = 16 * 1024;

    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(5);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _line;

    private readonly AccessLogOptions _options;
    private readonly ILineFormat _format;
    private readonly LogFile _file;
    private readonly Channel<ArraySegment<byte>> _lines = Channel.CreateBounded<ArraySegment<byte>>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Meter _meter = new(EdgeMeter.Name);
    private readonly Task _writing;
    private long _written;
    private long _dropped;

    public AccessLog(AccessLogOptions options, LogFile file, TimeProvider time)
    {
        (_options, _file) = (options, file);
        _format = options.Format is AccessLogFormat.Json ? new JsonLine(options, time) : new CombinedLine(options, time);
        _meter.CreateObservableCounter("distcache.access_log.lines", () => new Measurement<long>[]
        {
            new(Volatile.Read(ref _written), new KeyValuePair<string, object?>("result", "written")),
            new(Volatile.Read(ref _dropped), new KeyValuePair<string, object?>("result", "dropped")),
        }, "{line}", "Lines of the access log; dropped are those that came faster than they could be written.");
        _writing = Task.Run(WriteAsync);
    }

    public bool IsEnabled => true;

    /// <summary>Lines that could not be written in time.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void Ended(HttpContext context, RequestRecord record)
    {
        if (_options.Sample < 1 && Random.Shared.NextDouble() >= _options.Sample)
            return;
        var line = _line ??= new(1024);
        line.ResetWrittenCount();
        _format.Write(context, record, line);
        line.Write("\n"u8);
        var kept = ArrayPool<byte>.Shared.Rent(line.WrittenCount);
        line.WrittenSpan.CopyTo(kept);
        if (_lines.Writer.TryWrite(new(kept, 0, line.WrittenCount)))
            return;
        ArrayPool<byte>.Shared.Return(kept);
        Interlocked.Increment(ref _dropped);
    }

    /// <summary>As logrotate asks by SIGHUP: the file is opened anew by its name.</summary>
    public void Reopen() => _file.ReopenSoon();

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(PatienceAtEnd));
        _file.Dispose();
        _meter.Dispose();
    }

    private async Task WriteAsync()
    {
        while (await _lines.Reader.WaitToReadAsync())
        {
            _file.BeginBatch();
            while (_lines.Reader.TryRead(out var line))
            {
                if (_file.TryWrite(line))
                    Interlocked.Increment(ref _written);
                else
                    Interlocked.Increment(ref _dropped);
                ArrayPool<byte>.Shared.Return(line.Array!);
            }
            _file.EndBatch();
        }
    }
}
