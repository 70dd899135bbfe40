using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("DistCache.Semantics.Tests")]
