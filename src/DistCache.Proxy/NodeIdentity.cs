using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace DistCache.Proxy;

/// <summary>How this node names itself: in Cache-Status and Via to everybody, in CDN-Loop to find itself again.</summary>
public sealed class NodeIdentity
{
    public const string DefaultName = "DistCache";

    /// <param name="id"><c>DistCache:Node:Id</c>, a token; null: the default name, and a random id for loops (two edges without
    /// configuration may stand one behind the other).</param>
    public NodeIdentity(string? id)
    {
        Name = id ?? DefaultName;
        LoopMember = $"distcache; node={id ?? "n" + RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }

    public string Name { get; }

    /// <summary>The name as a member of Cache-Status: a token begins with a letter there, anything else is a string (RFC 9651 §3.3.4).</summary>
    internal string CacheName => char.IsAsciiLetter(Name[0]) ? Name : $"\"{Name}\"";

    /// <summary>RFC 8586: our member of CDN-Loop.</summary>
    internal string LoopMember { get; }

    /// <summary>Via (RFC 9110 §7.6.3) and CDN-Loop of a request that goes on from here.</summary>
    /// <param name="protocol">That it came by.</param>
    internal void AddTo(HttpRequestHeaders request, string protocol)
    {
        request.TryAddWithoutValidation("Via", $"{ViaVersion(protocol)} {Name}");
        request.TryAddWithoutValidation("CDN-Loop", LoopMember);
    }

    private static string ViaVersion(string protocol) => protocol switch
    {
        "HTTP/2" => "2",
        "HTTP/3" => "3",
        "HTTP/1.0" => "1.0",
        _ => "1.1",
    };

    internal bool IsIn(string cdnLoop)
    {
        foreach (var member in cdnLoop.AsSpan().Split(','))
            if (cdnLoop.AsSpan()[member].Trim().Equals(LoopMember, StringComparison.Ordinal))
                return true;
        return false;
    }
}
