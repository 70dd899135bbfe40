using System.Collections.Frozen;

namespace DistCache.Semantics.Storing;

/// <summary>What RFC 9110 §15 says about status codes, as far as storing asks.</summary>
public static class Statuses
{
    // §15.1
    private static readonly FrozenSet<int> HeuristicallyCacheable =
        FrozenSet.Create(200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501);

    // §15, without 1xx, 206 and 304 (never stored as such), the unused 306 and 418, the deprecated 305 and the reserved 402.
    private static readonly FrozenSet<int> Understood = FrozenSet.Create(
        200, 201, 202, 203, 204, 205,
        300, 301, 302, 303, 307, 308,
        400, 401, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426,
        500, 501, 502, 503, 504, 505);

    /// <summary>May be given a heuristic lifetime (RFC 9111 §4.2.2, RFC 9110 §15.1).</summary>
    public static bool IsHeuristicallyCacheable(int status) => HeuristicallyCacheable.Contains(status);

    /// <summary>We conform to what RFC 9110 §15 asks for it: enough for must-understand (RFC 9111 §5.2.2.3).</summary>
    public static bool IsUnderstood(int status) => Understood.Contains(status);

    /// <summary>An odd request can bring it about for everybody: in safe only the origin's explicit freshness stores it (rule 18).</summary>
    public static bool IsPoisonProne(int status) => status is 400 or 405 or 413 or 414 or 417 or 431 or (>= 500 and <= 599);
}
