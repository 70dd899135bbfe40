using DistCache.Semantics.Reuse;

namespace DistCache.Storage.Responses;

/// <param name="At">As <see cref="TimeProvider.GetTimestamp"/>.</param>
public sealed record FailedValidation(long At, OriginFailure Failure);
