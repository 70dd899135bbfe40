namespace DistCache.Edge.Demo;

/// <summary>One behaviour: what it is called, what it says of itself, and what it answers.</summary>
internal abstract class DemoPage(string path, string title)
{
    public string Path { get; } = path;

    public string Title { get; } = title;

    /// <summary>A sentence or two, as HTML of our own making.</summary>
    public abstract string Explanation { get; }

    /// <summary>What to type, and what to see in the answer.</summary>
    public abstract IReadOnlyList<Watch> Watches { get; }

    public abstract Task AnswerAsync(DemoVisit visit);
}

/// <summary>A command for the shell, in which <c>{url}</c> stands for the page's URL, and what to see (HTML of our own making).</summary>
internal readonly record struct Watch(string Command, string See);
