namespace DistCache.LoadTests.Hits;

/// <param name="Urls">Picked at random; 1: always the same.</param>
internal sealed record Case(string Name, int Size, int Urls, bool IsTls = false, bool IsHttp2 = false)
{
    public static readonly Case[] All =
    [
        new("1 KiB hot", 1024, 1),
        new("1 KiB, 20,000 URLs", 1024, 20_000),
        new("32 KiB", 32 * 1024, 1),
        new("1 MiB", 1024 * 1024, 1),
        new("1 KiB TLS", 1024, 1, IsTls: true),
        new("1 KiB TLS HTTP/2", 1024, 1, IsTls: true, IsHttp2: true),
    ];
}
