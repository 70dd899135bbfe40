using Xunit;

namespace DistCache.Architecture;

public class RoomTests
{
    private static readonly Dictionary<string, string[]> MayKnow = new(StringComparer.Ordinal)
    {
        ["Semantics"] = [],
        ["Storage"] = ["Semantics"],
        ["Fleet"] = ["Storage", "Semantics"],
        ["Redis"] = ["Fleet", "Storage", "Semantics"],
        ["Geo"] = [],
        ["Proxy"] = ["Fleet", "Storage", "Semantics", "Geo"],
        ["OutputCaching"] = ["Redis", "Fleet", "Storage", "Semantics"],
        ["Edge"] = ["Semantics", "Storage", "Fleet", "Redis", "Geo", "Proxy"],
    };

    [Fact]
    public void Every_project_of_src_is_a_room_of_the_table() =>
        Assert.Empty(Room.All().Select(room => room.Name).Except(MayKnow.Keys));

    [Fact]
    public void A_room_knows_only_the_rooms_that_the_table_allows()
    {
        var breaches =
            from room in Room.All()
            from known in room.Rooms
            where MayKnow.TryGetValue(room.Name, out var allowed) && !allowed.Contains(known)
            select $"{room.Name} -> {known}";
        Assert.Empty(breaches);
    }

    [Fact]
    public void Only_Redis_knows_StackExchange_Redis() =>
        Assert.Empty(Room.All().Where(room => room.Name != "Redis" && room.Packages.Contains("StackExchange.Redis")).Select(room => room.Name));

    [Fact]
    public void Redis_keeps_the_types_of_StackExchange_Redis_to_itself()
    {
        // Package references flow on to whoever references the project, unless PrivateAssets says compile (or all).
        foreach (var room in Room.All().Where(room => room.Packages.Contains("StackExchange.Redis")))
            Assert.Matches("compile|all", room.PrivateAssetsOf("StackExchange.Redis") ?? "");
    }

    [Fact]
    public void Semantics_is_pure_no_package_no_framework_no_web()
    {
        var semantics = Assert.Single(Room.All(), room => room.Name == "Semantics");
        Assert.Empty(semantics.Packages);
        Assert.Empty(semantics.Frameworks);
        Assert.False(semantics.IsWeb);
    }
}
