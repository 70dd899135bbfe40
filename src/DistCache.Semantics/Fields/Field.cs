namespace DistCache.Semantics.Fields;

/// <summary>One field line as it stood on the wire: name in the sender's case, value without outer white space (RFC 9110 §5).</summary>
public readonly record struct Field(string Name, string Value);
