using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DistCache.Edge.Admin;

namespace DistCache.Edge.CommandLine;

/// <summary>Asks the admin port of a running edge, here or elsewhere.</summary>
internal sealed class AdminClient(string admin, string? key, TimeProvider time)
{
    public const string KeyVariable = "DISTCACHE_KEY";

    /// <summary>Longer than an origin that is asked may take by default.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    public static Option<string?> KeyOption() => new("--key")
    {
        HelpName = "KEY",
        Description = $"An API key of that edge; better in the environment as {KeyVariable}, where nobody sees it in the list of processes.",
    };

    /// <summary>The exit code, and the answer's body or what went wrong.</summary>
    /// <param name="waits">How long the edge was asked to wait before it answers.</param>
    public async Task<(int Code, string Answer)> SendAsync(HttpMethod method, string pathAndQuery, string? body, CancellationToken cancel, TimeSpan waits = default)
    {
        if (!Uri.TryCreate(admin, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return (ExitCode.ToBePutRight, $"--admin: '{admin}' is not an http URL. Write the admin port of the edge, as in {AdminOptions.Default}.");
        using var limit = new CancellationTokenSource(Patience + waits, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
            using var request = new HttpRequestMessage(method, new Uri(address, pathAndQuery));
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            if ((key ?? Environment.GetEnvironmentVariable(KeyVariable)) is { Length: > 0 } sent)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", sent);
            using var response = await client.SendAsync(request, either.Token);
            var answer = await response.Content.ReadAsStringAsync(either.Token);
            if (response.IsSuccessStatusCode)
                return (ExitCode.Stopped, answer);
            return response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? (CodeOf(response.StatusCode), JsonDocument.Parse(answer).RootElement.GetProperty("detail").GetString()!)
                : (ExitCode.NotAnswered, $"{address} answered {(int)response.StatusCode}: it is not the admin port of an edge. Name that with --admin.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return (ExitCode.NotAnswered, $"{address} has not answered within {(Patience + waits).TotalSeconds:0} s. What was asked for may have been done all the same: look at 'DistCache.Edge purges'.");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or FormatException)
        {
            return (ExitCode.NotAnswered, $"No edge answers at {address}: {e.Message} Start one, or name its admin port with --admin.");
        }
    }

    /// <summary>What may be well the next time is no fault of the command line's.</summary>
    private static int CodeOf(HttpStatusCode problem) => problem is HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError ? ExitCode.NotAnswered : ExitCode.ToBePutRight;
}
