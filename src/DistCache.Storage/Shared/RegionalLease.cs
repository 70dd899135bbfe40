using System.Globalization;
using System.Security.Cryptography;

namespace DistCache.Storage.Shared;

/// <summary>
/// Who fetches a key for its region (rule 19). Its value is a random token and the place in the log that the fetch is as of. It is renewed
/// while it is held; a holder that dies loses it after <see cref="SharedOptions.Lease"/>. It saves fetches and never decides what may be served.
/// </summary>
public sealed class RegionalLease
{
    /// <summary>A holder that forgets it gives it up after that.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How long everybody knows that an answer could not be shared.</summary>
    private static readonly TimeSpan MarkTime = TimeSpan.FromSeconds(2);

    private const char Holder = 'H';
    private const char Mark = 'U';

    private readonly SharedTier _tier;
    private readonly CancellationTokenSource _ended = new();
    private int _isReleased;

    internal RegionalLease(SharedTier tier, SharedPlace place, string value)
    {
        _tier = tier;
        Place = place;
        Value = value;
        _ = RenewAsync();
    }

    internal SharedPlace Place { get; }

    internal string Value { get; }

    /// <summary>Nothing will be shared: the next one may fetch.</summary>
    public void Release() => ReleaseAsync(mark: null);

    /// <summary>This answer is nobody else's: for a moment nobody need wait for one.</summary>
    public void ReleaseAsUncacheable() => ReleaseAsync(Mark + Value[1..]);

    internal static string NewValue(in Stamp stamp) => string.Create(
        CultureInfo.InvariantCulture, $"{Holder}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.{stamp.Log:x}.{stamp.Position}.{stamp.Record:x}");

    internal static bool IsMark(string value) => value.StartsWith(Mark);

    /// <summary>The place in the log that the holder's fetch is as of; null: that is no value of ours.</summary>
    internal static Stamp? StampOf(string value)
    {
        var parts = value.Split('.');
        return parts.Length == 5
            && ulong.TryParse(parts[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var log)
            && long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            && ulong.TryParse(parts[4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var record)
                ? new(log, position, record)
                : null;
    }

    /// <summary>It has been released together with what it was for.</summary>
    internal void ReleasedByWrite()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            _ended.Cancel();
    }

    private void ReleaseAsync(string? mark)
    {
        if (Interlocked.Exchange(ref _isReleased, 1) != 0)
            return;
        _ended.Cancel();
        _tier.Release(this, mark, MarkTime);
    }

    private async Task RenewAsync()
    {
        try
        {
            for (var held = TimeSpan.Zero; held < Longest; held += _tier.Options.Lease / 3)
            {
                await Task.Delay(_tier.Options.Lease / 3, _tier.Time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
                if (!await _tier.RenewAsync(this))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
