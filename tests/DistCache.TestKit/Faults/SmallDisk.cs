using System.Diagnostics;

namespace DistCache.TestKit;

/// <summary>A file system of one megabyte, in memory; needs root.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    /// <summary>Null: this machine does not allow it.</summary>
    public static SmallDisk? TryMount()
    {
        var disk = new SmallDisk();
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.Path))
            return disk;
        disk._folder.Dispose();
        return null;
    }

    /// <summary>Takes all the space there is.</summary>
    /// <returns>The file that holds it.</returns>
    public string Fill()
    {
        var path = System.IO.Path.Combine(Path, "ballast");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        try
        {
            for (var at = 0L; ; at += 4096)
                RandomAccess.Write(file, new byte[4096], at);
        }
        catch (IOException)
        {
            return path;
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
