using DistCache.Semantics.Freshness;

namespace DistCache.Semantics.Tests.Freshness;

/// <summary>RFC 9111 §4.2.3, rules 21, 23. The response is received at Now.</summary>
public class CurrentAgeTests
{
    [Theory]
    [InlineData("nothing known", null, null, 0, 0)]
    [InlineData("apparent_age: Date in the past", -30.0, null, 0, 30)]
    [InlineData("apparent_age: never negative, Date an hour ahead", 3600.0, null, 0, 0)]
    [InlineData("apparent_age: Date an hour behind", -3600.0, null, 0, 3600)]
    [InlineData("corrected_age_value: Age", null, "20", 0, 20)]
    [InlineData("corrected_age_value: Age plus response_delay", null, "20", 5, 25)]
    [InlineData("corrected_age_value: response_delay alone", null, null, 5, 5)]
    [InlineData("the larger: apparent", -30.0, "20", 5, 30)]
    [InlineData("the larger: corrected", -24.0, "20", 5, 25)]
    [InlineData("they are not added up", -30.0, "30", 0, 30)]
    [InlineData("rule 4: an invalid Age counts nothing", -3.0, "x", 0, 3)]
    [InlineData("rule 4: Age at its limit", null, "2147483649", 1, 2147483649)]
    [InlineData("rule 6: an invalid Date is no Date", null, "7", 0, 7)]
    [InlineData("a wall clock set back during the request", null, "7", -100, 7)]
    public void Initial(string clause, double? date, string? age, int delay, long seconds)
    {
        var lines = new List<string>();
        if (date is { } offset)
            lines.Add("Date: " + Make.Date(offset));
        if (age is not null)
            lines.Add("Age: " + age);
        var initial = CurrentAge.Initial(Make.Response([.. lines]), Make.Now.AddSeconds(-delay), Make.Now);
        Assert.True(initial == TimeSpan.FromSeconds(seconds), $"{clause}: {initial}");
    }

    [Fact]
    public void Section_4_2_3_the_fraction_of_the_second_in_which_it_came_is_no_age()
    {
        var received = Make.Now.AddMilliseconds(999);
        Assert.Equal(TimeSpan.Zero, CurrentAge.Initial(Make.Response("Date: " + Make.Date(0)), received, received));
    }

    [Fact]
    public void Nothing_overflows_at_the_ends_of_the_calendar()
    {
        var oldest = Make.Response("Date: Mon, 01 Jan 0001 00:00:00 GMT", "Age: 99999999999999999999");
        Assert.Equal(new TimeSpan(DateTimeOffset.MaxValue.Ticks - (DateTimeOffset.MaxValue.Ticks % TimeSpan.TicksPerSecond)), CurrentAge.Initial(oldest, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue));
        Assert.True(CurrentAge.Initial(oldest, DateTimeOffset.MinValue, DateTimeOffset.MaxValue) > TimeSpan.Zero);
    }
}
