using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace DistCache.Edge.Configuration;

/// <summary>
/// A JSON file that is followed while the node runs. A file that becomes unreadable or broken keeps its last good content: the
/// framework's own provider would empty itself and take every route away.
/// <para>
/// It is read every second and compared, not watched: that sees Kubernetes' swapped symbolic links and network mounts too, and
/// needs no inotify instance. New content counts when two reads in a row agree, so that half a file is never taken for a whole one.
/// </para>
/// </summary>
internal sealed class JsonFile : IConfigurationSource, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Provider _provider;
    private readonly TimeProvider _time;
    private readonly Action<Complaint> _onBadContent;
    private readonly string _path;
    private byte[] _taken;
    private byte[]? _seen;
    private int _failedReads;
    private ITimer? _timer;

    private JsonFile(string path, byte[] content, TimeProvider time, Action<Complaint> onBadContent)
    {
        (_path, _taken, _time, _onBadContent) = (path, content, time, onBadContent);
        _provider = new Provider();
    }

    /// <summary>Reads the file for the first time; null and a complaint in the name of <paramref name="where"/> when that is impossible.</summary>
    public static JsonFile? Open(string path, string where, TimeProvider time, Action<Complaint> onBadContent, out Complaint complaint)
    {
        if (!TryRead(path, out var content, out var what))
        {
            complaint = new(where, what, "Name a JSON file that this user may read");
            return null;
        }

        var file = new JsonFile(path, content, time, onBadContent);
        if (file._provider.TryTake(content, out what))
        {
            complaint = default;
            return file;
        }

        complaint = new(where, $"'{path}' {what}", "Correct the file");
        return null;
    }

    IConfigurationProvider IConfigurationSource.Build(IConfigurationBuilder builder) => _provider;

    public void Follow() => _timer ??= _time.CreateTimer(_ => Look(), null, Interval, Interval);

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        if (!TryRead(_path, out var content, out var what))
        {
            // Editors replace a file in two steps: it is missing for a moment. A file that stays away is worth one line.
            if (++_failedReads == 2)
                _onBadContent(new(_path, $"{what}; the last good content stays in force", "Put the file back"));
            return;
        }

        _failedReads = 0;
        if (content.AsSpan().SequenceEqual(_taken))
        {
            _seen = null;
            return;
        }

        if (_seen is null || !content.AsSpan().SequenceEqual(_seen))
        {
            _seen = content;
            return;
        }

        (_taken, _seen) = (content, null);
        if (_provider.TryTake(content, out what))
            _provider.Announce();
        else
            _onBadContent(new(_path, $"it {what}; the last good content stays in force", "Correct the file"));
    }

    private static bool TryRead(string path, out byte[] content, out string what)
    {
        (content, what) = ([], "");
        try
        {
            content = File.ReadAllBytes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            what = $"'{path}' does not exist";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            what = $"'{path}' cannot be read";
        }

        return false;
    }

    private sealed class Provider() : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource())
    {
        public override void Load()
        {
        }

        public void Announce() => OnReload();

        /// <summary>Replaces the data as a whole, or leaves it untouched and says why.</summary>
        public bool TryTake(byte[] content, out string what)
        {
            what = "";
            try
            {
                Load(new MemoryStream(content));
                return true;
            }
            catch (JsonException e)
            {
                what = $"is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
                return false;
            }
            catch (FormatException e)
            {
                what = $"is not a configuration file ({e.Message.TrimEnd('.')})";
                return false;
            }
        }
    }
}
