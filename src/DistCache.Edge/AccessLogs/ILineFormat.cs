using System.Buffers;
using DistCache.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.AccessLogs;

internal interface ILineFormat
{
    /// <summary>Without the line's end. Never throws, never blocks.</summary>
    void Write(HttpContext context, RequestRecord record, IBufferWriter<byte> line);
}
