using System.Globalization;
using DistCache.Storage.Shared;

namespace DistCache.Proxy.Hops;

/// <summary>A place in the purge log as two nodes tell it each other: log and record in hexadecimal, the position between them.</summary>
internal static class StampText
{
    public static string Write(in Stamp stamp) => string.Create(CultureInfo.InvariantCulture, $"{stamp.Log:x16}.{stamp.Position}.{stamp.Record:x16}");

    public static bool TryRead(string text, out Stamp stamp)
    {
        stamp = default;
        if (text.Split('.') is not [{ Length: 16 } log, var position, { Length: 16 } record]
            || !ulong.TryParse(log, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var logId)
            || !long.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            || !ulong.TryParse(record, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var recordId))
            return false;
        stamp = new(logId, at, recordId);
        return true;
    }
}
