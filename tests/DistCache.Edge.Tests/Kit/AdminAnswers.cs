using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DistCache.Edge.Tests.Kit;

/// <summary>An admin port that answers what it was told to, one after the other and the last again and again, and keeps what it was asked.</summary>
internal sealed class AdminAnswers : IAsyncDisposable
{
    private readonly WebApplication _port;
    private readonly ConcurrentQueue<(int Status, string Body)> _answers;
    private readonly ConcurrentQueue<string> _asked = new();

    private AdminAnswers((int, string)[] answers)
    {
        _answers = new(answers);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _port = builder.Build();
        _port.Run(AnswerAsync);
    }

    /// <summary>As <c>POST /path body</c>.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public Uri Address => new(_port.Urls.First());

    public static async Task<AdminAnswers> StartAsync(params (int Status, string Body)[] answers)
    {
        var port = new AdminAnswers(answers);
        await port._port.StartAsync(TestContext.Current.CancellationToken);
        return port;
    }

    public ValueTask DisposeAsync() => _port.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        _asked.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {await body.ReadToEndAsync()}".TrimEnd());
        var answer = _answers.Count > 1 && _answers.TryDequeue(out var next) ? next : _answers.First();
        (context.Response.StatusCode, context.Response.ContentType) = (answer.Status, answer.Status < 400 ? "application/json; charset=utf-8" : "application/problem+json");
        await context.Response.WriteAsync(answer.Body);
    }
}
