namespace DistCache.Scenarios.Wire;

/// <param name="Name">The row, with the clause that it comes from.</param>
/// <param name="Bytes">Exactly what is sent.</param>
/// <param name="Statuses">The answers that are right.</param>
/// <param name="Closes">The connection must end after the answer: where this request ends is in doubt.</param>
/// <param name="MayStart">The breach is in a body that is already on its way: the origin may see the head, but never a whole request.</param>
/// <param name="MayDrop">Ending the connection without an answer is right as well.</param>
internal sealed record RefusedRow(string Name, string Bytes, int[] Statuses, bool Closes = true, bool MayStart = false, bool MayDrop = false);
