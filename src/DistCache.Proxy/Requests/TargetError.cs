namespace DistCache.Proxy.Requests;

/// <summary>Why a request target has no canonical spelling. Each one is answered with 400, except <see cref="TooLong"/> (414).</summary>
public enum TargetError
{
    /// <summary>The target is canonical now.</summary>
    None,

    /// <summary>Neither <c>/path</c>, nor <c>http(s)://authority/path</c>, nor <c>*</c> (RFC 9112 §3.2).</summary>
    Form,

    /// <summary>Longer than <see cref="CanonicalTarget.MaxLength"/> characters.</summary>
    TooLong,

    /// <summary>A <c>#</c>: a fragment is never sent (RFC 9110 §7.1), and one reader's path end is another's path.</summary>
    Fragment,

    /// <summary>A raw control character or space, or <c>%00</c>-<c>%1F</c>, <c>%7F</c> in the path.</summary>
    Control,

    /// <summary>A raw byte outside ASCII. (Its escape is fine: <c>%E9</c>.)</summary>
    NonAscii,

    /// <summary>A <c>%</c> in the path without two hexadecimal digits behind it (RFC 3986 §2.1).</summary>
    Escape,
}
