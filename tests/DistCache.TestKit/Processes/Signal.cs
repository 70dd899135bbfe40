namespace DistCache.TestKit;

/// <summary>signal(7), the numbers of Linux.</summary>
public enum Signal
{
    HangUp = 1,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
