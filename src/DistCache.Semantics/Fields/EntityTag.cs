namespace DistCache.Semantics.Fields;

/// <summary>entity-tag (RFC 9110 §8.8.3). <see cref="Text"/> is the whole field value as it stood, obs-text included.</summary>
public readonly record struct EntityTag(string Text)
{
    public bool IsWeak => throw new NotImplementedException();

    public static bool TryParse(string? text, out EntityTag tag) => throw new NotImplementedException();

    /// <summary>Both strong and the same, character by character (§8.8.3.2).</summary>
    public bool StrongEquals(EntityTag other) => throw new NotImplementedException();

    /// <summary>The same opaque part, weak or not (§8.8.3.2).</summary>
    public bool WeakEquals(EntityTag other) => throw new NotImplementedException();
}
