using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace DistCache.Proxy.Delivery;

/// <summary>Our member of Proxy-Status (RFC 9209) on answers that are our own errors: the registered error type (§2.3), nothing of the inside.</summary>
internal static class ProxyStatus
{
    public const string Field = "Proxy-Status";

    public const string LoopDetected = "proxy_loop_detected";
    public const string DestinationNotFound = "destination_not_found";
    public const string DestinationUnavailable = "destination_unavailable";
    public const string ConnectionLimitReached = "connection_limit_reached";
    public const string ResponseTimeout = "http_response_timeout";
    public const string ProtocolError = "http_protocol_error";
    public const string ConnectionTerminated = "connection_terminated";
    public const string RequestError = "http_request_error";
    public const string RequestDenied = "http_request_denied";

    /// <summary>We made the answer without asking anybody (§2.3.31): only-if-cached.</summary>
    public const string InternalResponse = "proxy_internal_response";
    public const string InternalError = "proxy_internal_error";

    public static string Write(string node, string error) => $"{node}; error={error}";

    public static string ErrorOf(ForwarderError error, Exception? exception) => error switch
    {
        ForwarderError.NoAvailableDestinations => DestinationUnavailable,
        // SocketsHttpHandler says of its own connect time-out, and of nothing else, that it was a time-out.
        ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled => exception?.InnerException is TimeoutException ? "connection_timeout" : ResponseTimeout,
        _ => ErrorOf(exception),
    };

    // The outermost that says something: HttpClient wraps what the socket said.
    private static string ErrorOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (TryErrorOf(exception) is { } error)
                return error;
        return InternalError;
    }

    private static string? TryErrorOf(Exception exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "dns_error",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "tls_protocol_error",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "http_response_header_section_size",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError } => ProtocolError,
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => ConnectionTerminated,
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection_refused",
        SocketException { SocketErrorCode: SocketError.TimedOut } => "connection_timeout",
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "destination_ip_unroutable",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => "dns_error",
        SocketException => ConnectionTerminated,
        _ => null,
    };
}
