namespace DistCache.Proxy.Hits;

/// <summary>Where in a block of field lines the values lie that an answer depends on. No value is empty, so 0..0 means that there is no such line.</summary>
internal struct FieldPlaces
{
    public Range Host;
    public Range Encodings;
    public Range IfNoneMatch;
    public Range IfModifiedSince;
    public Range Range;
    public Range IfRange;
}
