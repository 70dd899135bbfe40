namespace DistCache.Semantics.Ranges;

/// <summary>Content-Range (RFC 9110 §14.4). Length null: <c>*</c>.</summary>
public readonly record struct ContentRange(ByteRange Range, long? CompleteLength)
{
    public static bool TryParse(string? text, out ContentRange value) => throw new NotImplementedException();
}
