using DistCache.Edge.Certificates;
using DistCache.Edge.CommandLine;
using DistCache.Edge.Hosts;
using DistCache.Proxy;
using DistCache.Proxy.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DistCache.Edge.Configuration;

/// <summary>The configuration as a start would read it, looked through with the same code, without a port being opened.</summary>
internal sealed record ConfigurationCheck(EdgeConfiguration Configuration, StartOptions Start, ProxySnapshot? Proxy, IReadOnlyList<string> Errors)
{
    public static async Task<ConfigurationCheck> RunAsync(EdgeArguments arguments, string contentRoot)
    {
        var configuration = new ConfigurationSources(arguments, contentRoot).Read();
        var start = StartOptions.Read(configuration);
        await using var certificates = new CertificateStore(contentRoot, NullLogger.Instance, TimeProvider.System);
        certificates.Take(certificates.Prepare(start.Endpoints, configuration.Settings));
        var errors = configuration.Complaints.Select(complaint => complaint.ToString()).Concat(UnknownKeys.Of(configuration.Merged)).ToList();
        ProxySnapshot? proxy = null;
        if (start.Admin is not null && errors.Count == 0)
        {
            var resolved = ResolvedConfiguration.Build(configuration.Root, start.Node, start.Memory, demoOrigin: null);
            try
            {
                await using var host = DataHost.Build(start.Endpoints, certificates, new NodeIdentity(start.Node.Id), start.Memory, resolved.Root, NullLoggerFactory.Instance, contentRoot);
                proxy = host.Services.GetRequiredService<ProxyConfiguration>().Current;
            }
            catch (Exception e) when (ProxyConfigurationFailure.Explain(e) is { } wrong)
            {
                errors.AddRange(wrong);
            }
        }

        return new(configuration, start, proxy, [.. errors.Select(configuration.WithFile)]);
    }
}
