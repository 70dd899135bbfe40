namespace DistCache.TestKit;

/// <summary>Where things are, seen from a running test.</summary>
public static class Repository
{
    /// <summary>The folder of DistCache.Edge.sln, found upwards from the test's own folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary><c>Release</c> or <c>Debug</c>, as this test was built: <c>bin/{Configuration}/net10.0/</c>.</summary>
    public static string Configuration { get; } =
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    /// <summary>The program, built in the same configuration.</summary>
    public static string EdgeProgram =>
        Path.Combine(Root, "src", "DistCache.Edge", "bin", Configuration, "net10.0", "DistCache.Edge");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DistCache.Edge.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No DistCache.Edge.sln above {AppContext.BaseDirectory}.");
    }
}
