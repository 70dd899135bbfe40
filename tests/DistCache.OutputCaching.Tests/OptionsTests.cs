using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DistCache.OutputCaching.Tests;

public class OptionsTests
{
    [Theory]
    [InlineData("00:00:00", true)]
    [InlineData("01:00:10", true)] // the default of the longest lease
    [InlineData("1.00:00:00", true)]
    [InlineData("1.00:00:01", false)]
    [InlineData("50.00:00:00", false)] // no timer counts so far
    [InlineData("-00:00:00.001", false)]
    public void An_eviction_that_could_not_wait_as_long_is_refused_at_the_start(string timeout, bool isGood)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddDistCacheOutputCache(options => (options.Redis, options.EvictionTimeout) = ("127.0.0.1:6379", TimeSpan.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture)));
        using var provider = services.BuildServiceProvider();
        var start = Record.Exception(provider.GetRequiredService<IStartupValidator>().Validate);
        if (isGood)
            Assert.Null(start);
        else
            Assert.Equal($"EvictionTimeout: {TimeSpan.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture)} is not 0s to 1 day.", Assert.IsType<OptionsValidationException>(start).Message);
    }
}
