using System.Runtime.InteropServices;

namespace DistCache.Storage.Bodies;

/// <summary>What the system is told of memory that it gave us in whole pages. Elsewhere than on Linux: nothing.</summary>
internal static class NativePages
{
    /// <summary>Bytes of the system's page.</summary>
    public const int Size = 4096;

    /// <summary>Bytes of the system's huge page.</summary>
    public const int Huge = 2 << 20;

    private const int DontNeed = 4;
    private const int HugePage = 14;
    private const int NoHugePage = 15;

    /// <summary>What is there is lost: the system has the memory back, and whoever looks there finds zeros.</summary>
    public static void Forget(nint address, nint length) => Advise(address, length, DontNeed);

    /// <summary>Huge pages are wanted there: finding one small thing among millions costs fewer steps through the page table.</summary>
    public static void WantHuge(nint address, nint length) => Advise(address, length, HugePage);

    /// <summary>Not any more: the system would fill up again what it has been given back.</summary>
    public static void WantSmall(nint address, nint length) => Advise(address, length, NoHugePage);

    // Advice: where it is not followed all goes on as before.
    private static void Advise(nint address, nint length, int advice)
    {
        // The system takes whole pages of its own, which may be larger than ours.
        if (OperatingSystem.IsLinux() && ((address | length) & (Environment.SystemPageSize - 1)) == 0)
            _ = Madvise(address, length, advice);
    }

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Madvise(nint address, nint length, int advice);
}
