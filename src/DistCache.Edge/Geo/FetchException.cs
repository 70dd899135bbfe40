namespace DistCache.Edge.Geo;

/// <summary>Why there is no database, in one sentence with the remedy.</summary>
internal sealed class FetchException(int code, string message) : Exception(message)
{
    /// <summary>For the program to end with.</summary>
    public int Code => code;
}
