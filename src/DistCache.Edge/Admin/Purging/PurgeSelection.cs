using DistCache.Proxy.Purging;
using DistCache.Storage.Purging;

namespace DistCache.Edge.Admin.Purging;

/// <summary>Collects the selectors of a request; the first that is not understood stops it.</summary>
internal sealed class PurgeSelection(Purges purges)
{
    /// <summary>Named in one request.</summary>
    public const int Most = 1_000;

    /// <summary>Characters of all that is selected, with both schemes of a URL and what the policies' query rules make of it: it is one record of the log, which every node keeps.</summary>
    public const int Longest = 1 << 20;

    private readonly List<PurgeSelector> _selectors = [];
    private int _named;
    private int _length;

    public IReadOnlyList<PurgeSelector> Selectors => _selectors;

    public bool HasEverything { get; private set; }

    /// <summary>What is wrong and how to put it right; null: nothing so far.</summary>
    public string? Wrong { get; private set; }

    public PurgeSelection Urls(string where, IEnumerable<string?>? urls) =>
        Add(where, urls, purges.ReadUrl, "is not an absolute URL. Write it with scheme and host, as in https://shop.example/a?b=c");

    public PurgeSelection Tags(string where, IEnumerable<string?>? tags) =>
        Add(where, tags, Purges.ReadTag, "is not a tag: 1 to 128 printable ASCII characters without spaces");

    public PurgeSelection Prefixes(string where, IEnumerable<string?>? prefixes) =>
        Add(where, prefixes, Purges.ReadPrefix, "is not a prefix. Write host and path, with or without a scheme, as in shop.example/img/");

    public PurgeSelection Hosts(string where, IEnumerable<string?>? hosts) =>
        Add(where, hosts, Purges.ReadHost, "is not a host. Write it without scheme and path, as in shop.example or shop.example:8443");

    public PurgeSelection Everything(bool everything)
    {
        if (everything)
        {
            HasEverything = true;
            _named++;
            _selectors.Add(PurgeSelector.Everything);
        }
        return this;
    }

    /// <summary>Whether it says anything, and not too much.</summary>
    public PurgeSelection Checked(string names)
    {
        if (Wrong is null && _named == 0)
            Wrong = $"Nothing is named to purge. Use {names}.";
        return this;
    }

    private PurgeSelection Add(string where, IEnumerable<string?>? texts, Func<string, IReadOnlyList<PurgeSelector>?> read, string wrong)
    {
        foreach (var (i, text) in (texts ?? []).Index())
        {
            if (Wrong is not null)
                break;
            if (++_named > Most)
                Wrong = $"More than {Most} are named. Send several requests.";
            else if (text is null || read(text) is not { } selectors)
                Wrong = $"{where}[{i}]: '{text}' {wrong}.";
            else if ((_length += selectors.Sum(selector => selector.Value.Length)) > Longest)
                Wrong = $"What is named comes to more than {Longest} characters. Send several requests.";
            else
                _selectors.AddRange(selectors);
        }
        return this;
    }
}
