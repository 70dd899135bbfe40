using DistCache.Storage.Responses;

namespace DistCache.Storage.Memory;

/// <summary>
/// Who leaves when room is needed. It answers; the tier removes. Calls to Add, Remove and Next come one at a time; a hit calls nothing here:
/// it sets the response's visited bit.
/// </summary>
internal interface IEvictionPolicy
{
    void Add(StoredResponse response);

    void Remove(StoredResponse response);

    /// <summary>The next to leave, already forgotten by the policy; null when it knows none.</summary>
    StoredResponse? Next();
}
