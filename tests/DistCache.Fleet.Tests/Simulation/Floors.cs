using DistCache.Storage.Purging;

namespace DistCache.Fleet.Tests.Simulation;

/// <summary>
/// After a purge was acknowledged as complete, no request that comes later gets a version that is older than what the origin held when the purge
/// was asked for; of a soft purge, not as fresh.
/// </summary>
internal sealed class Floors
{
    private readonly int[] _hard = [0, 0];
    private readonly int[] _soft = [0, 0];

    /// <summary>Requests so far.</summary>
    public int Came { get; set; }

    public (int Hard, int Soft) Of(int key) => (_hard[key], _soft[key]);

    /// <param name="key">Null: both.</param>
    public void Raise(int? key, PurgeMode mode, int[] versions)
    {
        for (var i = 0; i < versions.Length; i++)
        {
            if (key is { } one && one != i)
                continue;
            _soft[i] = Math.Max(_soft[i], versions[i]);
            if (mode is PurgeMode.Hard)
                _hard[i] = Math.Max(_hard[i], versions[i]);
        }
    }

    /// <param name="floors">As they were when the request came.</param>
    public void Served(ISimulated world, string node, int key, int version, bool isFresh, (int Hard, int Soft) floors, string status)
    {
        if (version < (isFresh ? floors.Soft : floors.Hard))
            world.Fail($"{node} gave version {version} of {SimulatedOrigin.NameOf(key)}{(isFresh ? " as fresh" : "")} to a request that came at floor {floors.Hard} (hard), {floors.Soft} (soft): {status}");
    }
}
