namespace DistCache.LoadTests.Hits;

/// <param name="Urls">Picked at random; 1: always the same. Of fills: of no meaning.</param>
internal sealed record Case(string Name, int Size, int Urls, bool IsTls = false, bool IsHttp2 = false, CaseKind Kind = CaseKind.Hit)
{
    public static readonly Case[] All =
    [
        new("1 KiB hot", 1024, 1),
        new("1 KiB, 20,000 URLs", 1024, 20_000),
        new("32 KiB", 32 * 1024, 1),
        new("1 MiB", 1024 * 1024, 1),
        new("1 KiB TLS", 1024, 1, IsTls: true),
        new("1 KiB TLS HTTP/2", 1024, 1, IsTls: true, IsHttp2: true),
        new("pass, 1 KiB", 1024, 1, Kind: CaseKind.Pass),
        new("fill, 1 KiB", 1024, 1, Kind: CaseKind.Fill),
    ];

    /// <summary>Of its URLs, the first.</summary>
    public string Path => FormattableString.Invariant($"/{Folder}/{Size}/0");

    public string Folder => Kind switch
    {
        CaseKind.Pass => "pass",
        CaseKind.Fill => "fill",
        _ => "obj",
    };
}
