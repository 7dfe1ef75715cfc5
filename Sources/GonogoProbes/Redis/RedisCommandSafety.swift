/// Which commands only look.
///
/// The server is asked first (`COMMAND INFO`), because only it knows its modules; this list is for servers that do not
/// say, and for commands that touch no key and so carry no `readonly` flag.
enum RedisCommandSafety {
  enum Judgement: Equatable {
    case reads
    /// With the reason, for a message.
    case refused(String)
  }

  /// Commands that touch no key, change nothing, and answer once.
  static let harmless: Set<String> = [
    "PING", "ECHO", "TIME", "INFO", "ROLE", "LASTSAVE", "COMMAND", "COMMAND|COUNT", "COMMAND|INFO", "COMMAND|LIST",
    "COMMAND|DOCS", "COMMAND|GETKEYS", "CONFIG|GET", "CLIENT|ID", "CLIENT|INFO", "CLIENT|LIST", "CLIENT|GETNAME",
    "ACL|WHOAMI", "ACL|LIST", "ACL|USERS", "ACL|GETUSER", "ACL|CAT", "ACL|DRYRUN", "ACL|LOG", "SLOWLOG|GET",
    "SLOWLOG|LEN", "LATENCY|LATEST", "LATENCY|HISTORY", "LATENCY|DOCTOR", "LATENCY|HISTOGRAM", "MEMORY|STATS",
    "MEMORY|DOCTOR", "MODULE|LIST", "PUBSUB|CHANNELS", "PUBSUB|NUMSUB", "PUBSUB|NUMPAT", "PUBSUB|SHARDCHANNELS",
    "PUBSUB|SHARDNUMSUB", "CLUSTER|INFO", "CLUSTER|NODES", "CLUSTER|SLOTS", "CLUSTER|SHARDS", "CLUSTER|MYID",
    "CLUSTER|KEYSLOT", "CLUSTER|COUNTKEYSINSLOT", "CLUSTER|LINKS", "SCRIPT|EXISTS", "FUNCTION|LIST", "FUNCTION|STATS",
    "SENTINEL|MASTERS", "SENTINEL|MASTER", "SENTINEL|REPLICAS", "SENTINEL|SENTINELS", "SENTINEL|CKQUORUM",
    "SENTINEL|GET-MASTER-ADDR-BY-NAME",
  ]

  /// Commands that read keys: what Redis 7 flags `readonly`.
  static let reading: Set<String> = [
    "BITCOUNT", "BITFIELD_RO", "BITPOS", "DBSIZE", "DUMP", "EVAL_RO", "EVALSHA_RO", "EXISTS", "EXPIRETIME", "FCALL_RO",
    "GEODIST", "GEOHASH", "GEOPOS", "GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH", "GET", "GETBIT", "GETRANGE",
    "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HRANDFIELD", "HSCAN", "HSTRLEN", "HVALS", "KEYS", "LCS",
    "LINDEX", "LLEN", "LPOS", "LRANGE", "MEMORY|USAGE", "MGET", "OBJECT|ENCODING", "OBJECT|FREQ", "OBJECT|IDLETIME",
    "OBJECT|REFCOUNT", "PEXPIRETIME", "PFCOUNT", "PTTL", "RANDOMKEY", "SCAN", "SCARD", "SDIFF", "SINTER", "SINTERCARD",
    "SISMEMBER", "SMEMBERS", "SMISMEMBER", "SORT_RO", "SRANDMEMBER", "SSCAN", "STRLEN", "SUBSTR", "SUNION", "TOUCH",
    "TTL", "TYPE", "XINFO|CONSUMERS", "XINFO|GROUPS", "XINFO|STREAM", "XLEN", "XPENDING", "XRANGE", "XREAD",
    "XREVRANGE", "ZCARD", "ZCOUNT", "ZDIFF", "ZINTER", "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE", "ZRANDMEMBER", "ZRANGE",
    "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCAN",
    "ZSCORE", "ZUNION",
  ]

  /// Commands that have subcommands, which decide.
  static let containers: Set<String> = [
    "ACL", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG", "FUNCTION", "LATENCY", "MEMORY", "MODULE", "OBJECT",
    "PUBSUB", "SCRIPT", "SENTINEL", "SLOWLOG", "XGROUP", "XINFO",
  ]

  /// Commands that everyone knows to write: refused while planning.
  static let writing: Set<String> = [
    "APPEND", "BITFIELD", "BITOP", "COPY", "DECR", "DECRBY", "DEL", "EVAL", "EVALSHA", "EXPIRE", "EXPIREAT", "FCALL",
    "FLUSHALL", "FLUSHDB", "GEOADD", "GETDEL", "GETEX", "GETSET", "HDEL", "HINCRBY", "HMSET", "HSET", "HSETNX", "INCR",
    "INCRBY", "INCRBYFLOAT", "LINSERT", "LMOVE", "LPOP", "LPUSH", "LREM", "LSET", "LTRIM", "MOVE", "MSET", "MSETNX",
    "PERSIST", "PEXPIRE", "PEXPIREAT", "PFADD", "PSETEX", "PUBLISH", "RENAME", "RENAMENX", "RESTORE", "RPOP", "RPUSH",
    "SADD", "SET", "SETBIT", "SETEX", "SETNX", "SETRANGE", "SMOVE", "SPOP", "SREM", "SWAPDB", "UNLINK", "XACK", "XADD",
    "XAUTOCLAIM", "XCLAIM", "XDEL", "XREADGROUP", "XTRIM", "ZADD", "ZINCRBY", "ZPOPMAX", "ZPOPMIN", "ZREM", "SHUTDOWN",
    "SAVE", "BGSAVE", "BGREWRITEAOF", "FAILOVER", "REPLICAOF", "SLAVEOF", "BLPOP", "BRPOP", "BLMOVE", "SORT",
  ]

  /// The name under which a command is judged: `GET`, `CONFIG|GET`.
  static func name(of words: [String]) -> String {
    let first = words.first?.uppercased() ?? ""
    return containers.contains(first) && words.count > 1 ? "\(first)|\(words[1].uppercased())" : first
  }

  /// - Parameter flags: what the server said of the command; `nil` where it does not say.
  static func judge(_ words: [String], flags: Set<String>?) -> Judgement {
    let name = name(of: words)
    let shown = name.replacing("|", with: " ")
    if let flags {
      if flags.contains("write") { return .refused("\(shown) writes") }
      if flags.contains("readonly") { return .reads }
    }
    // ACL LOG RESET and the like change what only its bare form looks at.
    if words.count > 2, name == "ACL|LOG", words[2].uppercased() == "RESET" { return .refused("ACL LOG RESET writes") }
    if harmless.contains(name) { return .reads }
    if flags == nil, reading.contains(name) { return .reads }
    return .refused(
      flags == nil ? "nothing says that \(shown) only reads" : "the server does not say that \(shown) only reads")
  }
}
