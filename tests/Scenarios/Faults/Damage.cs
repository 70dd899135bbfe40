using System.Text;

namespace DistCache.Scenarios.Faults;

/// <summary>What may happen to a file between an editor and a disk.</summary>
internal static class Damage
{
    private static readonly string[] Strange = ["\"", "{", "}", "[", "]", ":", ",", "\\", "\0", "null", "true", "-1", "1e999", "\u00e9", "//", "\n", "\ufeff"];

    /// <summary>Cut at a byte, for every byte of it and from none on; what white space alone is missing from is whole.</summary>
    public static IEnumerable<byte[]> Cuts(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var length = 0; length < Encoding.UTF8.GetByteCount(text.TrimEnd()); length++)
            yield return bytes[..length];
    }

    /// <summary>One to three changes of any kind; the result may still be a good file.</summary>
    public static byte[] Mutate(string text, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(text).ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                default: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Strange[random.Next(Strange.Length)])); break;
            }
        }

        return [.. bytes];
    }
}
