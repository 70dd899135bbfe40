using System.Text.Json;
using System.Text.Json.Serialization;
using DistCache.Fleet.Logs;
using DistCache.Storage.Purging;

namespace DistCache.Redis.PurgeLogs;

/// <summary>What a record purges, as JSON: people look into the store too.</summary>
internal sealed record Payload(PurgeMode Mode, IReadOnlyList<PurgeSelector> Selectors, string By)
{
    public static byte[] Of(PurgeRecord record) =>
        JsonSerializer.SerializeToUtf8Bytes(new Payload(record.Mode, record.Selectors, record.By), PayloadContext.Default.Payload);

    /// <summary>What this program does not understand, a later one has written. It purges something, so here it purges everything.</summary>
    public static PurgeRecord Read(ulong id, ReadOnlySpan<byte> bytes) => Parse(bytes) is { } payload
        ? new(id, payload.Selectors, payload.Mode, payload.By)
        : new(id, [PurgeSelector.Everything], PurgeMode.Hard, "unreadable");

    private static Payload? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, PayloadContext.Default.Payload);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Payload))]
internal sealed partial class PayloadContext : JsonSerializerContext;
