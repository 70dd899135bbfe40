namespace DistCache.Proxy.Requests;

/// <summary>Keeps each line of Connection that says more than how to end the connection.</summary>
internal sealed class ConnectionEncoding : FieldEncoding
{
    protected override void See(Span<char> value)
    {
        if (!ConnectionField.NominatesNothing(value))
            StrictConnection.Nominate(value);
    }
}
