namespace DistCache.Semantics.Fields;

/// <summary>Cache-Control of a request (RFC 9111 §5.2.1). Invalid arguments: the directive counts as absent.</summary>
public readonly record struct RequestDirectives
{
    public bool NoStore { get; init; }
    public bool NoCache { get; init; }
    public bool OnlyIfCached { get; init; }
    public TimeSpan? MaxAge { get; init; }
    public TimeSpan? MinFresh { get; init; }

    /// <summary><see cref="TimeSpan.MaxValue"/> when max-stale came without a value.</summary>
    public TimeSpan? MaxStale { get; init; }

    public static RequestDirectives Read(IEnumerable<string> lines)
    {
        var directives = default(RequestDirectives);
        foreach (var line in lines)
            directives = directives.With(line);
        return directives;
    }

    /// <summary>The same without an allocation, for the request path; null lines are skipped.</summary>
    public static RequestDirectives Read(ReadOnlySpan<string?> lines)
    {
        var directives = default(RequestDirectives);
        foreach (var line in lines)
            directives = directives.With(line);
        return directives;
    }

    private RequestDirectives With(string? line)
    {
        var all = this;
        foreach (var member in new ListMembers(line))
            all = all.With(Directive.Read(member));
        return all;
    }

    // A directive that came twice: the stricter one (rule 3).
    private RequestDirectives With(Directive directive) => directive.Name switch
    {
        DirectiveName.NoStore => this with { NoStore = true },
        DirectiveName.NoCache => this with { NoCache = true },
        DirectiveName.OnlyIfCached => this with { OnlyIfCached = true },
        DirectiveName.MaxAge when directive.Seconds is { } seconds => this with { MaxAge = Shorter(MaxAge, seconds) },
        DirectiveName.MinFresh when directive.Seconds is { } seconds => this with { MinFresh = seconds > MinFresh.GetValueOrDefault() ? seconds : MinFresh ?? seconds },
        DirectiveName.MaxStale when !directive.HasArgument => this with { MaxStale = MaxStale ?? TimeSpan.MaxValue },
        DirectiveName.MaxStale when directive.Seconds is { } seconds => this with { MaxStale = Shorter(MaxStale, seconds) },
        _ => this,
    };

    private static TimeSpan Shorter(TimeSpan? known, TimeSpan value) => known < value ? known.Value : value;
}
