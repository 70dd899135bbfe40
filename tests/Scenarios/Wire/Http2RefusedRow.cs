using DistCache.TestKit;

namespace DistCache.Scenarios.Wire;

/// <param name="Name">The row, with the clause that it comes from.</param>
/// <param name="Fields">The header block, in order.</param>
/// <param name="Status">An answer that is right; 0: only a protocol error is.</param>
/// <param name="Body">Sent as DATA where not null.</param>
internal sealed record Http2RefusedRow(string Name, IReadOnlyList<FieldLine> Fields, int Status = 0, string? Body = null);
