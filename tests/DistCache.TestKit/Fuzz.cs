using CsCheck;

namespace DistCache.TestKit;

/// <summary>
/// A property that must hold for whatever comes over the wire: tried for a second, in the long form (<c>DISTCACHE_LONG=1</c>) for a
/// minute. A failure is made small and printed with its seed; <c>CsCheck_Seed=SEED</c> in the environment runs that case again.
/// </summary>
public static class Fuzz
{
    private static readonly int Seconds = Environment.GetEnvironmentVariable("DISTCACHE_LONG") == "1" ? 60 : 1;

    // What the grammars are made of, and what has been confused with it elsewhere.
    private static readonly string[] Pieces =
    [
        ",", ", ", ";", "=", "\"", "\\", "\\\"", " ", "\t", "-", "--", "/", "//", "/.", "/..", "?", "#", ":", "@", "*", "%", "%2", "%2f", "%2e", "%00", "%zz", "(", ")", "[", "]",
        "0", "1", "9", "00", "99999999999999999999999999999999", "9223372036854775807", "9223372036854775808", "2147483648", "-1", "+1", ".5", "e9",
        "W/", "\"\"", "\"a\"", "q=", ";q=0.5", "bytes", "\0", "\r", "\n", "\v", "\u001f", "\u007f", "\u0080", "\u0085", "\u00a0", "\u00b2", "\u00e9", "\u00ff",
    ];

    private static readonly Gen<(int Kind, double At, int Length, string Piece)> Mutation =
        Gen.Select(Gen.Int[0, 8], Gen.Double.Unit, Gen.Int[1, 8], Gen.OneOf(Pieces));

    /// <param name="text">What a failing case is printed as; <see cref="object.ToString"/> when null.</param>
    public static void Holds<T>(Gen<T> gen, Action<T> property, Func<T, string>? text = null) => gen.Sample(property, time: Seconds, print: text);

    public static void Holds(Gen<string> gen, Action<string> property) => gen.Sample(property, time: Seconds, print: Show);

    /// <summary>The seeds, and what a few cuts, copies, swaps and odd pieces make of them. One character for each byte.</summary>
    public static Gen<string> Near(params string[] seeds) => Gen.Select(
        Gen.OneOf(seeds), Gen.OneOf(seeds), Mutation.Array[0, 5], (seed, other, mutations) =>
        {
            foreach (var mutation in mutations)
                seed = Mutate(seed, other, mutation);
            return seed;
        });

    public static string Show(string text) => '"' + Latin1.Show(Latin1.Bytes(text), 4000) + '"';

    private static string Mutate(string text, string other, (int Kind, double At, int Length, string Piece) mutation)
    {
        var at = (int)(mutation.At * (text.Length + 1));
        var length = Math.Min(mutation.Length, text.Length - at);
        return mutation.Kind switch
        {
            0 => text.Insert(at, mutation.Piece),
            1 => text.Remove(at, length),
            2 => text.Insert(at, text.Substring(at, length)),
            3 => text.Remove(at, length).Insert(at, mutation.Piece),
            4 => text[..at] + SwapCase(text.Substring(at, length)) + text[(at + length)..],
            5 => text[..at],
            6 => text[..at] + other[Math.Min(at, other.Length)..],
            7 => text.Insert(at, other),
            _ => text.Insert(at, ((char)(mutation.At * 0x1_0000_0000 % 256)).ToString()),
        };
    }

    private static string SwapCase(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : c));
}
