namespace DistCache.Storage;
