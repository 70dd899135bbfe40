using DistCache.Storage.Shared;
using StackExchange.Redis;

namespace DistCache.Redis.Connections;

/// <summary>Tells a server that refuses from one that does not answer.</summary>
internal static class Refusals
{
    public static async Task<T> Told<T>(Task<T> command)
    {
        try
        {
            return await command;
        }
        catch (RedisServerException e)
        {
            // OOM, CLUSTERDOWN, LOADING, MISCONF: the first word says it, what follows may quote.
            throw new StoreRefusal(e.Message.Split(' ')[0]);
        }
    }
}
