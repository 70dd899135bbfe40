namespace DistCache.Edge.Configuration;

/// <summary>
/// One thing an operator has to put right: where it stands (a key, an option or a file), what is wrong, and the remedy.
/// Written as one line: <c>--memory: '12 pigs' is not a size. Write bytes or a unit, as in 512MiB.</c>
/// </summary>
internal readonly record struct Complaint(string Where, string What, string Remedy)
{
    public override string ToString() => $"{Where}: {What}. {Remedy}.";
}
