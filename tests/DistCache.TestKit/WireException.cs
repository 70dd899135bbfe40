namespace DistCache.TestKit;

/// <summary>The peer broke the protocol, or was silent for too long: a test that did not expect it fails with what was seen.</summary>
public sealed class WireException(string message, Exception? inner = null) : Exception(message, inner);
