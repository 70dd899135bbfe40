namespace DistCache.Redis.Shared;

/// <summary>
/// What has to happen in one step at the store. Plain Lua, without libraries that not every store has. Offsets into values are those that
/// <see cref="DistCache.Storage.Shared.EnvelopeWriter"/> draws, counted from 1.
/// </summary>
internal static class Scripts
{
    /// <summary>
    /// KEYS: the key. ARGV: lease or empty, its milliseconds, then name and part of each field that may be nominated.
    /// Gives: what was found, the variant, and what goes with it.
    /// </summary>
    public const string Find = """
        local key = KEYS[1]
        local value = redis.call('GET', key)
        local variant = ''
        if value and string.sub(value, 1, 5) == 'DcShV' then
          local parts = {}
          for i = 3, #ARGV, 2 do parts[ARGV[i]] = ARGV[i + 1] end
          local names = string.sub(value, 33)
          for name in string.gmatch(names, '[^,]+') do
            local part = parts[name]
            if not part then return {'names', '', names} end
            variant = variant .. ':' .. part
          end
          key = key .. variant
          value = redis.call('GET', key)
        end
        if value then return {'envelope', variant, value, redis.call('PTTL', key)} end
        if ARGV[1] == '' then return {'nothing', variant} end
        local lease = key .. ':l'
        local holder = redis.call('GET', lease)
        if holder then return {'held', variant, holder} end
        local taken = redis.pcall('SET', lease, ARGV[1], 'PX', ARGV[2])
        if type(taken) == 'table' and taken.err then return {'nothing', variant} end -- the store is full: everybody for themselves
        return {'leased', variant}
        """;

    /// <summary>
    /// KEYS: the key. ARGV: variant, envelope, milliseconds, record of names or empty, position, 1 to replace whatever is there, lease or empty.
    /// A later place in the log wins; the record of names lives as long as the longest of its variants. Gives: 1 or 0, head that was replaced.
    /// </summary>
    public const string Set = """
        local base, key = KEYS[1], KEYS[1] .. ARGV[1]
        if ARGV[7] ~= '' and redis.call('GET', key .. ':l') == ARGV[7] then redis.call('DEL', key .. ':l') end
        local function position(head)
          local sum = 0
          for i = 9, 16 do sum = sum * 256 + (string.byte(head, i) or 0) end
          return sum
        end
        local old = redis.call('GETRANGE', key, 0, 83)
        local function isLater(head)
          return ARGV[6] ~= '1' and string.sub(head, 1, 4) == 'DcSh' and string.sub(head, 6, 8) == string.sub(ARGV[2], 6, 8) and position(head) > tonumber(ARGV[5])
        end
        if isLater(old) then return {0, ''} end
        if ARGV[4] ~= '' then
          local keep = tonumber(ARGV[3])
          local known = redis.call('GET', base)
          if known and string.sub(known, 1, 8) == string.sub(ARGV[4], 1, 8) and string.sub(known, 33) == string.sub(ARGV[4], 33) then
            local left = redis.call('PTTL', base)
            if left > keep then keep = left end
          elseif known and isLater(known) then
            return {0, ''}
          end
          redis.call('SET', base, ARGV[4], 'PX', string.format('%.0f', keep))
        end
        redis.call('SET', key, ARGV[2], 'PX', ARGV[3])
        if string.sub(old, 1, 5) ~= 'DcShR' then old = '' end
        return {1, old}
        """;

    /// <summary>KEYS: the head. ARGV: generation, 16 bytes.</summary>
    public const string Forget = """
        if redis.call('GETRANGE', KEYS[1], 44, 59) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """;

    /// <summary>KEYS: the lease, the head. ARGV: value, milliseconds, last bytes of the head as it was seen. Gives: 1, 0 when the head is another, or the holder.</summary>
    public const string Take = """
        if redis.call('GETRANGE', KEYS[2], -8, -1) ~= ARGV[3] then return 0 end
        local holder = redis.call('GET', KEYS[1])
        if holder then return holder end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """;

    /// <summary>KEYS: the lease. ARGV: value, milliseconds.</summary>
    public const string Renew = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    /// <summary>KEYS: the lease. ARGV: value, mark or empty, its milliseconds.</summary>
    public const string Release = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
        return 1
        """;
}
