using System.Text.RegularExpressions;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Storing;

public partial class StorageDecisionTests
{
    [Fact]
    public void Only_the_two_stores_may_store() =>
        Assert.Equal([StorageDecision.Store, StorageDecision.StoreForValidation], Enum.GetValues<StorageDecision>().Where(decision => decision.MayStore()));

    [Fact]
    public void Every_reason_is_its_name_in_kebab_case()
    {
        foreach (var decision in Enum.GetValues<StorageDecision>())
            Assert.Equal(Kebab(decision.ToString()), decision.Reason());
        foreach (var reason in Enum.GetValues<ReuseReason>())
            Assert.Equal(Kebab(reason.ToString()), reason.Reason());
    }

    [Fact]
    public void A_reason_allocates_nothing() => Assert.Same(StorageDecision.NoStore.Reason(), StorageDecision.NoStore.Reason());

    private static string Kebab(string name) => Hump().Replace(name, "-$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Hump();
}
