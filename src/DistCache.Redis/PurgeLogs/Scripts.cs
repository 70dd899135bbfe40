namespace DistCache.Redis.PurgeLogs;

/// <summary>
/// What has to happen in one step at the store. KEYS: the log, the members' rows, who was forgotten. The log is one sorted set, so that nothing of it can be lost
/// or evicted without the rest; the score of each member is its position:
/// <code>
///   base     log id 16 | link 16                            the place below which all is forgotten, 0 at first; always the lowest
///   record   record id 16 | link 16 | microseconds 16 | payload     ids and links in hexadecimal, the store's time in decimal digits
/// </code>
/// The rows are a hash: beat number in 20 digits, then the row. Beside them lie the names of those that were forgotten, until they have heard of it.
/// ARGV[1] is the id that a log gets if there is none yet.
/// </summary>
internal static class Scripts
{
    /// <summary>
    /// Makes the log if it is not there. A hole, or two records in one place (someone else has written here, or scripts are not run alone), is a
    /// loss that nobody waits for: what lies up to it is forgotten, as by a trim, and who has not been past it knows nothing any more (rule 10).
    /// Of two in one place neither is believed: nobody's cursor has that place's link from then on.
    /// </summary>
    private const string Opening = """
        local log, base, head, link
        local made = 0
        local function text(number) return string.format('%.0f', number) end
        local function forget(position)
          local there = redis.call('ZRANGEBYSCORE', KEYS[1], text(position), text(position))
          local before = #there == 1 and string.sub(there[1], 17, 32) or '0000000000000000'
          redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(position))
          redis.call('ZADD', KEYS[1], text(position), log .. before)
          base = position
          if position == head then link = before end
        end
        local function open(id)
          local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
          if not first[1] or #first[1] ~= 32 then
            redis.call('DEL', KEYS[1])
            first = {id .. '0000000000000000', '0'}
            redis.call('ZADD', KEYS[1], first[2], first[1])
            made = 1
          end
          log, base = string.sub(first[1], 1, 16), tonumber(first[2])
          local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
          head, link = tonumber(last[2]), string.sub(last[1], 17, 32)
          if redis.call('ZCARD', KEYS[1]) - 1 == head - base then return end
          local lowest, rank = head, 1
          while true do
            local before = redis.call('ZREVRANGE', KEYS[1], rank, rank, 'WITHSCORES')
            if not before[1] or #before[1] == 32 or tonumber(before[2]) ~= head - rank then break end
            lowest, rank = head - rank, rank + 1
          end
          forget(lowest)
        end
        local function add(id, time, payload)
          head, link = head + 1, string.sub(redis.sha1hex(link .. id), 1, 16)
          local entry = id .. link .. time .. payload
          redis.call('ZADD', KEYS[1], text(head), entry)
          return entry
        end

        """;

    /// <summary>Who answers: its run, its replication's id, its replicas, and whether it has had any. Empty where it may not be asked.</summary>
    private const string Telling = """
        local function tell()
          local function info(section)
            local answer = redis.pcall('INFO', section)
            return type(answer) == 'string' and answer or ''
          end
          local server, replication = info('server'), info('replication')
          local function find(text, name) return string.match(text, name .. ':(%w+)') or '' end
          return {find(server, 'run_id'), find(replication, 'master_replid'), find(replication, 'connected_slaves'), find(replication, 'repl_backlog_active')}
        end

        """;

    /// <summary>
    /// Entries with their positions, in the order of that command: as many as may be, and none after the first 256 KiB, so that an answer comes in time
    /// however long records are. One at least, if there is any.
    /// </summary>
    private const string Paging = """
        local function page(command, from, to, most)
          local entries, bytes = {}, 0
          while #entries < 2 * most do
            local limit = math.min(20, most - #entries / 2)
            local part = redis.call(command, KEYS[1], '(' .. from, to, 'WITHSCORES', 'LIMIT', '0', string.format('%.0f', limit))
            for i = 1, #part, 2 do
              if bytes >= 262144 then return entries end
              entries[#entries + 1] = part[i]
              entries[#entries + 1] = part[i + 1]
              bytes = bytes + #part[i]
            end
            if #part < 2 * limit then return entries end
            from = part[#part]
          end
          return entries
        end

        """;

