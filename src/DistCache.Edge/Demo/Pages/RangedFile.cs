using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DistCache.Edge.Demo.Pages;

/// <summary>4 MiB in lines of 16 bytes: 13 hexadecimal digits of the line's position, two dots, a line feed.</summary>
internal sealed class RangedFile() : DemoPage("/ranged/file", "The larger file")
{
    public const int Length = 4 << 20;
    private const int LineLength = 16;

    private static readonly Lazy<byte[]> Content = new(Make);
    private static readonly EntityTagHeaderValue Tag = new("\"ranged-1\"");

    public override string Explanation => "";

    public override IReadOnlyList<Watch> Watches => [];

    public override Task AnswerAsync(DemoVisit visit)
    {
        visit.CacheControl("max-age=3600");
        visit.Announce(contentType: null);

        // Ranges and conditions of an origin are the framework's: an independent voice beside the edge's own.
        return Results.File(Content.Value, "text/plain; charset=us-ascii", enableRangeProcessing: true, entityTag: Tag).ExecuteAsync(visit.Response.HttpContext);
    }

    private static byte[] Make()
    {
        var content = new byte[Length];
        for (var position = 0; position < Length; position += LineLength)
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{position:x13}..\n"), content.AsSpan(position));
        return content;
    }
}
