using Microsoft.AspNetCore.Http;

namespace DistCache.Edge.Admin.Access;

/// <summary>Who asks: an API key, or an address where no keys are configured.</summary>
internal sealed record Caller(string Name, Scope Scopes)
{
    public static Caller Of(HttpContext context) => (Caller)context.Items[typeof(Caller)]!;

    public bool May(Scope scope) => (Scopes & scope) == scope;
}
