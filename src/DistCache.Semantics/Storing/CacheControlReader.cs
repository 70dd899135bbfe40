using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>Cache-Control and Surrogate-Control of a response (RFC 9111 §5.2; rules 1-3).</summary>
internal static class CacheControlReader
{
    public static ResponseDirectives Read(IEnumerable<string> lines, DirectiveSource source)
    {
        var builder = new ResponseDirectivesBuilder(source);
        foreach (var line in lines)
            foreach (var member in new ListMembers(line))
                Add(builder, Directive.Read(member), source);
        return builder.Build();
    }

    private static void Add(ResponseDirectivesBuilder builder, Directive directive, DirectiveSource source)
    {
        switch (directive.Name)
        {
            case DirectiveName.MaxAge when source == DirectiveSource.SurrogateControl:
                builder.Seconds(directive.Name, SurrogateSeconds(directive));
                break;
            case DirectiveName.MaxAge or DirectiveName.SMaxAge or DirectiveName.StaleWhileRevalidate or DirectiveName.StaleIfError:
                builder.Seconds(directive.Name, directive.Seconds);
                break;
            case DirectiveName.NoCache or DirectiveName.Private when directive.Form is ArgumentForm.Token or ArgumentForm.QuotedString:
                builder.Qualified(directive.Name, directive.Argument);
                break;
            // These two permit: with an argument that they do not have they are not what they claim to be. All others forbid, and count.
            case DirectiveName.Public or DirectiveName.MustUnderstand when directive.HasArgument:
                break;
            default:
                builder.Flag(directive.Name);
                break;
        }
    }

    // Edge Architecture §2.2: "600+30" is a lifetime of 600 and a grace that we leave to the stale-* directives.
    private static TimeSpan? SurrogateSeconds(Directive directive)
    {
        var plus = directive.Argument.IndexOf('+');
        if (plus < 0)
            return directive.Seconds;
        return DeltaSeconds.TryParse(directive.Argument[..plus], out var lifetime) && DeltaSeconds.TryParse(directive.Argument[(plus + 1)..], out _)
            ? lifetime
            : null;
    }
}
