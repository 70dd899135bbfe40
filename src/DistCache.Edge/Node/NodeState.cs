namespace DistCache.Edge.Node;

internal enum NodePhase
{
    Starting,
    Ready,
    Draining,
}

/// <summary>Where this process is in its life. Written by the program, read by the admin port.</summary>
internal sealed class NodeState
{
    private volatile NodePhase _phase = NodePhase.Starting;

    public NodePhase Phase
    {
        get => _phase;
        set => _phase = value;
    }
}
