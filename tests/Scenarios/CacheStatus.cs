using DistCache.TestKit;

namespace DistCache.Scenarios;

/// <summary>Reads Cache-Status (RFC 9211) as a client would.</summary>
internal static class CacheStatus
{
    public static bool IsHit(this RawAnswer answer) => Has(answer.Fields, "hit");

    public static bool IsCollapsed(this AnswerHead head) => Has(head.Fields, "collapsed");

    public static bool IsCollapsed(this RawAnswer answer) => Has(answer.Fields, "collapsed");

    private static bool Has(FieldLines fields, string parameter) =>
        fields.Joined("Cache-Status") is { } value && value.Split(';', ',').Any(part => part.Trim() == parameter);
}
