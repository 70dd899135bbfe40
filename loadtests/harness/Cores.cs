using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DistCache.LoadTests;

/// <summary>The server has the first core, everything else the last one: so no server wins by taking the client's, and a client that is the limit shows.</summary>
public static class Cores
{
    public const int Server = 0;

    public static int Load => Environment.ProcessorCount > 1 ? 1 : 0;

    /// <summary>This process and what it starts from here on.</summary>
    public static void PinSelf()
    {
        if (OperatingSystem.IsLinux())
            Process.GetCurrentProcess().ProcessorAffinity = 1 << Load;
    }

    /// <summary>How many cores this machine showed when the process began, before it was pinned.</summary>
    public static string Machine => $"{RuntimeInformation.OSDescription}, {File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal))} cores";
}
