public import GonogoCore

/// The probes that come with Gonogo: the one list. A probe is a folder here and a line there.
public enum BuiltinProbes {
  public static let all: [any Probe.Type] = [
    CommandProbe.self,
    HTTPProbe.self,
    PostgresProbe.self,
    EnvProbe.self,
    FilesProbe.self,
    ResultsProbe.self,
    RedisProbe.self,
    TLSProbe.self,
    DNSProbe.self,
    TCPProbe.self,
    ShadowProbe.self,
    IsolationProbe.self,
    PooledProbe.self,
    LocksProbe.self,
    AppendOnlyProbe.self,
    RedisKeysProbe.self,
  ]

  public static let registry = ProbeRegistry(all)
}
