using System.Globalization;
using DistCache.Edge.Admin.Access;
using DistCache.Edge.Node;
using DistCache.Fleet.Members;
using DistCache.Proxy.Policies;
using DistCache.Proxy.Purging;
using DistCache.Storage.Purging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DistCache.Edge.Admin.Purging;

/// <summary><c>/api/v1/purges</c> in our own shape. Other products' shapes end in <see cref="Purges.ApplyAsync"/> too; they wait for nobody.</summary>
internal sealed class PurgeEndpoints(NodeState state, AccessGate gate)
{
    public const string Path = "/api/v1/purges";
    private const int MostListed = 1_000;

    /// <summary>How long an answer waits for the others, where the body does not say.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>That it may say: longer than any lease makes sense of, and no timer has to count more.</summary>
    public static readonly TimeSpan MostTimeout = TimeSpan.FromHours(1);

    private readonly IdempotentPurges _idempotent = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, gate.Before(Scope.None, PostAsync));
        routes.MapGet(Path, gate.Before(Scope.Read, ListAsync));
        routes.MapGet(Path + "/{position}", gate.Before(Scope.None, GetAsync));
    }

    /// <summary>False when it has answered already: not ready, not understood, or beyond the caller's scopes.</summary>
    public static async Task<bool> MayApplyAsync(HttpContext context, PurgeSelection selection)
    {
        var caller = Caller.Of(context);
        if (selection.Wrong is { } wrong)
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, wrong);
        else if ((selection.HasEverything ? Scope.PurgeEverything : Scope.Purge) is var scope && !caller.May(scope))
            await Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"The key '{caller.Name}' lacks the scope {scope.Name()}.");
        else
            return true;
        return false;
    }

    /// <summary>Null when it has answered already: the data ports are not there yet.</summary>
    public static async Task<Purges?> PurgesAsync(HttpContext context, NodeState state)
    {
        if (state.Purges is null)
            await Answer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The node is starting. Ask again when /readyz says ready.");
        return state.Purges;
    }

    private async Task PostAsync(HttpContext context)
    {
        if (await PurgesAsync(context, state) is not { } purges || await RequestBody.ReadAsync<PurgeBody>(context) is not var (body, bytes))
            return;
        var selection = new PurgeSelection(purges)
            .Urls("urls", body.Urls).Tags("tags", body.Tags).Prefixes("prefixes", body.Prefixes).Hosts("hosts", body.Hosts).Everything(body.Everything)
            .Checked("urls, tags, prefixes, hosts or everything");
        if (!await MayApplyAsync(context, selection))
            return;
        if (WrongWith(body) is { } wrong)
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, wrong);
        else if (body.DryRun)
            await Answer.JsonAsync(context, StatusCodes.Status200OK, Trial(purges, selection));
        else
            await ApplyAsync(context, purges, selection, body, bytes);
    }

    private async Task ApplyAsync(HttpContext context, Purges purges, PurgeSelection selection, PurgeBody body, byte[] bytes)
    {
        var caller = Caller.Of(context).Name;
        var once = body.IdempotencyKey is { } key ? _idempotent.Once(caller, key, bytes, NowAsync) : NowAsync();
        if (once is null)
            await Answer.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, $"idempotencyKey: '{body.IdempotencyKey}' was used for another body. Take a new key.");
        else if (await once is not { } receipt)
            await RefuseAsync(context);
        else
            await WaitAsync(context, purges, receipt, body);

        // Not the request's own token: half an append helps nobody.
        Task<PurgeReceipt?> NowAsync() => purges.ApplyAsync(selection.Selectors, body.Mode == "soft" ? PurgeMode.Soft : PurgeMode.Hard, caller).AsTask();
    }

    /// <summary>The log could not be asked: nothing is acknowledged.</summary>
    public static Task RefuseAsync(HttpContext context) =>
        Answer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The purge log does not take it: nothing is acknowledged. Ask again; /healthz says what is wrong.");

    private async Task WaitAsync(HttpContext context, Purges purges, PurgeReceipt receipt, PurgeBody body)
    {
        var region = body.Wait == "region" ? state.Region : null;
        var timeout = body.Timeout is { } text && Duration.TryParse(text, out var asked) ? asked : DefaultTimeout;
        var progress = body.Wait == "none" ? purges.ProgressOf(receipt) : await purges.WaitAsync(receipt, region, timeout, context.RequestAborted);
        var status = StatusOf(progress, region);
        await Answer.JsonAsync(context, status is null && !progress.IsComplete ? StatusCodes.Status202Accepted : StatusCodes.Status200OK, Of(receipt, progress, status));
    }

    /// <summary>Where one region was asked for, and only that one is done.</summary>
    private static string? StatusOf(Progress progress, string? region) =>
        region is not null && !progress.IsComplete && progress.IsCompleteIn(region) ? "region" : null;

    private static PurgeTrial Trial(Purges purges, PurgeSelection selection)
    {
        var matches = purges.Count(selection.Selectors);
        return new(DryRun: true, matches.Responses, matches.Bytes);
    }

    private static string? WrongWith(PurgeBody body)
    {
        if (body is { Everything: true, Confirm: false, DryRun: false })
            return "everything: needs confirm: true beside it.";
        if (body.Mode is not (null or "hard" or "soft"))
            return $"mode: '{body.Mode}' is not hard or soft.";
        if ((WrongWithWait(body.Wait) ?? WrongWithTimeout(body.Timeout)) is { } wrong)
            return wrong;
        return body.IdempotencyKey is { Length: 0 or > IdempotentPurges.MostCharacters } ? $"idempotencyKey: use 1 to {IdempotentPurges.MostCharacters} characters." : null;
    }

    private static string? WrongWithWait(string? wait) => wait is null or "none" or "region" or "all" ? null : $"wait: '{wait}' is not none, region or all.";

    private static string? WrongWithTimeout(string? text) =>
        text is null ? null
        : !Duration.TryParse(text, out var timeout) ? $"timeout: '{text}' is not a duration. Write it as 500ms, 30s or 5m."
        : timeout > MostTimeout ? $"timeout: '{text}' is longer than 1h. Write up to 1h, and ask {Path}/{{position}} again for what takes longer."
        : null;

    private async Task ListAsync(HttpContext context)
    {
        if (await PurgesAsync(context, state) is not { } purges)
            return;
        var (limitText, beforeText) = (context.Request.Query["limit"].ToString(), context.Request.Query["before"].ToString());
        var (limit, before) = (50, long.MaxValue);
        if (limitText.Length > 0 && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostListed))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"limit: '{limitText}' is not 1 to {MostListed}.");
        }
        else if (beforeText.Length > 0 && !long.TryParse(beforeText, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"before: '{beforeText}' is not a position. Take next of the page before.");
        }
        else
        {
            var receipts = purges.Latest(before, limit);
            if (receipts.Any(receipt => !purges.ProgressOf(receipt).IsComplete))
                await purges.Fleet.ConfirmAsync(context.RequestAborted);
            var items = receipts.Select(receipt => Of(purges, receipt)).ToArray();
            await Answer.JsonAsync(context, StatusCodes.Status200OK, new PurgeList(items, items.Length == limit ? items[^1].Position : null));
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await PurgesAsync(context, state) is not { } purges)
            return;
        var (text, wait) = ((string)context.Request.RouteValues["position"]!, context.Request.Query["wait"].ToString() is { Length: > 0 } asked ? asked : null);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"position: '{text}' is not a number.");
        else if (WrongWithWait(wait) is { } wrong)
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, wrong);
        else if (purges.Find(position) is not { } receipt)
            await Answer.ProblemAsync(context, StatusCodes.Status404NotFound, $"No purge at position {position} is remembered: it is a write's, older than the last {Purges.Most}, or from before the last start.");
        else if (!MaySee(Caller.Of(context), receipt))
            await Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"The key '{Caller.Of(context).Name}' lacks the scope {Scope.Read.Name()}, and the purge at position {position} is not its own.");
        else
            await AnswerAsync(context, purges, receipt, wait == "region" ? state.Region : null);
    }

    /// <summary>Who may purge sees what became of it, and not what others purge: that needs <see cref="Scope.Read"/>.</summary>
    private static bool MaySee(Caller caller, PurgeReceipt receipt) => caller.May(Scope.Read) || receipt.By == caller.Name;

    /// <summary>As the others stand now: with a look at the log that starts after the question.</summary>
    private static async Task AnswerAsync(HttpContext context, Purges purges, PurgeReceipt receipt, string? region)
    {
        if (!purges.ProgressOf(receipt).IsComplete)
            await purges.Fleet.ConfirmAsync(context.RequestAborted);
        await Answer.JsonAsync(context, StatusCodes.Status200OK, Of(purges, receipt, region));
    }

    private static PurgeAnswer Of(Purges purges, PurgeReceipt receipt, string? region = null)
    {
        var progress = purges.ProgressOf(receipt);
        return Of(receipt, progress, purges.IsSuperseded(receipt) ? "superseded" : StatusOf(progress, region));
    }

    private static PurgeAnswer Of(PurgeReceipt receipt, Progress progress, string? status) => new(
        receipt.Position, receipt.Id, status ?? (progress.IsComplete ? "complete" : "pending"), receipt.Mode is PurgeMode.Soft ? "soft" : "hard", receipt.At, receipt.By,
        [.. progress.Applied.Select(row => row.Node).Distinct()],
        [.. progress.Pending.Select(member => new PendingNode(member.Row.Node, member.Row.Region, Seconds(member.LeaseEndsIn)))],
        [.. receipt.Selectors.Select(PurgeReceipt.Text)])
    {
        LeftOut = progress.LeftOut.Count == 0 ? null : [.. progress.LeftOut.Select(row => row.Node).Distinct()],
        WatchesFor = progress.IsComplete || progress.WatchLeft is not { Ticks: > 0 } ? null : Seconds(progress.WatchLeft),
    };

    private static double? Seconds(TimeSpan? time) => time is { } known ? Math.Round(known.TotalSeconds, 3) : null;
}
