using System.Globalization;
using DistCache.Proxy.Purging;
using DistCache.Semantics.Conditions;
using DistCache.Semantics.Fields;
using DistCache.Storage.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace DistCache.Proxy.Delivery;

/// <summary>
/// Status and fields of a response, prepared once so that sending it copies references: lines of one name combined into one
/// <see cref="StringValues"/> in their order, our Via appended, what came in Cache-Status set apart so that our member follows it.
/// </summary>
internal sealed class ResponseHead
{
    /// <summary>Among so many a name is found by looking at each.</summary>
    private const int Few = 32;

    private readonly KeyValuePair<string, StringValues>[] _fields; // those of a 304, then those that a 416 has as well, then the others
    private readonly int _in304;
    private readonly int _in416;
    private readonly string[] _cacheStatusBehind;
    private readonly NodeIdentity _node;
    private HitFields? _hit;

    public ResponseHead(int status, string? reasonPhrase, FieldList fields, NodeIdentity node, string viaVersion)
    {
        Status = status;
        ViaVersion = viaVersion;
        ReasonPhrase = reasonPhrase == ReasonPhrases.GetReasonPhrase(status) ? null : reasonPhrase;
        _node = node;
        _cacheStatusBehind = fields.Has("Cache-Status") ? [.. fields.Lines("Cache-Status")] : [];
        var combined = Combine(fields, $"{viaVersion} {node.Name}");
        var hasTag = fields.Has("ETag");
        _fields = new KeyValuePair<string, StringValues>[combined.Count];
        var at = 0;
        foreach (var group in (ReadOnlySpan<Group>)[Group.In304, Group.In416, Group.Other])
        {
            foreach (var (name, value, all) in combined)
                if (GroupOf(name, hasTag) == group)
                    _fields[at++] = KeyValuePair.Create(name, all is null ? new StringValues(value) : new StringValues([.. all]));
            if (group is Group.In304)
                _in304 = at;
            if (group is Group.In416)
                _in416 = at;
        }
        LastModified = fields.First("Last-Modified");
        ETag = EntityTag.TryParse(fields.First("ETag"), out var etag) ? etag : null;
    }

    /// <summary>Made at the first sending; whoever sends the same once more finds it there.</summary>
    public static ResponseHead Of(StoredResponse stored, NodeIdentity node)
    {
        if (stored.Prepared is ResponseHead prepared)
            return prepared;
        var head = new ResponseHead(stored.Status, stored.ReasonPhrase, stored.Fields, node, stored.ViaVersion);
        stored.Prepared = head;
        return head;
    }

    /// <summary>Not for the client: what was said to this cache alone (Surrogate-Control, rule 9) and the tags.</summary>
    public static bool IsForCachesOnly(string name) => Is(name, "Surrogate-Control") || CacheTags.IsTagField(name);

    public int Status { get; }

    /// <summary>Protocol version that the answer came by.</summary>
    public string ViaVersion { get; }

    /// <summary>Null: the usual one, which Kestrel writes by itself.</summary>
    public string? ReasonPhrase { get; }

    public EntityTag? ETag { get; }

    /// <summary>As text; parsed only when a condition asks.</summary>
    public string? LastModified { get; }

    /// <summary>The fields, but neither Content-Length (the body decides), Age nor Cache-Status.</summary>
    public ReadOnlySpan<KeyValuePair<string, StringValues>> Fields => _fields;

    /// <summary>The first of them: what a 304 says (RFC 9110 §15.4.5), and Via.</summary>
    public ReadOnlySpan<KeyValuePair<string, StringValues>> FieldsIn304 => _fields.AsSpan(0, _in304);

    /// <summary>With those the first of them: what a 416 says, whose content is none of the stored kind.</summary>
    public ReadOnlySpan<KeyValuePair<string, StringValues>> FieldsIn416 => _fields.AsSpan(0, _in416);

    /// <summary>Each name once, where it came first; our Via behind the others'.</summary>
    /// <returns>Name, first value, and all values where there are several.</returns>
    private static List<(string Name, string Value, List<string>? All)> Combine(FieldList fields, string via)
    {
        var combined = new List<(string Name, string Value, List<string>? All)>(fields.Count + 1);
        var places = fields.Count > Few ? new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) : null;
        foreach (var field in fields)
            if (!IsSetApart(field.Name))
                Add(field.Name, field.Value);
        Add("Via", via);
        return combined;

        void Add(string name, string value)
        {
            if (PlaceOf(name) is not (var place and >= 0))
            {
                places?.Add(name, combined.Count);
                combined.Add((name, value, null));
                return;
            }
            var (first, one, all) = combined[place];
            if (all is null)
                combined[place] = (first, one, all = [one]);
            all.Add(value);
        }

        int PlaceOf(string name)
        {
            if (places is not null)
                return places.TryGetValue(name, out var place) ? place : -1;
            for (var place = 0; place < combined.Count; place++)
                if (Is(combined[place].Name, name))
                    return place;
            return -1;
        }
    }

    private static bool IsSetApart(string name) =>
        Is(name, "Cache-Status") || Is(name, "Content-Length") || IsForCachesOnly(name);

    public StringValues CacheStatusWith(in CacheStatus own)
    {
        var member = own.Write(_node.CacheName);
        return _cacheStatusBehind.Length == 0 ? member : new StringValues([.. _cacheStatusBehind, member]);
    }

    /// <summary>Age and Cache-Status of a fresh hit; they change once a second, so one instance serves a second's hits.</summary>
    public HitFields HitAt(long ageSeconds, long ttlSeconds)
    {
        var hit = Volatile.Read(ref _hit);
        if (hit is not null && hit.AgeSeconds == ageSeconds && hit.TtlSeconds == ttlSeconds)
            return hit;
        hit = new(ageSeconds, ttlSeconds, ageSeconds.ToString(CultureInfo.InvariantCulture), CacheStatusWith(new() { Hit = true, Ttl = ttlSeconds }));
        Volatile.Write(ref _hit, hit);
        return hit;
    }

    private static Group GroupOf(string name, bool hasTag) =>
        ClientConditions.BelongsIn304(name, hasTag) || Is(name, "Via") ? Group.In304
        : Is(name, "Content-Type") || Is(name, "Content-Encoding") ? Group.Other
        : Group.In416;

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private enum Group
    {
        In304,
        In416,
        Other,
    }

    internal sealed record HitFields(long AgeSeconds, long TtlSeconds, StringValues Age, StringValues CacheStatus);
}
