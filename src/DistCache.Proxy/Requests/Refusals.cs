using System.Text;

namespace DistCache.Proxy.Requests;

/// <summary>Status, name and HTTP/2 form of each <see cref="RefusalReason"/>.</summary>
public static class Refusals
{
    private static readonly string[] Names = [.. Enum.GetNames<RefusalReason>().Select(Kebab)];

    /// <summary>The reason's name as others read it, e.g. <c>length-and-transfer-encoding</c>.</summary>
    public static string Name(this RefusalReason reason) => Names[(int)reason];

    /// <summary>The status code of the answer.</summary>
    public static int Status(this RefusalReason reason) => reason switch
    {
        RefusalReason.OptionsOfThisServer => 204,
        RefusalReason.MethodNotAllowed => 405,
        RefusalReason.TargetTooLong => 414,
        RefusalReason.Expectation => 417,
        RefusalReason.MethodUnknown or RefusalReason.TransferCodingUnknown => 501,
        _ => 400,
    };

    internal static RefusalReason Of(TargetError error) => error switch
    {
        TargetError.None => RefusalReason.None,
        TargetError.Form => RefusalReason.TargetForm,
        TargetError.TooLong => RefusalReason.TargetTooLong,
        TargetError.Fragment => RefusalReason.TargetFragment,
        TargetError.Control => RefusalReason.TargetControl,
        TargetError.NonAscii => RefusalReason.TargetNonAscii,
        _ => RefusalReason.TargetEscape,
    };

    /// <summary>Malformed in the sense of RFC 9113 §8.1.1: on HTTP/2 the stream is reset with PROTOCOL_ERROR.</summary>
    internal static bool IsMalformedField(this RefusalReason reason) =>
        reason is RefusalReason.FieldName or RefusalReason.FieldValue or RefusalReason.TransferEncoding or RefusalReason.Connection;

    private static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
