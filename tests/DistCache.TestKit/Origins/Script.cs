namespace DistCache.TestKit;

/// <summary>
/// What an HTTP/1 origin does with one request: bytes, gates, and an end. Without an end of its own the connection stays open for the
/// next request.
/// </summary>
public sealed class Script
{
    private readonly List<Step> _steps = [];

    private enum End
    {
        None,
        Fin,
        Reset,
        Silence,
    }

    /// <summary>Sends <paramref name="bytes"/>, nothing added.</summary>
    public static Script Bytes(byte[] bytes) => new Script().Then(bytes);

    /// <summary>Sends <paramref name="text"/> as Latin-1, nothing added.</summary>
    public static Script Text(string text) => new Script().Then(text);

    /// <summary>Closes with FIN, without a byte.</summary>
    public static Script CloseAtOnce() => new Script().Fin();

    /// <summary>Ends with RST, without a byte.</summary>
    public static Script ResetAtOnce() => new Script().Reset();

    /// <summary>Never answers; ends when the peer or the origin does.</summary>
    public static Script NeverAnswer() => new Script().Silence();

    /// <summary>The first <paramref name="length"/> bytes of <paramref name="whole"/>, for answers that are cut.</summary>
    public static Script CutAt(byte[] whole, int length) => Bytes(whole[..length]);

    public static implicit operator Script(string text) => Text(text);

    public static implicit operator Script(byte[] bytes) => Bytes(bytes);

    public Script Then(byte[] bytes) => Add(new Step(bytes, null, End.None));

    public Script Then(string text) => Then(Latin1.Bytes(text));

    /// <summary>Stands still until the test opens <paramref name="gate"/>.</summary>
    public Script Wait(Gate gate) => Add(new Step(null, gate, End.None));

    public Script Fin() => Add(new Step(null, null, End.Fin));

    public Script Reset() => Add(new Step(null, null, End.Reset));

    public Script Silence() => Add(new Step(null, null, End.Silence));

    /// <summary>Plays the script; false when the connection is at its end.</summary>
    internal async Task<bool> PlayAsync(OriginConnection connection, OriginRequest request, CancellationToken cancellation)
    {
        foreach (var step in _steps)
        {
            if (step.Bytes is { } bytes && !await connection.SendAsync(bytes, cancellation))
                return false;
            request.AddSent(step.Bytes?.Length ?? 0);
            if (step.Gate is { } gate)
                await gate.PassAsync(cancellation);
            switch (step.End)
            {
                case End.Fin:
                    connection.Close();
                    return false;
                case End.Reset:
                    connection.Reset();
                    return false;
                case End.Silence:
                    await request.Abandoned.WaitAsync(cancellation);
                    return false;
                default:
                    continue;
            }
        }

        return true;
    }

    private Script Add(Step step)
    {
        _steps.Add(step);
        return this;
    }

    private sealed record Step(byte[]? Bytes, Gate? Gate, End End);
}
