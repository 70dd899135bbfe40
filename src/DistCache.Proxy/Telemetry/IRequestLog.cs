using Microsoft.AspNetCore.Http;

namespace DistCache.Proxy.Telemetry;

/// <summary>Is told of every request when it ends. Called on the request's thread: it must not block and must not throw.</summary>
public interface IRequestLog
{
    /// <summary>False: requests are not timed for it, and <see cref="Ended"/> is not called.</summary>
    bool IsEnabled { get; }

    /// <param name="context">To be read now and not kept.</param>
    /// <param name="record">To be read now and not kept.</param>
    void Ended(HttpContext context, RequestRecord record);
}
