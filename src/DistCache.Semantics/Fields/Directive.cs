namespace DistCache.Semantics.Fields;

internal enum ArgumentForm
{
    None,
    Token,
    QuotedString,

    /// <summary>Something stands there that the grammar does not allow: <c>max-age =60</c>, <c>no-store;x</c>, <c>a=b c</c>.</summary>
    Malformed,
}

/// <summary>One cache directive (RFC 9111 §5.2): a name, and an argument as token or quoted-string, which mean the same.</summary>
internal readonly ref struct Directive
{
    public DirectiveName Name { get; private init; }
    public ArgumentForm Form { get; private init; }

    /// <summary>Without quotes and backslashes.</summary>
    public ReadOnlySpan<char> Argument { get; private init; }

    public bool HasArgument => Form != ArgumentForm.None;

    public TimeSpan? Seconds =>
        Form is ArgumentForm.Token or ArgumentForm.QuotedString && DeltaSeconds.TryParse(Argument, out var value) ? value : null;

    public static Directive Read(ReadOnlySpan<char> member)
    {
        var nameLength = Syntax.TokenLength(member);
        var name = DirectiveNames.Find(member[..nameLength]);
        var rest = member[nameLength..];
        if (rest.IsEmpty)
            return new() { Name = name };
        var argument = rest[1..];
        if (rest[0] == '=' && Syntax.IsToken(argument))
            return new() { Name = name, Form = ArgumentForm.Token, Argument = argument };
        if (rest[0] == '=' && argument.StartsWith('"') && Syntax.QuotedStringLength(argument) == argument.Length)
            return new() { Name = name, Form = ArgumentForm.QuotedString, Argument = Syntax.Unquote(argument) };
        return new() { Name = name, Form = ArgumentForm.Malformed };
    }
}
