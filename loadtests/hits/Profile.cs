using System.Globalization;
using System.Text.RegularExpressions;

namespace DistCache.LoadTests.Hits;

/// <summary>Where a server's time of the processor goes, by whose code it is: samples of perf while it is under load.</summary>
/// <param name="Shares">Of all samples, largest first.</param>
/// <param name="Functions">Those that took most by themselves.</param>
internal sealed partial record Profile(string Server, IReadOnlyList<(string Owner, double Share)> Shares, IReadOnlyList<(string Function, double Share)> Functions)
{
    public const string Program = "perf";

    private const int MostFunctions = 8;

    /// <summary>So that perf can tell the runtime's compiled code apart; for whoever starts .NET.</summary>
    public static readonly IReadOnlyDictionary<string, string> Names = new Dictionary<string, string> { ["DOTNET_PerfMapEnabled"] = "1", ["DOTNET_PerfMapShowOptimizationTiers"] = "0", ["DOTNET_EnableWriteXorExecute"] = "0" };

    // The first that fits, of the file and the function.
    private static readonly (string Owner, Regex Place)[] Owners =
    [
        ("kernel: copies to and from the socket", new(@"^\[k\] .*(copy_user|copyin|copyout|copy_to_iter|copy_from_iter|rep_movs|skb_copy|csum_and_copy)", RegexOptions.CultureInvariant)),
        ("kernel: the rest", new(@"^\[k\]", RegexOptions.CultureInvariant)),
        ("TLS: OpenSSL", new(@"libssl|libcrypto|System\.Security\.Cryptography", RegexOptions.CultureInvariant)),
        ("TLS: System.Net.Security", new(@"System\.Net\.Security", RegexOptions.CultureInvariant)),
        ("this project", new(@"DistCache", RegexOptions.CultureInvariant)),
        ("Kestrel and ASP.NET Core", new(@"Microsoft\.AspNetCore|Microsoft\.Extensions", RegexOptions.CultureInvariant)),
        ("YARP", new(@"Yarp", RegexOptions.CultureInvariant)),
        (".NET's sockets", new(@"System\.Net\.Sockets", RegexOptions.CultureInvariant)),
        (".NET's pipes", new(@"System\.IO\.Pipelines", RegexOptions.CultureInvariant)),
        (".NET's runtime and collector", new(@"libcoreclr|libclrgc|libclrjit|libSystem\.Native", RegexOptions.CultureInvariant)),
        (".NET's libraries", new(@"System\.|\[JIT\]|perf-\d+\.map|memfd:doublemapper", RegexOptions.CultureInvariant)),
    ];

    /// <summary>Samples a server while <paramref name="load"/> runs, which is to be the longer one.</summary>
    public static Profile Record(string server, ServerProcess process, string folder, TimeSpan during, Action load)
    {
        var file = Path.Combine(folder, "perf.data");
        var ids = string.Join(',', process.Ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));
        var recording = Task.Run(() => Tool.Run(Program, "record", "-q", "-F", "997", "-p", ids, "-o", file, "--", "sleep", during.TotalSeconds.ToString(CultureInfo.InvariantCulture)));
        load();
        recording.GetAwaiter().GetResult();
        return Read(server, Tool.Run(Program, "report", "-q", "--stdio", "--no-children", "-F", "overhead,dso,sym", "--field-separator", "\t", "-i", file));
    }

    /// <param name="report">Lines of share, file and function.</param>
    internal static Profile Read(string server, string report)
    {
        var (owners, functions) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var line in report.Split('\n'))
        {
            if (line.Split('\t') is not [var percent, var file, var function] || !double.TryParse(percent.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var share))
                continue;
            (file, function) = (file.Trim(), function.Trim());
            var place = $"{function} {file}";
            var owner = Array.Find(Owners, owner => owner.Place.IsMatch(place)).Owner ?? $"{Path.GetFileName(file)}";
            owners[owner] = owners.GetValueOrDefault(owner) + share;
            functions[Short(function)] = functions.GetValueOrDefault(Short(function)) + share;
        }
        return new(server, [.. owners.OrderByDescending(owner => owner.Value).Select(owner => (owner.Key, owner.Value / 100))],
            [.. functions.OrderByDescending(function => function.Value).Take(MostFunctions).Select(function => (function.Key, function.Value / 100))]);
    }

    // Type and method of what the runtime has named with assembly, result and parameters.
    private static string Short(string function)
    {
        var name = Kind().Replace(function, "");
        var end = name.IndexOf('(', StringComparison.Ordinal);
        if (end > 0)
            name = name[..end];
        name = Arguments().Replace(name, ""); // of generic types
        var at = name.LastIndexOf("::", StringComparison.Ordinal);
        return at < 0 ? name : name[(name.LastIndexOfAny(['.', ' ', ']'], at) + 1)..];
    }

    [GeneratedRegex(@"^\[[k.]\] ")]
    private static partial Regex Kind();

    [GeneratedRegex(@"`\d+(\[[^\]]*\])?")]
    private static partial Regex Arguments();
}
