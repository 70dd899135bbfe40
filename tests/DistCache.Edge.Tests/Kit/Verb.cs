using System.CommandLine;
using DistCache.Edge.CommandLine;

namespace DistCache.Edge.Tests.Kit;

/// <summary>A verb of the command line, in this process.</summary>
internal static class Verb
{
    /// <param name="looksOn">Somebody sees its standard error.</param>
    public static async Task<(int Code, string Output, string Error)> RunAsync(Uri admin, bool looksOn, params string[] verb)
    {
        var command = new EdgeCommand(() => looksOn);
        var parsed = command.Parse([.. verb, "--admin", admin.GetLeftPart(UriPartial.Authority)]);
        Assert.Null(command.Refusal(parsed));
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await parsed.InvokeAsync(new() { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }

    public static Task<(int Code, string Output, string Error)> RunAsync(Uri admin, params string[] verb) => RunAsync(admin, looksOn: false, verb);
}
