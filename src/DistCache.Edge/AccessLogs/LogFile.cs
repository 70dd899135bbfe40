using Microsoft.Extensions.Logging;

namespace DistCache.Edge.AccessLogs;

/// <summary>
/// The file behind a name, or stdout. When logrotate has moved or emptied it, lines go on into the new one: it is opened anew on
/// <see cref="ReopenSoon"/>, and once a second when what bears the name is not what was written. Used by one thread, but for ReopenSoon.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Stream? _stream;
    private long _lookedAt;
    private volatile bool _reopen;
    private bool _hasFailed;

    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be opened.</exception>
    public LogFile(string file, TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _path = file == AccessLogOptions.Stdout ? null : Path.GetFullPath(file);
        _stream = Open();
    }

    public void ReopenSoon() => _reopen = true;

    public void BeginBatch()
    {
        if (_path is null || !(_reopen || HasMoved()))
            return;
        _reopen = false;
        try
        {
            _stream?.Dispose();
            _stream = null;
            _stream = Open();
            _hasFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        try
        {
            _stream?.Write(line);
            return _stream is not null;
        }
        catch (IOException e)
        {
            Fail(e);
            return false;
        }
    }

    public void EndBatch()
    {
        try
        {
            _stream?.Flush();
        }
        catch (IOException e)
        {
            Fail(e);
        }
    }

    public void Dispose() => _stream?.Dispose();

    private Stream Open() => _path is null
        ? new BufferedStream(Console.OpenStandardOutput(), 64 * 1024)
        : new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);

    private bool HasMoved()
    {
        if (_stream is not null && _time.GetElapsedTime(_lookedAt) < BetweenLooks)
            return false;
        _lookedAt = _time.GetTimestamp();
        var named = new FileInfo(_path!);
        return _stream is null || !named.Exists || named.Length != _stream.Length;
    }

    // Once for each trouble, not once a line.
    private void Fail(Exception e)
    {
        if (!_hasFailed)
            Log.AccessLogFailed(_logger, _path ?? AccessLogOptions.Stdout, e.Message);
        _hasFailed = true;
        _reopen = true;
    }
}
