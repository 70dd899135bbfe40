using System.Globalization;
using DistCache.Fleet.Logs;

namespace DistCache.Redis.PurgeLogs;

/// <summary>A record as it lies in the store; <see cref="Scripts"/> draws it.</summary>
internal static class EntryText
{
    private const int Id = 16, Link = 32, Time = 48;

    /// <summary>Its place and its record; null: it is the base, or nothing of ours.</summary>
    public static LogEntry? Read(long position, ReadOnlySpan<byte> member) =>
        member.Length >= Time
        && ulong.TryParse(member[..Id], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
        && ulong.TryParse(member[Id..Link], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var link)
        && long.TryParse(member[Link..Time], NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            ? new(new(position, link), DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds), Payload.Read(id, member[Time..]))
            : null;

    /// <summary>As the bell brings it: <c>position:record</c>.</summary>
    public static LogEntry? ReadBell(ReadOnlySpan<byte> message)
    {
        var colon = message.IndexOf((byte)':');
        return colon > 0 && long.TryParse(message[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? Read(position, message[(colon + 1)..])
            : null;
    }

    public static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    public static ulong FromHex(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static string TimeOf(DateTimeOffset time) =>
        ((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString("d16", CultureInfo.InvariantCulture);
}
