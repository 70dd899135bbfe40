namespace DistCache.Proxy.Requests;

/// <summary>What the strict gate does with a field, by its name alone.</summary>
internal enum FieldTreatment
{
    /// <summary>The name is no token.</summary>
    Refuse,

    /// <summary>Kept if its value is sound.</summary>
    Keep,

    /// <summary>Removed.</summary>
    Strip,

    /// <summary>Removed, except from a PURGE.</summary>
    StripUnlessPurge,
}
