using System.Globalization;
using DistCache.Fleet.Following;
using DistCache.Fleet.Logs;

namespace DistCache.Fleet.Files;

/// <summary>
/// A node's journal. Written without fsync: it outlives the process, and a power cut that takes the log's last records as well is told apart
/// from none by nothing on this machine. Whoever has it open knows that the run before is dead.
/// </summary>
public sealed class FileJournal : IJournal, IDisposable
{
    private const int Most = 100_000;

    private readonly EntryFile _file;
    private readonly IJournal.Kept? _kept;
    private bool _isBroken;

    private FileJournal(EntryFile file, IJournal.Kept? kept, ulong lastRun)
    {
        (_file, _kept, LastRun) = (file, kept, lastRun);
        if (kept is not null && file.Entries.Count > 2 * Most)
            file.Rewrite(kept.Log, kept.Start, kept.Entries, sync: false);
    }

    /// <summary>The run that had this journal before; 0: none.</summary>
    public ulong LastRun { get; }

    /// <summary>The disk refused what was to be kept last: until it takes it, nothing is applied.</summary>
    public bool IsBroken => Volatile.Read(ref _isBroken);

    /// <param name="run">Of this run, for the next one.</param>
    public static FileJournal Open(string path, ulong run) => Open(path, run, Disk.Real);

    /// <summary>Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>. A damaged one is begun anew: then nothing is known of the time before.</summary>
    internal static FileJournal Open(string path, ulong run, Disk disk)
    {
        EntryFile file;
        try
        {
            file = EntryFile.Open(path, disk);
        }
        catch (DamagedFileException)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            file = EntryFile.Open(path, disk);
        }
        var runs = path + ".run";
        var last = File.Exists(runs) && ulong.TryParse(File.ReadAllText(runs), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        File.WriteAllText(runs, run.ToString("x16", CultureInfo.InvariantCulture));
        return new(file, KeptIn(file), last);
    }

    public IJournal.Kept? Read() => _kept;

    public bool TryBegin(ulong log, Cursor start) => Try(() => _file.Rewrite(log, start, [], sync: false));

    public bool TryKeep(IReadOnlyList<LogEntry> entries) => Try(() => _file.Append(entries, sync: false));

    public void Dispose() => _file.Dispose();

    private bool Try(Action write)
    {
        try
        {
            write();
            Volatile.Write(ref _isBroken, false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _isBroken, true);
            return false;
        }
    }

    /// <summary>The places as the last write to each has them.</summary>
    private static IJournal.Kept? KeptIn(EntryFile file)
    {
        if (file.Head is not { } head)
            return null;
        var entries = new List<LogEntry>();
        foreach (var entry in file.Entries)
        {
            if (entries.Count > 0 && entry.At.Position <= entries[^1].At.Position)
                entries.RemoveRange((int)Math.Max(0, entries.Count - (entries[^1].At.Position - entry.At.Position + 1)), (int)Math.Min(entries.Count, entries[^1].At.Position - entry.At.Position + 1));
            if (entries.Count > 0 && entry.At.Position != entries[^1].At.Position + 1)
                return null;
            entries.Add(entry);
        }
        if (entries.Count == 0)
            return new(head.Log, head.Before, []);
        var start = entries[0].At.Position == head.Before.Position + 1 ? head.Before : new Cursor(entries[0].At.Position - 1, 0);
        if (entries.Count > Most)
        {
            start = entries[^(Most + 1)].At;
            entries.RemoveRange(0, entries.Count - Most);
        }
        return new(head.Log, start, entries);
    }
}
