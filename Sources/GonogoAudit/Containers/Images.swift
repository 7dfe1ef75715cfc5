/// An image's name, taken apart (https://pkg.go.dev/github.com/distribution/reference).
public struct ImageReference: Sendable, Hashable {
  /// With the registry, without tag and digest: `ghcr.io/acme/api`.
  public let repository: String
  public let tag: String?
  public let digest: String?

  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    digest = parts.count == 2 ? String(parts[1]) : nil
    var name = parts.first.map(String.init) ?? ""
    let slash = name.lastIndex(of: "/") ?? name.startIndex
    if let colon = name[slash...].lastIndex(of: ":") {
      tag = String(name[name.index(after: colon)...])
      name = String(name[..<colon])
    } else {
      tag = nil
    }
    repository = name
    if name.isEmpty || name.contains(" ") { return nil }
  }

  /// The last component: `api`.
  public var name: String { repository.split(separator: "/").last.map(String.init) ?? repository }

  /// Whether what it names can be another image tomorrow: no digest, and no tag or a wandering one.
  public var isMoving: Bool {
    guard digest == nil else { return false }
    guard let tag, !tag.isEmpty else { return true }
    return ["latest", "stable", "main", "master", "edge", "nightly", "dev", "develop"].contains(tag)
  }
}

/// Images that hold data, and the pages that manage them.
public enum Datastores {
  private static let names: Set<String> = [
    "postgres", "postgresql", "pgvector", "postgis", "timescaledb", "timescaledb-ha", "mysql", "mariadb", "percona",
    "mongo", "mongodb", "redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly", "memcached",
    "elasticsearch", "opensearch", "rabbitmq", "kafka", "cp-kafka", "redpanda", "nats", "minio", "clickhouse",
    "clickhouse-server", "cassandra", "scylla", "etcd", "zookeeper", "cp-zookeeper", "couchdb", "influxdb", "neo4j",
    "qdrant", "weaviate", "milvus", "chroma", "meilisearch", "typesense", "surrealdb", "cockroach", "mssql", "server",
    "pgbouncer", "arangodb", "rethinkdb", "vault", "activemq", "activemq-classic", "activemq-artemis", "pulsar", "solr",
  ]
  private static let companions: Set<String> = [
    "cp-schema-registry", "schema-registry", "apicurio-registry", "apicurio-registry-mem", "karapace",
    "cp-kafka-connect", "cp-kafka-rest", "cp-ksqldb-server", "ksqldb-server", "cp-enterprise-control-center",
    "mosquitto", "eclipse-mosquitto", "emqx",
  ]
  private static let administration: Set<String> = [
    "adminer", "pgadmin4", "phpmyadmin", "redis-commander", "redisinsight", "mongo-express", "kafka-ui", "portainer",
    "portainer-ce", "kafdrop", "pgweb", "phpredisadmin", "cloudbeaver",
  ]

  /// Whether the image is the datastore's own: one that somebody else has made from it may differ in anything.
  static func isOfficial(_ image: ImageReference) -> Bool {
    let parts = image.repository.split(separator: "/").filter { $0 != "docker.io" && $0 != "library" }
    return isDatastore(image) && (parts.count == 1 || parts.count == 2 && makers.contains(String(parts[0])))
  }
  private static let makers: Set<String> = [
    "pgvector", "postgis", "timescale", "bitnami", "valkey", "clickhouse", "apache", "confluentinc", "redpandadata",
    "getmeili", "typesense", "qdrant", "elastic", "opensearchproject", "eqalpha", "redis",
  ]

  public static func isDatastore(_ image: ImageReference) -> Bool {
    let name = image.name.lowercased()
    // `server` is a datastore's name in `mssql/server` only.
    if name == "server" { return image.repository.contains("mssql") }
    return names.contains(name)
  }

  /// What runs beside a datastore, and for nothing else: a registry of schemas, a connector.
  public static func isCompanion(_ image: ImageReference) -> Bool { companions.contains(image.name.lowercased()) }

  private static let ports = [
    "postgres": "5432", "postgresql": "5432", "pgvector": "5432", "postgis": "5432", "timescaledb": "5432",
    "pgbouncer": "6432", "mysql": "3306", "mariadb": "3306", "mongo": "27017", "mongodb": "27017", "redis": "6379",
    "valkey": "6379", "memcached": "11211", "elasticsearch": "9200", "opensearch": "9200", "rabbitmq": "5672",
    "kafka": "9092", "nats": "4222", "clickhouse": "8123",
  ]

  /// The port that an image's datastore listens on unless it is told another; `nil` where that is not known.
  static func port(of image: ImageReference?) -> String? { image.flatMap { ports[$0.name.lowercased()] } }

  /// A page from which a datastore is managed.
  public static func isAdministration(_ image: ImageReference) -> Bool {
    administration.contains(image.name.lowercased())
  }
}
