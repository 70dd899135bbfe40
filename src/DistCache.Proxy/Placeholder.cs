namespace DistCache.Proxy;
