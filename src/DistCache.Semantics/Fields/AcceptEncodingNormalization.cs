namespace DistCache.Semantics.Fields;

/// <summary>Accept-Encoding reduced to the codings that a policy knows (RFC 9110 §12.5.3, rule 31): as many variants as subsets, not as browsers.</summary>
public static class AcceptEncodingNormalization
{
    /// <summary>The known codings that the client accepts, in the policy's order: "br, gzip"; "identity" when it accepts none of them. Null stays null.</summary>
    /// <param name="value">As <see cref="VaryNormalization.Combine"/> gives it.</param>
    /// <param name="known">Lower-case codings, the preferred first. The result is a valid field value that may go to the origin in place of the client's.</param>
    /// <remarks>Weights only tell yes from no. A client that forbids identity keeps saying so. x-gzip and x-compress mean gzip and compress (§8.4.1).</remarks>
    public static string? Normalize(string? value, IReadOnlyList<string> known)
    {
        if (value is null)
            return null;
        var wishes = QualityList.Read(value);
        var accepted = new List<string>();
        foreach (var coding in known)
            if (coding != "identity" && Accepts(wishes, coding))
                accepted.Add(coding);
        if (ForbidsIdentity(wishes))
            accepted.Add("identity;q=0");
        return accepted.Count == 0 ? "identity" : string.Join(", ", accepted);
    }

    private static bool Accepts(List<(string Choice, int Quality)> wishes, string coding) =>
        (QualityOf(wishes, coding) ?? QualityOf(wishes, "*")) > 0;

    private static bool ForbidsIdentity(List<(string Choice, int Quality)> wishes) =>
        (QualityOf(wishes, "identity") ?? QualityOf(wishes, "*")) == 0;

    private static int? QualityOf(List<(string Choice, int Quality)> wishes, string coding)
    {
        foreach (var (choice, quality) in wishes)
            if (Modern(choice) == coding)
                return quality;
        return null;
    }

    private static string Modern(string coding) => coding is "x-gzip" or "x-compress" ? coding[2..] : coding;
}
