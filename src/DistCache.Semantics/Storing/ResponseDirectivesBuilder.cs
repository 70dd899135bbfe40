using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>Gathers directives from any number of lines. Of duplicates the stricter one stays (RFC 9111 §4.2.1).</summary>
internal sealed class ResponseDirectivesBuilder(DirectiveSource source)
{
    private ResponseDirectives _built = new() { Source = source };
    private List<string>? _fieldsNotToStore;

    public ResponseDirectives Build() => _fieldsNotToStore is null ? _built : _built with { FieldsNotToStore = _fieldsNotToStore };

    /// <summary>A directive without an argument.</summary>
    public void Flag(DirectiveName name) => _built = name switch
    {
        DirectiveName.NoStore => _built with { NoStore = true },
        DirectiveName.NoCache => _built with { NoCache = true },
        DirectiveName.Private => _built with { Private = true },
        DirectiveName.Public => _built with { Public = true },
        DirectiveName.MustRevalidate => _built with { MustRevalidate = true },
        DirectiveName.ProxyRevalidate => _built with { ProxyRevalidate = true },
        DirectiveName.MustUnderstand => _built with { MustUnderstand = true },
        DirectiveName.NoTransform => _built with { NoTransform = true },
        _ => _built,
    };

    /// <summary>A directive with delta-seconds; null when they were invalid.</summary>
    public void Seconds(DirectiveName name, TimeSpan? seconds) => _built = name switch
    {
        DirectiveName.MaxAge or DirectiveName.SMaxAge when seconds is null => _built with { HasInvalidLifetime = true },
        DirectiveName.MaxAge => _built with { MaxAge = Shorter(_built.MaxAge, seconds) },
        DirectiveName.SMaxAge => _built with { SMaxAge = Shorter(_built.SMaxAge, seconds) },
        DirectiveName.StaleWhileRevalidate => _built with { StaleWhileRevalidate = Shorter(_built.StaleWhileRevalidate, seconds) },
        DirectiveName.StaleIfError => _built with { StaleIfError = Shorter(_built.StaleIfError, seconds) },
        _ => _built,
    };

    /// <summary>Qualified no-cache and private (§5.2.2.4, §5.2.2.7). Anything but a list of names counts as unqualified, which is stricter.</summary>
    public void Qualified(DirectiveName name, ReadOnlySpan<char> fieldNames)
    {
        var names = new List<string>();
        foreach (var member in new ListMembers(fieldNames))
        {
            if (!Syntax.IsToken(member))
            {
                Flag(name);
                return;
            }
            names.Add(member.ToString());
        }
        if (names.Count == 0)
            Flag(name);
        else
            (_fieldsNotToStore ??= []).AddRange(names);
    }

    private static TimeSpan? Shorter(TimeSpan? known, TimeSpan? value) => known is null || value < known ? value ?? known : known;
}
