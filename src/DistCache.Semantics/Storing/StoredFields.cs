using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Storing;

/// <summary>RFC 9111 §3.1: the fields of a response that are stored (rule 19). Adds Date when it was missing or invalid (rule 6); leaves out Age.</summary>
public static class StoredFields
{
    public static FieldList From(ResponseFacts response, CachingOptions options) =>
        Select(response, keepsSetCookie: options.SetCookie == SetCookieHandling.AsResponseAllows);

    /// <summary>What <see cref="From"/> leaves out although it is for the user whose request this is (RFC 9111 §5.2.2.4, §5.2.2.7): qualified fields, and cookies. Null: nothing.</summary>
    /// <param name="withCookies">False: its request was sent without its cookies, and those that come back would end its session.</param>
    public static FieldList? Private(ResponseFacts response, CachingOptions options, bool withCookies)
    {
        var listed = response.Directives.FieldsNotToStore;
        var leavesCookies = options.SetCookie != SetCookieHandling.AsResponseAllows;
        if (listed.Count == 0 && !(leavesCookies && response.Fields.Has(FieldNames.SetCookie)))
            return null;
        var nominated = NeverStoredFields.NominatedBy(response.Fields);
        var fields = new List<Field>();
        foreach (var field in response.Fields)
            if ((IsListed(listed, field.Name) || (leavesCookies && Is(field, FieldNames.SetCookie)))
                && (withCookies || !Is(field, FieldNames.SetCookie))
                && !Is(field, FieldNames.ContentLength) && !Is(field, FieldNames.Date)
                && !NeverStoredFields.Contains(field.Name) && nominated?.Contains(field.Name) != true)
                fields.Add(field);
        return fields.Count == 0 ? null : new(fields);
    }

    internal static FieldList Select(ResponseFacts response, bool keepsSetCookie)
    {
        var nominated = NeverStoredFields.NominatedBy(response.Fields);
        var kept = new List<Field>(response.Fields.Count + 1);
        foreach (var field in response.Fields)
            if (!NeverStoredFields.Contains(field.Name)
                && nominated?.Contains(field.Name) != true
                && !IsListed(response.Directives.FieldsNotToStore, field.Name)
                && (keepsSetCookie || !Is(field, FieldNames.SetCookie))
                && (response.HasDate || !Is(field, FieldNames.Date)))
                kept.Add(field);
        if (response.HasDate && kept.Count == response.Fields.Count)
            return response.Fields; // all of them, as nearly always
        if (!kept.Exists(field => Is(field, FieldNames.Date)))
            kept.Add(new(FieldNames.Date, HttpDate.Format(response.Date)));
        return new(kept);
    }

    private static bool Is(Field field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsListed(IReadOnlyList<string> names, string name)
    {
        foreach (var listed in names)
            if (listed.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
