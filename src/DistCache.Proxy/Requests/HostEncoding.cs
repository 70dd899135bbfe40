namespace DistCache.Proxy.Requests;

/// <summary>Compares Host with the authorities of an HTTP/2 connection.</summary>
internal sealed class HostEncoding : FieldEncoding
{
    protected override void See(Span<char> value) => StrictConnection.CheckHost(value);
}
