namespace DistCache.Proxy.Requests;

/// <summary>Remembers each <c>:authority</c> of an HTTP/2 connection.</summary>
internal sealed class AuthorityEncoding : FieldEncoding
{
    protected override void See(Span<char> value) => StrictConnection.AddAuthority(value);
}
