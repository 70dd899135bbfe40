namespace DistCache.TestKit;

/// <summary>Bytes of this connection are gone: it cannot go on.</summary>
internal sealed class BrokenLinkException : Exception;
