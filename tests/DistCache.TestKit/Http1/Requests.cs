using System.Text;

namespace DistCache.TestKit;

/// <summary>Texts of requests.</summary>
public static class Requests
{
    /// <summary>
    /// <c>METHOD target HTTP/1.1</c>, <c>Host: test</c> unless one of <paramref name="fieldLines"/> is a Host line, the lines as they
    /// are, and the empty line.
    /// </summary>
    public static string Text(string method, string target, params string[] fieldLines)
    {
        var text = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        if (!fieldLines.Any(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)))
            text.Append("Host: test\r\n");
        foreach (var line in fieldLines)
            text.Append(line).Append("\r\n");
        return text.Append("\r\n").ToString();
    }
}
