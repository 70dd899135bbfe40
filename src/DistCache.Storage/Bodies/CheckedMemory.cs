namespace DistCache.Storage.Bodies;

/// <summary>
/// A mode for tests and soaks, in which a use after free shows itself: freed chunks are overwritten, and a complete body is compared with
/// its checksum whenever somebody begins or ends to own it. Asked for by the runtime switch <c>DistCache.Storage.CheckedMemory</c> or by
/// <c>DISTCACHE_CHECKED_MEMORY=1</c>.
/// </summary>
internal static class CheckedMemory
{
    public const byte Poison = 0xDD;

    /// <summary>Read once: where it is false the JIT leaves nothing of the checks.</summary>
    public static readonly bool IsOn = AppContext.TryGetSwitch("DistCache.Storage.CheckedMemory", out var asked) ? asked : Environment.GetEnvironmentVariable("DISTCACHE_CHECKED_MEMORY") == "1";
}
