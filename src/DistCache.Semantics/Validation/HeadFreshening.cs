using DistCache.Semantics.Fields;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Validation;

/// <summary>What the answer to a forwarded HEAD says about a stored GET that could have answered it (RFC 9111 §4.3.5).</summary>
public enum HeadOutcome
{
    /// <summary>It was no 200, or says nothing that only an answer to the same GET would: the stored response stays as it is.</summary>
    Unaffected,

    /// <summary>Validators and length agree: <see cref="Freshening.Apply(FieldList, ResponseFacts)"/>.</summary>
    Freshen,

    /// <summary>They do not, or the stored response is another than a 200: it is stale from now on.</summary>
    Invalidate,
}

/// <summary>Rule 33.</summary>
public static class HeadFreshening
{
    /// <param name="storedLength">Length of the stored body, which counts even where it came without a Content-Length.</param>
    /// <param name="asksForProof">ETag, Last-Modified or Content-Length must have come and agree; else, as the RFC has it, nothing may speak against it.</param>
    public static HeadOutcome Compare(int storedStatus, FieldList stored, long storedLength, ResponseFacts head, bool asksForProof)
    {
        if (head.Status != 200)
            return HeadOutcome.Unaffected;
        if (storedStatus != 200)
            return HeadOutcome.Invalidate;
        var agrees = Agrees(stored, head.Fields, FieldNames.ETag) && Agrees(stored, head.Fields, FieldNames.LastModified) && LengthAgrees(storedLength, head.Fields);
        if (!agrees)
            return HeadOutcome.Invalidate;
        return asksForProof && !Proves(head.Fields) ? HeadOutcome.Unaffected : HeadOutcome.Freshen;
    }

    // "Matching values for any received validator fields": one that did not come does not speak.
    private static bool Agrees(FieldList stored, FieldList head, string name) => !head.Has(name) || head.First(name) == stored.First(name);

    private static bool Proves(FieldList head) => head.Has(FieldNames.ETag) || head.Has(FieldNames.LastModified) || head.Has(FieldNames.ContentLength);

    private static bool LengthAgrees(long storedLength, FieldList head) =>
        !head.Has(FieldNames.ContentLength)
        || (long.TryParse(head.First(FieldNames.ContentLength), System.Globalization.NumberStyles.None, null, out var length) && length == storedLength);
}
