using DistCache.Proxy.Origins;
using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Telemetry;

/// <summary>A client's response body while somebody else writes it: the bytes that pass are counted.</summary>
internal sealed class CountedBody(Stream client, RequestRecord record) : WriteOnlyStream
{
    public static Stream Around(HttpContext context)
    {
        var client = context.Response.Body;
        if (RequestRecord.Of(context) is { } record)
            context.Response.Body = new CountedBody(client, record);
        return client;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await client.WriteAsync(buffer, cancellationToken);
        record.Sent(buffer.Length);
    }

    public override void Flush() => client.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => client.FlushAsync(cancellationToken);
}
