using CsCheck;
using DistCache.Semantics.Freshness;
using DistCache.Semantics.Reuse;
using DistCache.Semantics.Storing;

namespace DistCache.Semantics.Tests.Freshness;

/// <summary>Our code, which reads field lines, against the oracle, which never saw them.</summary>
public class OracleTests
{
    // Small numbers meet at the boundaries; large ones look for overflow.
    private static readonly Gen<long> Seconds = Gen.Frequency((6, Gen.Long[0, 12]), (2, Gen.Long[0, 100_000]), (1, Gen.Long[2147483640, 2147483660]), (1, Gen.Const(999_999_999_999_999)));

    private static readonly Gen<long> Moment = Gen.Frequency((6, Gen.Long[-12, 12]), (2, Gen.Long[-10_000_000, 10_000_000]));

    private static readonly Gen<bool> Rarely = Gen.Frequency((7, false), (1, true));

    private static readonly Gen<Meaning> Directives =
        from maxAge in Seconds.Array[0, 2]
        from sMaxAge in Gen.Frequency((3, Gen.Const(Array.Empty<long>())), (1, Seconds.Array[1, 2]))
        from flags in Rarely.Array[5]
        from window in Gen.Frequency((1, Gen.Const((long?)null)), (1, Seconds.Select(value => (long?)value)))
        select new Meaning
        {
            MaxAge = maxAge,
            SMaxAge = sMaxAge,
            InvalidLifetime = flags[0],
            NoCache = flags[1],
            MustRevalidate = flags[2],
            ProxyRevalidate = flags[3],
            Public = flags[4],
            StaleWhileRevalidate = window,
        };

    private static readonly Gen<Meaning> Meanings =
        from directives in Directives
        from moments in Gen.Frequency((1, Gen.Const((long?)null)), (2, Moment.Select(value => (long?)value))).Array[3]
        from invalidExpires in Rarely
        from age in Gen.Frequency((1, Gen.Const((long?)null)), (1, Seconds.Select(value => (long?)value)))
        from status in Gen.OneOf(200, 404, 302, 599, 501)
        from delay in Gen.Long[0, 5]
        from resident in Gen.Frequency((4, Gen.Long[0, 15]), (1, Gen.Long[0, 1_000_000]))
        select directives with
        {
            Expires = moments[0],
            InvalidExpires = invalidExpires,
            Date = moments[1],
            LastModified = moments[2],
            Age = age,
            Status = status,
            ResponseDelay = delay,
            Resident = resident,
        };

    [Fact]
    public void Lifetime_age_and_answer_are_those_of_RFC_9111_section_4_2() =>
        Gen.Select(Meanings, Gen.Int, Gen.Bool).Sample(
            (meaning, spelling, isSafe) =>
            {
                var options = isSafe ? Make.Safe : Make.Rfc9111;
                // In safe nothing is guessed.
                var mayGuess = !isSafe;
                var response = Make.Response(meaning.Status, options, Spell(meaning, new Random(spelling)));
                var initial = CurrentAge.Initial(response, Make.Now.AddSeconds(-meaning.ResponseDelay), Make.Now);
                var resident = Make.Seconds(meaning.Resident);
                var stored = ReuseFacts.Of(response, initial, options);
                var decision = ReuseRules.Decide(Make.Request(), stored, resident, options, out _);

                return Close(FreshnessLifetime.Of(response, options).Value, Oracle.Lifetime(meaning, mayGuess))
                    && Close(stored.AgeAfter(resident), Oracle.CurrentAge(meaning))
                    && Name(decision) == Oracle.Answer(meaning, mayGuess);
            },
            iter: 200_000);

    // The oracle must be able to say no: seeded mistakes in the meaning change its answers.
    [Fact]
    public void The_oracle_tells_the_boundary()
    {
        var meaning = new Meaning { MaxAge = [10], Age = 4, ResponseDelay = 1, StaleWhileRevalidate = 2 };
        Assert.Equal("serve", Oracle.Answer(meaning with { Resident = 4 }, false));
        Assert.Equal("serve and ask", Oracle.Answer(meaning with { Resident = 5 }, false));
        Assert.Equal("serve and ask", Oracle.Answer(meaning with { Resident = 7 }, false));
        Assert.Equal("ask", Oracle.Answer(meaning with { Resident = 8 }, false));
    }

    private static string Name(ReuseDecision decision) => decision switch
    {
        ReuseDecision.Serve => "serve",
        ReuseDecision.ServeStaleAndValidate => "serve and ask",
        _ => "ask",
    };

    private static bool Close(TimeSpan actual, double expected) => Math.Abs(actual.TotalSeconds - expected) < 1e-6;

    private static string[] Spell(Meaning m, Random random)
    {
        var directives = new List<string>();
        directives.AddRange(m.MaxAge.Select(value => "max-age=" + Argument(value, random)));
        directives.AddRange(m.SMaxAge.Select(value => "s-maxage=" + Argument(value, random)));
        if (m.InvalidLifetime)
            directives.Add(random.GetItems(["max-age", "max-age=", "s-maxage=-1", "max-age=1.5", "max-age='5'", "s-maxage =5", "max-age=5 5"], 1)[0]);
        if (m.NoCache)
            directives.Add("no-cache");
        if (m.MustRevalidate)
            directives.Add("must-revalidate");
        if (m.ProxyRevalidate)
            directives.Add("proxy-revalidate");
        if (m.Public)
            directives.Add("public");
        if (m.StaleWhileRevalidate is { } window)
            directives.Add("stale-while-revalidate=" + Argument(window, random));
        directives.AddRange(random.GetItems(["", "foo", "ext=\"max-age=0, no-cache, s-maxage=99\"", "immutable", "bar=1"], 2));
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(directives));

        var cut = random.Next(directives.Count + 1);
        var lines = new List<string>();
        foreach (var part in new[] { directives[..cut], directives[cut..] })
            if (part.Count > 0)
                lines.Add("cache-CONTROL: " + string.Join(random.Next(2) == 0 ? "," : " ,\t", part.Select(text => Recase(text, random))));
        AddDate(lines, "Date", m.Date);
        AddDate(lines, "Last-Modified", m.LastModified);
        if (m.InvalidExpires)
            lines.Add("Expires: 0");
        else
            AddDate(lines, "Expires", m.Expires);
        if (m.Age is { } age)
            lines.Add("Age: " + age);
        return [.. lines];
    }

    private static void AddDate(List<string> lines, string name, long? offset)
    {
        if (offset is { } seconds)
            lines.Add($"{name}: {Make.Date(seconds)}");
    }

    private static string Argument(long value, Random random) => random.Next(3) switch
    {
        0 => $"\"{value}\"",
        1 => $"00{value}",
        _ => value.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Recase(string text, Random random) => random.Next(3) == 0 ? text.ToUpperInvariant() : text;
}
