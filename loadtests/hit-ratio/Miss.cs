namespace DistCache.LoadTests.HitRatio;

/// <summary>What one policy missed at one capacity.</summary>
internal sealed record Miss(string Trace, double Share, string Policy, double Objects, double Bytes, double NanosecondsPerRequest);
