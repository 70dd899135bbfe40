using System.Xml.Linq;
using DistCache.TestKit;

namespace DistCache.Architecture;

/// <summary>One project of src/, as its project file describes it.</summary>
internal sealed class Room
{
    private readonly XDocument _project;

    private Room(string path)
    {
        _project = XDocument.Load(path);
        Name = Path.GetFileNameWithoutExtension(path).Replace("DistCache.", "", StringComparison.Ordinal);
    }

    /// <summary>Without the prefix: <c>Semantics</c>.</summary>
    public string Name { get; }

    public IEnumerable<string> Rooms => Includes("ProjectReference")
        .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')).Replace("DistCache.", "", StringComparison.Ordinal));

    public IEnumerable<string> Packages => Includes("PackageReference");

    public IEnumerable<string> Frameworks => Includes("FrameworkReference");

    public bool IsWeb => (string?)_project.Root!.Attribute("Sdk") == "Microsoft.NET.Sdk.Web";

    public string? PrivateAssetsOf(string package) => _project.Descendants("PackageReference")
        .Where(reference => (string?)reference.Attribute("Include") == package)
        .Select(reference => (string?)reference.Attribute("PrivateAssets") ?? (string?)reference.Element("PrivateAssets"))
        .FirstOrDefault();

    public static IReadOnlyList<Room> All() =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories).Order().Select(path => new Room(path))];

    private IEnumerable<string> Includes(string item) =>
        _project.Descendants(item).Select(reference => (string?)reference.Attribute("Include")).OfType<string>();
}
