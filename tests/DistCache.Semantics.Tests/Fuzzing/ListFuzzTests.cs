using DistCache.Semantics.Fields;
using DistCache.TestKit;

namespace DistCache.Semantics.Tests.Fuzzing;

/// <summary>RFC 9110 §5.6.1: members of a line.</summary>
public class ListFuzzTests
{
    [Fact]
    public void Members_are_what_a_slow_reader_finds() =>
        Fuzz.Holds(Fuzz.Near("a, b", "a=\"x, y\", b", "\"a\\\"b\", c", "a,,b , ,c", "\"open, a, \"closed\"", ""), line =>
            Assert.Equal(SlowReader.Members(line), Read(line)));

    [Fact]
    public void A_list_of_its_own_members_is_the_same_list() =>
        Fuzz.Holds(Fuzz.Near("a, b", "a=\"x, y\", b", "\"a\\\"b\", c", "a,,b , ,c"), line =>
        {
            var members = Read(line);
            Assert.True(members.Sum(member => member.Length) <= line.Length);
            // A lone quote would find its end in the next member: there the text alone does not say what was a list.
            if (!members.Exists(member => member.Contains('"')))
                Assert.Equal(members, Read(string.Join(" ,, ", members)));
        });

    private static List<string> Read(string line)
    {
        var members = new List<string>();
        foreach (var member in new ListMembers(line))
            members.Add(member.ToString());
        return members;
    }
}
