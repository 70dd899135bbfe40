using System.Runtime.CompilerServices;

namespace DistCache.Proxy.Sockets;

/// <summary>Awaited, it goes on when whoever is queued for a thread of the pool by now has had one. By one at a time.</summary>
internal sealed class Turn : ICriticalNotifyCompletion, IThreadPoolWorkItem
{
    private Action _continuation = static () => { };

    public bool IsCompleted => false;

    public Turn GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        _continuation = continuation;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); // the thread's own queue would have it next
    }

    void IThreadPoolWorkItem.Execute() => _continuation();
}