    /// <summary>
    /// ARGV: record id, payload, position behind which it is looked for, channel. Gives: position, record. A position that the log has not reached
    /// says nothing of this log: then it is looked for in all of it.
    /// </summary>
    public const string Append = Opening + """
        open(ARGV[1])
        local from = math.max(tonumber(ARGV[4]), base)
        if from > head then from = base end
        local offset, page = 0, nil
        repeat
          page = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. text(from), 'WITHSCORES', 'LIMIT', text(offset), '500')
          for i = 1, #page, 2 do
            if string.sub(page[i], 1, 16) == ARGV[2] then return {page[i + 1], page[i]} end
          end
          offset = offset + 500
        until #page < 1000
        local now = redis.call('TIME')
        local entry = add(ARGV[2], string.format('%010d%06d', tonumber(now[1]), tonumber(now[2])), ARGV[3])
        redis.call('PUBLISH', ARGV[5], text(head) .. ':' .. entry)
        return {text(head), entry}
        """;

    /// <summary>
    /// ARGV: name of the row, beat number, row, name of the row that it replaces or empty, cursor's position or empty, its link, its log, most entries,
    /// 1 where it has heard that it was forgotten.
    /// Gives: made, log, head, link, base, is on, entries with positions, rows with names (that which it replaces for the last time), who answers, was forgotten.
    /// </summary>
    public const string Beat = Opening + Telling + Paging + """
        open(ARGV[1])
        local known = redis.call('HGET', KEYS[2], ARGV[2])
        if not known or string.sub(known, 1, 20) < ARGV[3] then redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. ARGV[4]) end
        local from, isOn, entries = base, 1, {}
        if ARGV[6] ~= '' then
          from = tonumber(ARGV[6])
          local there = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[6], ARGV[6])
          if ARGV[8] ~= log or not there[1] or string.sub(there[1], 17, 32) ~= ARGV[7] then isOn = 0 end
        end
        if isOn == 1 then entries = page('ZRANGEBYSCORE', text(from), '+inf', tonumber(ARGV[9])) end
        local rows = redis.call('HGETALL', KEYS[2])
        if ARGV[5] ~= '' then
          redis.call('HDEL', KEYS[2], ARGV[5])
          redis.call('SREM', KEYS[3], ARGV[5])
        end
        if ARGV[10] == '1' then redis.call('SREM', KEYS[3], ARGV[2]) end
        return {made, log, text(head), link, text(base), isOn, entries, rows, tell(), redis.call('SISMEMBER', KEYS[3], ARGV[2])}
        """;

    /// <summary>ARGV: position before which to read, most entries. Gives: entries with positions, the last first.</summary>
    public const string Back = Paging + """
        return page('ZREVRANGEBYSCORE', ARGV[2], '-inf', tonumber(ARGV[3]))
        """;

    /// <summary>Gives: log, rows with names, who answers.</summary>
    public const string Members = Opening + Telling + """
        open(ARGV[1])
        return {log, redis.call('HGETALL', KEYS[2]), tell()}
        """;

    /// <summary>ARGV: name of the row, its beat number as it was read, the row that says that it has left. Gives: 1, or 0 where it has beaten since.</summary>
    public const string Forget = """
        local known = redis.call('HGET', KEYS[2], ARGV[2])
        if known and string.sub(known, 1, 20) ~= ARGV[3] then return '0' end
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. ARGV[4])
        redis.call('SADD', KEYS[3], ARGV[2])
        return '1'
        """;

    /// <summary>ARGV: name and beat number of each row, as they were read: who has beaten since stays. Gives: 1.</summary>
    public const string Remove = """
        for i = 2, #ARGV, 2 do
          local known = redis.call('HGET', KEYS[2], ARGV[i])
          if known and string.sub(known, 1, 20) == ARGV[i + 1] then redis.call('HDEL', KEYS[2], ARGV[i]) end
        end
        return 1
        """;

    /// <summary>ARGV: the tail's position and link, then id, time and payload of each record. Gives: 1 or 0.</summary>
    public const string PutBack = Opening + """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        open(ARGV[1])
        if text(head) ~= ARGV[2] or link ~= ARGV[3] then return 0 end
        for i = 4, #ARGV, 3 do add(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
        return 1
        """;

    /// <summary>ARGV: the lowest position that is to be kept; the last record always is.</summary>
    public const string Trim = Opening + """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        open(ARGV[1])
        local below = math.min(tonumber(ARGV[2]), head) - 1
        if below > base then forget(below) end
        return 1
        """;

    /// <summary>Gives: bound of the store's memory, what it does at that bound, whether it keeps an append-only file. Empty where it does not tell.</summary>
    public const string Settings = """
        local function find(section, name)
          local answer = redis.pcall('INFO', section)
          return type(answer) == 'string' and string.match(answer, '\n' .. name .. ':([%w%-]+)') or ''
        end
        return {find('memory', 'maxmemory'), find('memory', 'maxmemory_policy'), find('persistence', 'aof_enabled')}
        """;
}
