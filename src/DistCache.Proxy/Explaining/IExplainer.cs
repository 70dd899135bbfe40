namespace DistCache.Proxy.Explaining;

/// <summary>Says what would become of a request, and why.</summary>
public interface IExplainer
{
    /// <param name="url">Absolute.</param>
    /// <param name="fieldLines">Of the request, as <c>Name: value</c>.</param>
    /// <param name="client">The address that it comes from; empty: this machine.</param>
    /// <param name="asksOrigin">Whether the origin shall be asked where a client's request would ask it.</param>
    /// <param name="cancel">Gives up asking.</param>
    /// <returns>The explanation, or what is wrong with the question.</returns>
    Task<(Explanation? Explanation, string? Wrong)> ExplainAsync(string url, string method, IEnumerable<string> fieldLines, string client, bool asksOrigin, CancellationToken cancel);
}
