using System.Text;
using System.Text.RegularExpressions;
using DistCache.TestKit;
using Xunit;

namespace DistCache.Scenarios.Written;

/// <summary>
/// The bash blocks of a document, run as they are written, in one shell, but for the ports. After a line that starts something in the background it waits
/// until that listens, as a reader does.
/// </summary>
internal sealed partial class WrittenCommands : IDisposable
{
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(2);

    /// <summary>Each job is a group of processes of its own, which ends with the shell.</summary>
    private const string Opening = """
        set -m
        trap 'for job in $(jobs -p); do kill -- "-$job"; done 2>/dev/null; wait' EXIT
        listening() { for port; do until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do [ "$SECONDS" -lt 60 ] || exit 99; sleep 0.05; done; done; }

        """;

    private readonly TemporaryFolder _state = new();
    private readonly Dictionary<string, int> _ports = [];

    /// <summary>The lines of each bash block between that heading and the next.</summary>
    public static IReadOnlyList<string[]> Blocks(string document, string heading)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var from = text.IndexOf($"\n{heading}\n", StringComparison.Ordinal) + 1;
        Assert.True(from > 0, $"{document} has no '{heading}'");
        var section = text[(from + heading.Length)..];
        var end = Heading().Match(section);
        return [.. Bash().Matches(end.Success ? section[..end.Index] : section).Select(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <returns>What they wrote.</returns>
    public async Task<string> RunAsync(IEnumerable<string> lines, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var script = new StringBuilder(Opening);
        foreach (var line in lines.Select(Here))
        {
            script.Append(line).Append('\n');
            if (line.EndsWith('&'))
                script.Append("listening ").AppendJoin(' ', Listens().Matches(line).Select(port => port.Groups[1].Value)).Append('\n');
        }
        var all = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
        {
            ["PATH"] = $"{Path.GetDirectoryName(Repository.EdgeProgram)}:{Environment.GetEnvironmentVariable("PATH")}",
            ["STATE_DIRECTORY"] = _state.Path,
        };
        await using var shell = ChildProcess.Start("bash", [_state.Write("commands", script.ToString())], Repository.Root, all);
        await shell.WaitForExitAsync(Most);
        return shell.Output;
    }

    public void Dispose() => _state.Dispose();

    /// <summary>Free ports in the place of those that are written.</summary>
    private string Here(string line) => Written().Replace(line, port =>
    {
        if (!_ports.TryGetValue(port.Groups[2].Value, out var free))
            _ports.Add(port.Groups[2].Value, free = Ports.Free());
        return $"{port.Groups[1].Value}{free}";
    });

    [GeneratedRegex(@"^```bash\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Bash();

    [GeneratedRegex(@"^#{2,3} ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"(127\.0\.0\.1:|--port )(\d+)")]
    private static partial Regex Written();

    [GeneratedRegex(@"(?:--listen http://127\.0\.0\.1:|--admin http://127\.0\.0\.1:|--port )(\d+)")]
    private static partial Regex Listens();
}
