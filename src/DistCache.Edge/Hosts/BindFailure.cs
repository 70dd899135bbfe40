using System.Net.Sockets;
using DistCache.Edge.Configuration;
using Microsoft.AspNetCore.Connections;

namespace DistCache.Edge.Hosts;

/// <summary>A port that cannot be had, told in the words of the argument that named it.</summary>
internal static class BindFailure
{
    /// <returns>null when the exception is about something else.</returns>
    /// <param name="where">The option or key that named the addresses.</param>
    /// <param name="option">The option by which another address can be chosen.</param>
    public static Complaint? Explain(Exception exception, string where, string option, IReadOnlyList<ListenAddress> addresses)
    {
        if (Cause(exception) is not { } cause)
            return null;

        // Kestrel names the address in its text, and only for a port in use; for the others the kind of address tells.
        var culprits = addresses.Where(a => cause switch
        {
            SocketError.AddressAlreadyInUse => exception.Message.Contains($":{a.Port}:", StringComparison.Ordinal),
            SocketError.AccessDenied => a.Port < 1024,
            _ => !a.IsAny && !a.IsLoopback,
        }).ToArray();
        var named = culprits.Length > 0 ? culprits : [.. addresses];
        var example = $"as in {option} {named[0] with { Port = named[0].Port is < 1024 or > 65000 ? 8081 : named[0].Port + 1 }}";
        var text = string.Join(", ", named.AsEnumerable());
        return cause switch
        {
            SocketError.AddressAlreadyInUse => new(where, $"{text}: the port is in use", $"Stop the program that uses it, or choose another port, {example}"),
            SocketError.AccessDenied => new(where, $"{text}: this user may not listen there", $"Choose a port above 1023, {example}"),
            _ => new(where, $"{text}: this machine has no such address", "Use *, localhost or an address that the machine has"),
        };
    }

    private static SocketError? Cause(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is AddressInUseException)
                return SocketError.AddressAlreadyInUse;
            if (e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AccessDenied or SocketError.AddressNotAvailable } socket)
                return socket.SocketErrorCode;
        }

        return null;
    }
}
