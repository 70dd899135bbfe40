namespace DistCache.Semantics.Fields;

/// <summary>Field names that the rules read or write.</summary>
public static class FieldNames
{
    public const string Age = "Age";
    public const string CacheControl = "Cache-Control";
    public const string Connection = "Connection";
    public const string ContentLength = "Content-Length";
    public const string ContentLocation = "Content-Location";
    public const string ContentRange = "Content-Range";
    public const string Date = "Date";
    public const string ETag = "ETag";
    public const string Expires = "Expires";
    public const string LastModified = "Last-Modified";
    public const string SetCookie = "Set-Cookie";
    public const string SurrogateControl = "Surrogate-Control";
    public const string Vary = "Vary";
}
