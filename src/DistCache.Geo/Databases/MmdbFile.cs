using System.IO.MemoryMappedFiles;
using System.Net;
using MaxMind.Db;

namespace DistCache.Geo.Databases;

/// <summary>
/// One database, looked through and mapped into memory; immutable. It is a private copy that is mapped: were it the operator's file, one that is
/// overwritten or cut in place would change under look-ups, and a page that is gone ends the process (SIGBUS). Closed when it is retired and
/// the last look-up has left.
/// </summary>
internal sealed class MmdbFile
{
    private readonly Reader _reader;
    private readonly LocationReader _locations;
    private readonly string _copy;
    private int _users = 1; // who published it

    private MmdbFile(Reader reader, string copy, FileStamp stamp)
    {
        (_reader, _copy, Stamp) = (reader, copy, stamp);
        (Type, BuiltAt) = (reader.Metadata.DatabaseType, new(reader.Metadata.BuildDate, TimeSpan.Zero));
        _locations = LocationReader.For(reader);
    }

    public FileStamp Stamp { get; }

    public string Type { get; }

    public DateTimeOffset BuiltAt { get; }

    /// <summary>Null: <paramref name="problem"/> says why, to follow the file's name.</summary>
    public static MmdbFile? Open(string path, FileStamp stamp, out string? problem)
    {
        var copy = Path.Combine(Path.GetTempPath(), $"distcache-geo-{Guid.NewGuid():N}.mmdb");
        Reader? reader = null;
        try
        {
            File.Copy(path, copy);
            problem = FileStamp.Of(path) != stamp ? "is being written" : Check(copy);
            if (problem is not null)
                return null;
            reader = new Reader(copy, FileAccessMode.MemoryMapped);
            return new(reader, copy, stamp);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read: {e.Message.TrimEnd('.')}";
        }
        // Metadata that is sound as a map and lacks something ends in exceptions of many kinds inside the library.
        catch (Exception e)
        {
            problem = $"is damaged: {e.Message.TrimEnd('.')}";
        }
        finally
        {
            // Where a file may go while it is mapped, it is gone now; elsewhere when it is closed.
            TryDelete(copy);
        }
        reader?.Dispose();
        return null;
    }

    /// <summary>False: it has been retired; ask for the one in force.</summary>
    public bool TryFind(IPAddress address, ref GeoLocation location, out bool hasFailed)
    {
        hasFailed = false;
        if (!TryEnter())
            return false;
        try
        {
            location = _locations.Read(address, location);
        }
        // Whatever a value that passed the check still came to: nothing is known of the address then, and it is counted.
        catch (Exception)
        {
            hasFailed = true;
        }
        finally
        {
            Leave();
        }
        return true;
    }

    /// <summary>No look-up begins from now on.</summary>
    public void Retire() => Leave();

    private bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var before = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (before == users)
                return true;
            users = before;
        }
        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        _reader.Dispose();
        TryDelete(_copy);
    }

    private static unsafe string? Check(string copy)
    {
        var length = new FileInfo(copy).Length;
        if (length == 0)
            return "is empty";
        if (length > int.MaxValue)
            return "is larger than 2 GiB";
        using var map = MemoryMappedFile.CreateFromFile(copy, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* begin = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref begin);
        try
        {
            return MmdbCheck.Problem(new(begin + view.PointerOffset, (int)length));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
