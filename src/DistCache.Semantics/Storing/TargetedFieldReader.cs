using System.Diagnostics.CodeAnalysis;
using DistCache.Semantics.Fields;
using DistCache.Semantics.StructuredFields;

namespace DistCache.Semantics.Storing;

/// <summary>A targeted field (RFC 9213 §2.1): directives as a Structured Field Dictionary. Rule 9.</summary>
internal static class TargetedFieldReader
{
    /// <summary>False when it is invalid as a whole, or empty: then the next field is asked.</summary>
    public static bool TryRead(IEnumerable<string> lines, [NotNullWhen(true)] out ResponseDirectives? directives)
    {
        directives = null;
        if (!StructuredField.TryParseDictionary(lines, out var members) || members.Count == 0)
            return false;
        var builder = new ResponseDirectivesBuilder(DirectiveSource.Targeted);
        foreach (var (key, member) in members)
            if (member is Item item)
                Add(builder, DirectiveNames.Find(key), item.Value);
        directives = builder.Build();
        return true;
    }

    // What matches no line has the wrong type and counts as absent. ?0 says "not".
    private static void Add(ResponseDirectivesBuilder builder, DirectiveName name, BareItem value)
    {
        switch (name, value)
        {
            case (DirectiveName.MaxAge or DirectiveName.SMaxAge or DirectiveName.StaleWhileRevalidate or DirectiveName.StaleIfError, BareItem.Integer(var seconds)):
                builder.Seconds(name, DeltaSecondsOf(seconds));
                break;
            case (DirectiveName.MaxAge or DirectiveName.SMaxAge or DirectiveName.StaleWhileRevalidate or DirectiveName.StaleIfError, _):
                break;
            case (DirectiveName.NoCache or DirectiveName.Private, BareItem.String(var names)):
                builder.Qualified(name, names);
                break;
            case (DirectiveName.NoCache or DirectiveName.Private, BareItem.Token(var fieldName)):
                builder.Qualified(name, fieldName);
                break;
            case (_, BareItem.Boolean(true)):
                builder.Flag(name);
                break;
        }
    }

    // The right type and no delta-seconds: an invalid lifetime (rule 2).
    private static TimeSpan? DeltaSecondsOf(long seconds) => seconds < 0 ? null : TimeSpan.FromSeconds(Math.Min(seconds, DeltaSeconds.Most));
}
