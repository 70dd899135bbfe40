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
        new("HEAD", 0, 1) { Wish = Wish.Head },
        new("304", 1024, 1) { Wish = Wish.NotModified },
        new("206, 64 KiB of 1 MiB", 1024 * 1024, 1) { Wish = Wish.Part(500_000, 565_535) },
        new("416", 1024, 1) { Wish = Wish.NotSatisfiable },
        new("1 KiB TLS, 20,000 URLs", 1024, 20_000, IsTls: true),
        new("32 KiB TLS", 32 * 1024, 1, IsTls: true),
        new("1 MiB TLS", 1024 * 1024, 1, IsTls: true),
        new("1 KiB TLS HTTP/2, 20,000 URLs", 1024, 20_000, IsTls: true, IsHttp2: true),
        new("32 KiB TLS HTTP/2", 32 * 1024, 1, IsTls: true, IsHttp2: true),
        new("1 MiB TLS HTTP/2", 1024 * 1024, 1, IsTls: true, IsHttp2: true),
        new("304 TLS HTTP/2", 1024, 1, IsTls: true, IsHttp2: true) { Wish = Wish.NotModified },
    ];

    public Wish Wish { get; init; } = Wish.Whole;

    /// <summary>Of its URLs, the first.</summary>
    public string Path => PathOf(0);

    public string PathOf(int number) => FormattableString.Invariant($"/{Folder}/{Size}/{number}");

    public string Folder => Kind switch
    {
        CaseKind.Pass => "pass",
        CaseKind.Fill => "fill",
        _ => "obj",
    };
}
