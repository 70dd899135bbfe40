using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Storing;

public class StatusesTests
{
    [Fact]
    public void Heuristically_cacheable_are_those_of_9110_section_15_1() =>
        Assert.Equal([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501], Enumerable.Range(100, 900).Where(Statuses.IsHeuristicallyCacheable));

    [Theory]
    [InlineData(200)]
    [InlineData(302)]
    [InlineData(404)]
    [InlineData(503)]
    public void Understood(int status) => Assert.True(Statuses.IsUnderstood(status));

    [Theory]
    [InlineData(101)]
    [InlineData(206)]
    [InlineData(304)]
    [InlineData(299)]
    [InlineData(402)]
    [InlineData(418)]
    [InlineData(499)]
    [InlineData(599)]
    public void Not_understood(int status) => Assert.False(Statuses.IsUnderstood(status));
}
