namespace DistCache.Scenarios.Attacks;

/// <param name="Name">What is odd about the line.</param>
/// <param name="Line">Writes the field line, or lines, of a name and a value.</param>
internal sealed record Mutation(string Name, Func<string, string, string> Line)
{
    /// <summary>Ways to write a field so that two readers may not agree on it; a few are quite legal.</summary>
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("twice", (name, value) => $"{name}: {value}\r\n{name}: {value}"),
        new("space before the colon", (name, value) => $"{name} : {value}"),
        new("tab before the colon", (name, value) => $"{name}\t: {value}"),
        new("vertical tab before the value", (name, value) => $"{name}:\x0b{value}"),
        new("form feed before the value", (name, value) => $"{name}:\x0c{value}"),
        new("NUL before the value", (name, value) => $"{name}:\0{value}"),
        new("NUL behind the value", (name, value) => $"{name}: {value}\0"),
        new("DEL behind the value", (name, value) => $"{name}: {value}\x7f"),
        new("no-break space before the value", (name, value) => $"{name}:\xa0{value}"),
        new("a high byte behind the value", (name, value) => $"{name}: {value}\x80"),
        new("legal: tab before the value", (name, value) => $"{name}:\t{value}"),
        new("legal: no white space", (name, value) => $"{name}:{value}"),
        new("legal: spaces around the value", (name, value) => $"{name}:   {value}  "),
        new("legal: upper case name", (name, value) => $"{name.ToUpperInvariant()}: {value}"),
        new("legal: lower case name", (name, value) => $"{name.ToLowerInvariant()}: {value}"),
        new("upper case value", (name, value) => $"{name}: {value.ToUpperInvariant()}"),
        new("quoted value", (name, value) => $"{name}: \"{value}\""),
        new("single quotes", (name, value) => $"{name}: '{value}'"),
        new("comma behind", (name, value) => $"{name}: {value},"),
        new("comma before", (name, value) => $"{name}: ,{value}"),
        new("list of two", (name, value) => $"{name}: {value}, {value}"),
        new("parameter", (name, value) => $"{name}: {value};q=1"),
        new("letter before", (name, value) => $"{name}: x{value}"),
        new("letter behind", (name, value) => $"{name}: {value}x"),
        new("second word", (name, value) => $"{name}: {value} x"),
        new("sign", (name, value) => $"{name}: +{value}"),
        new("folded", (name, value) => $"{name}:\r\n {value}"),
        new("folded by bare LF", (name, value) => $"{name}:\n {value}"),
        new("line end in the name", (name, value) => $"{name}\r\n: {value}"),
        new("space before the name", (name, value) => $" {name}: {value}"),
        new("tab before the name", (name, value) => $"\t{name}: {value}"),
        new("behind a bare LF", (name, value) => $"X: y\n{name}: {value}"),
        new("behind a bare CR", (name, value) => $"X: y\r{name}: {value}"),
        new("bare CR behind", (name, value) => $"{name}: {value}\r"),
        new("NUL in the name", (name, value) => $"{name}\0: {value}"),
        new("a high byte in the name", (name, value) => $"{name}\x80: {value}"),
        new("byte order mark", (name, value) => $"\xef\xbb\xbf{name}: {value}"),
        new("underscore", (name, value) => $"{name.Replace('-', '_')}: {value}"),
        new("semicolon in the name", (name, value) => $"{name};: {value}"),
        new("equals sign in the name", (name, value) => $"{name}=x: {value}"),
        new("parentheses", (name, value) => $"({name}): {value}"),
        new("two colons", (name, value) => $"{name}:: {value}"),
        new("no colon", (name, value) => $"{name} {value}"),
        new("twice, the second says otherwise", (name, value) => $"{name}: {value}\r\n{name}: 0"),
        new("twice, the first is empty", (name, value) => $"{name}:\r\n{name}: {value}"),
        new("nominated by Connection", (name, value) => $"Connection: {name}\r\n{name}: {value}"),
    ];
}
