namespace DistCache.Proxy.Requests;

/// <summary>The framing that a request came with. HTTP/3 is framed as HTTP/2 is.</summary>
internal enum HttpMajor
{
    OneZero,
    OneOne,
    Two,
}
