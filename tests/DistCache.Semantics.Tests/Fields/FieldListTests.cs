using DistCache.Semantics.Fields;

namespace DistCache.Semantics.Tests.Fields;

public class FieldListTests
{
    private readonly FieldList _fields = Make.Fields("A: 1", "B: 2", "a: 3", "C:");

    [Fact]
    public void Lines_of_one_name_keep_number_and_order_whatever_their_case() => Assert.Equal(["1", "3"], _fields.Lines("A"));

    [Fact]
    public void First_and_Has_see_an_empty_value()
    {
        Assert.Equal("1", _fields.First("a"));
        Assert.Equal("", _fields.First("c"));
        Assert.True(_fields.Has("C"));
        Assert.False(_fields.Has("D"));
        Assert.Null(_fields.First("D"));
    }

    [Fact]
    public void Single_says_nothing_when_a_name_came_twice()
    {
        Assert.Equal("2", _fields.Single("b"));
        Assert.Null(_fields.Single("a"));
        Assert.Null(_fields.Single("D"));
    }

    [Fact]
    public void Names_keep_the_case_of_the_sender() => Assert.Equal(["A", "B", "a", "C"], _fields.Select(field => field.Name));
}
