using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace DistCache.TestKit;

/// <summary>
/// One connection to a server that speaks RESP 2 (Redis, Valkey, Garnet), one command at a time. Answers: null, <see cref="long"/>,
/// <see cref="byte"/>[], or an array of these; an error is a <see cref="WireException"/>.
/// </summary>
public sealed class RespClient : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly BufferedStream _buffered;

    private RespClient(Stream stream) => (_stream, _buffered) = (stream, new BufferedStream(stream));

    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    public static async Task<RespClient> ConnectAsync(int port, string? password = null, bool tls = false, string host = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(host), port);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tls)
            {
                var secure = new SslStream(stream, false, (_, _, _, _) => true); // the kit's own certificate, made for this run
                await secure.AuthenticateAsClientAsync("localhost");
                stream = secure;
            }

            var client = new RespClient(stream);
            if (password is not null)
                await client.CommandAsync("AUTH", password);
            return client;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<object?> CommandAsync(params string[] words)
    {
        using var patience = new CancellationTokenSource(Patience);
        var command = new StringBuilder($"*{words.Length}\r\n");
        foreach (var word in words)
            command.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToString()), patience.Token);
            return await ReadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"No answer to {words[0]} within {Patience}.");
        }
        catch (IOException error)
        {
            throw new WireException($"The connection ended during {words[0]}.", error);
        }
    }

    /// <summary>The answer as text; an array one value a line.</summary>
    public async Task<string> TextAsync(params string[] words) => TextOf(await CommandAsync(words));

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static string TextOf(object? value) => value switch
    {
        null => "",
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        object?[] values => string.Join('\n', values.Select(TextOf)),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private async Task<object?> ReadAsync(CancellationToken cancellation)
    {
        var line = await ReadLineAsync(cancellation);
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return Encoding.UTF8.GetBytes(rest);
            case '-':
                throw new WireException(rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$' when rest == "-1":
            case '*' when rest == "-1":
                return null;
            case '$':
                var bytes = new byte[int.Parse(rest, CultureInfo.InvariantCulture) + 2];
                await _buffered.ReadExactlyAsync(bytes, cancellation);
                return bytes[..^2];
            case '*':
                var values = new object?[int.Parse(rest, CultureInfo.InvariantCulture)];
                for (var i = 0; i < values.Length; i++)
                    values[i] = await ReadAsync(cancellation);
                return values;
            default:
                throw new WireException($"Not RESP 2: {line}");
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await _buffered.ReadExactlyAsync(one, cancellation);
            if (one[0] == '\n')
                return line.ToString(0, line.Length - 1);
            line.Append((char)one[0]);
        }
    }
}
