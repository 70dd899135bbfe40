namespace DistCache.Redis.Connections;

/// <summary>What was last heard of a server that lets nobody in. Any thread.</summary>
/// <param name="hasPassword">The connection string has one.</param>
internal sealed class Refusal(bool hasPassword, Action<string>? told)
{
    private string? _text;

    public string? Text => Volatile.Read(ref _text);

    public void Is(string text)
    {
        if (Interlocked.Exchange(ref _text, text) != text)
            told?.Invoke(text);
    }

    public void Over() => Volatile.Write(ref _text, null);

    /// <summary>The client raises no event for it: each command that fails says why, with the server's own word.</summary>
    public void Heard(Exception failure)
    {
        if (failure.Message.Contains("NOAUTH", StringComparison.Ordinal) || failure.Message.Contains("WRONGPASS", StringComparison.Ordinal))
            Is(hasPassword ? "refuses the password: put password= right, and user=, where it has users," : "wants a password: add password=, and user=, where it has users,");
    }
}
