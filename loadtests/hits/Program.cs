using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistCache.LoadTests;
using DistCache.LoadTests.Hits;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["origin", var port]:
        await OriginServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["bare", var port, var tlsPort, var certificatePath, var keyPath]:
        await BareServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(tlsPort, CultureInfo.InvariantCulture), certificatePath, keyPath);
        return 0;
    case ["yarp", var port, var toPort]:
        await YarpServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(toPort, CultureInfo.InvariantCulture));
        return 0;
}
if (Options.Read(args, out var wrong) is not { } options)
{
    Console.Error.WriteLine(wrong);
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

var repository = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(repository, "DistCache.Edge.sln")))
    repository = Path.GetDirectoryName(repository) ?? throw new InvalidOperationException("Run it inside the repository.");
var skipped = options.Servers.Where(server => server.Missing is not null).Select(server => $"{server.Name} ({server.Missing})")
    .Concat(options.Cases.Where(test => Load.Missing(test) is not null).Select(test => $"{test.Name} ({Load.Missing(test)} is not installed)"))
    .Concat(FarTier.Missing is { } tier && options is { Open: > 0, Misses: > 0 } ? [$"misses that wait for the shared tier ({tier})"] : []).ToArray();
foreach (var name in skipped)
    Console.Error.WriteLine($"skipped: {name}");
options = options with { Servers = [.. options.Servers.Where(server => server.Missing is null)], Cases = [.. options.Cases.Where(test => Load.Missing(test) is null)] };
foreach (var server in options.Servers)
    server.Prepare(repository);

Cores.PinSelf();
var folder = Directory.CreateTempSubdirectory("distcache-hits-").FullName;
var (certificate, key, pem) = Certificate(folder);
const int OriginPort = 18999;
await using var origin = ServerProcess.Start(folder, Environment.ProcessPath!, ["origin", OriginPort.ToString(CultureInfo.InvariantCulture)], Cores.Load);
await origin.WaitAsync(new($"http://127.0.0.1:{OriginPort}/"));
var measurement = new Measurement(options, OriginPort, certificate, key, pem);
var figures = new List<Figure>();
var open = options.Open == 0 ? [] : options.Cases.Where(test => test is { Kind: CaseKind.Hit, Size: 1024, Urls: 1 } && test.Wish == Wish.Whole)
    .SelectMany(_ => options.Misses == 0 ? [SlowMisses.None] : Enum.GetValues<SlowMisses>(), (test, misses) => (Test: test, Misses: misses))
    .Where(loop => loop.Misses is not SlowMisses.SharedTier || FarTier.Missing is null).ToDictionary(loop => loop, _ => new List<Scenario>());
for (var round = 1; round <= options.Rounds; round++)
    foreach (var server in options.Servers)
    {
        figures.AddRange(await measurement.RunAsync(server, round));
        foreach (var (loop, scenarios) in open.Where(one => server.Runs(one.Key.Test) && server.Waits(one.Key.Misses)))
            scenarios.Add(await measurement.RunOpenAsync(server, loop.Test, loop.Misses, options.Open, options.Misses));
    }

var missed = new List<Missed>();
foreach (var (name, what) in Goals.MissedBy("edge", figures))
{
    Console.Error.WriteLine($"not reached: {name}, {what}");
    var profiles = new List<Profile>();
    var why = Tool.Find(Profile.Program) is null ? $"{Profile.Program} is not installed (Debian: linux-perf)" : "";
    try
    {
        if (why == "")
            foreach (var server in options.Servers.Where(server => server.Name is "edge" or "nginx" or "bare-kestrel" or "bare-yarp" && server.Runs(options.Cases.First(test => test.Name == name))).OrderBy(server => server.Name != "edge"))
                profiles.Add(await measurement.ProfileAsync(server, options.Cases.First(test => test.Name == name)));
    }
    catch (Exception e) when (e is InvalidOperationException or IOException)
    {
        (why, profiles) = (e.Message.ReplaceLineEndings(" ").Trim(), []); // perf may not be allowed here: what was measured is not lost by it
    }
    missed.Add(new(name, what, profiles, why));
}

var report = Report.Write(figures,
    [.. open.Select(loop => ($"Open loop, {loop.Key.Test.Name}, {options.Open:N0} a second{Beside(loop.Key.Misses)}", (IReadOnlyList<Scenario>)loop.Value))], missed, skipped, options);
File.WriteAllText(options.Out + ".md", report);
File.WriteAllText(options.Out + ".svg", Report.Draw(figures));
if (open.Count > 0)
    File.WriteAllText(options.Out + "-open.svg", Report.Draw([.. open.Select(loop => ($"{loop.Key.Test.Name}{Beside(loop.Key.Misses)}", (IReadOnlyList<Scenario>)loop.Value))]));
Console.WriteLine(report);
Directory.Delete(folder, recursive: true);
return 0;

string Beside(SlowMisses misses) => misses is SlowMisses.None ? "" : $", beside {options.Misses:N0} misses a second that wait 300 ms for {(misses is SlowMisses.Origin ? "the origin" : "the shared tier")}";

static (string Certificate, string Key, string Pem) Certificate(string folder)
{
    using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=localhost", ec, HashAlgorithmName.SHA256);
    using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    var (certificate, key, pem) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"), Path.Combine(folder, "both.pem"));
    File.WriteAllText(certificate, made.ExportCertificatePem() + "\n");
    File.WriteAllText(key, ec.ExportPkcs8PrivateKeyPem() + "\n");
    File.WriteAllText(pem, made.ExportCertificatePem() + "\n" + ec.ExportPkcs8PrivateKeyPem() + "\n");
    return (certificate, key, pem);
}
