namespace DistCache.LoadTests.Hits;

/// <param name="CpuMicroseconds">User and system time of the server for one request.</param>
/// <param name="Core">Share of the server's core; well under 1: the client was the limit, and the rate says nothing of the server.</param>
internal sealed record Figure(string Case, string Server, int Round, double Rate, double CpuMicroseconds, double Core, long ResidentBytes);
