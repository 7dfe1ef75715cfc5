public import GonogoCore

/// What a compose file, a Dockerfile or a manifest is for, as far as its name and its content tell.
public enum DeploymentPurpose: Sendable, Hashable {
  case production
  /// Nothing speaks for a developer's machine.
  case unclear
  /// A developer's machine, a test, an example: rules about going live pass it over.
  case development

  private static let developmentWords: Set<String> = [
    "dev", "develop", "development", "local", "localhost", "test", "tests", "testing", "ci", "e2e", "integration",
    "example", "examples", "sample", "samples", "demo", "demos", "debug", "override", "devcontainer", "fixture",
    "fixtures", "testdata", "sandbox", "playground", "benchmark", "benchmarks", "bench", "docs", "mock", "mocks",
    "template", "templates", "tutorial", "tutorials", "storybook",
  ]
  private static let productionWords: Set<String> = [
    "prod", "production", "live", "deploy", "deployment", "staging", "stage", "release", "swarm", "stack",
  ]

  /// By the words of a path: those of the name go before those of its directories.
  static func of(path: String) -> DeploymentPurpose {
    let parts = path.lowercased().split(separator: "/")
    for part in parts.reversed() {
      let words = part.split { ".-_".contains($0) }.map(String.init)
      if words.contains(where: { developmentWords.contains($0) }) { return .development }
      if words.contains(where: { productionWords.contains($0) }) { return .production }
    }
    return .unclear
  }
}

/// A Compose project: the files that are run together.
public struct ComposeProject: Sendable {
  /// The base first, then what is laid over it.
  public let files: [TreeFile]
  public let purpose: DeploymentPurpose
  public let services: [ComposeService]
}

/// A service of a Compose project, its layers kept apart so that everything keeps its file and line.
public struct ComposeService: Sendable {
  /// A value with the file that it stands in.
  public struct Value: Sendable {
    public let node: Node
    public let file: TreeFile
    public var place: TreePlace { TreePlace(file.path, node.range.start) }
  }

  public let name: String
  /// The service's key in the last file that defines it.
  public let place: TreePlace
  public let file: TreeFile
  let layers: [String: [Value]]
  /// Only for developers by its profiles, or a thing that only a developer's machine has.
  public let isDevelopment: Bool
  /// Another service waits for its end, or its name or command says that it ends: a migration, a seed.
  public let isJob: Bool

  /// What is written under a key: every layer, the last one counting where it is a scalar. Empty where nothing is.
  public subscript(key: String) -> [Value] { layers[key] ?? [] }

  /// The last layer's value of a path of keys: `service.last("deploy", "resources", "limits", "memory")`.
  public func last(_ path: String...) -> Value? {
    guard let first = path.first else { return nil }
    for layer in self[first].reversed() {
      var node: Node? = layer.node
      for key in path.dropFirst() { node = node?[key] }
      if let node, !node.isNull { return Value(node: node, file: layer.file) }
    }
    return nil
  }

  /// The items of a list, every layer's.
  public func items(_ key: String) -> [Value] {
    self[key].flatMap { layer in
      (layer.node.elements ?? (layer.node.text != nil ? [layer.node] : [])).map { Value(node: $0, file: layer.file) }
    }
  }

  /// The variables of `environment`, in either of its forms; a later layer goes before an earlier one.
  public var environment: [(name: String, text: String?, value: Value)] {
    var result: [(name: String, text: String?, value: Value)] = []
    func put(_ name: String, _ text: String?, _ value: Value) {
      result.removeAll { $0.name == name }
      result.append((name, text, value))
    }
    for layer in self["environment"] {
      for entry in layer.node.entries ?? [] {
        put(entry.name, entry.value.isNull ? nil : entry.value.text, Value(node: entry.key, file: layer.file))
      }
      for item in layer.node.elements ?? [] {
        guard let text = item.text else { continue }
        let name = String(text.prefix { $0 != "=" })
        put(
          name, text.contains("=") ? String(text.drop { $0 != "=" }.dropFirst()) : nil,
          Value(node: item, file: layer.file))
      }
    }
    return result
  }

  /// The image with the defaults of its variables; `nil` where there is none, or a variable has no default.
  public var image: ImageReference? {
    last("image")?.node.text.flatMap(Interpolation.resolve).flatMap(ImageReference.init)
  }

  /// Whether the project builds the image itself.
  public var isBuilt: Bool { !self["build"].isEmpty }

  /// The Dockerfile that it is built from; `nil` where it is pulled, or where the file is not in the tree.
  func dockerfile(in tree: SourceTree) -> TreeFile? {
    guard let build = last("build") else { return nil }
    let context = build.node.text ?? build.node["context"]?.text ?? "."
    let name = build.node["dockerfile"]?.text ?? "Dockerfile"
    guard let context = Interpolation.resolve(context), let name = Interpolation.resolve(name),
      let folder = TreePaths.join(String(build.file.directory), context), let path = TreePaths.join(folder, name)
    else { return nil }
    return tree[path]
  }

  /// Command and entry point as one text, for a look at what is started.
  var startText: String {
    (items("entrypoint") + items("command")).compactMap(\.node.text).joined(separator: " ")
  }
}

/// Variables in Compose files (https://docs.docker.com/reference/compose-file/interpolation/).
enum Interpolation {
  /// The text with each variable's default; `nil` where one has none.
  static func resolve(_ text: String) -> String? {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.hasPrefix("$") {
        result += "$"
        rest = rest.dropFirst()
        continue
      }
      guard rest.hasPrefix("{"), let end = closing(rest) else { return nil }
      let inner = rest[rest.index(after: rest.startIndex)..<end]
      let name = inner.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      var tail = inner.dropFirst(name.count)
      if tail.hasPrefix(":") { tail = tail.dropFirst() }
      guard tail.hasPrefix("-"), let value = resolve(String(tail.dropFirst())) else { return nil }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  /// The brace that ends the one at the start.
  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }
}

/// Paths from the root of the tree.
enum TreePaths {
  /// `name` seen from `directory`, without `.` and `..`; `nil` where it leads out of the tree.
  static func join(_ directory: String, _ name: String) -> String? {
    if name.hasPrefix("/") { return nil }
    var parts: [Substring] = []
    for part in (directory + "/" + name).split(separator: "/") where part != "." {
      if part == ".." {
        if parts.isEmpty { return nil }
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }
}

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

/// The Compose projects of the tree.
public enum ComposeProjects: Collector {
  public static func collect(in context: AuditContext) -> [ComposeProject] {
    var byDirectory: [String: [(file: TreeFile, variant: [String], services: Node)]] = [:]
    var directories: [String] = []
    for file in context.tree.files(in: .yaml) where file.kind == .regular {
      let words = file.name.lowercased().split { ".-_".contains($0) }.map(String.init)
      guard words.contains("compose") || words.contains("dockercompose") else { continue }
      guard let root = context.yaml(file)?.documents.first, let services = root["services"], services.entries != nil
      else { continue }
      let variant = words.dropLast().filter { !["docker", "compose", "dockercompose"].contains($0) }
      let directory = String(file.directory)
      if byDirectory[directory] == nil { directories.append(directory) }
      byDirectory[directory, default: []].append((file, variant, services))
    }
    var projects: [ComposeProject] = []
    for directory in directories {
      let members = byDirectory[directory] ?? []
      let base = members.first { $0.variant.isEmpty }
      func purpose(_ file: TreeFile) -> DeploymentPurpose { .of(path: file.path) }
      let hasProduction = members.contains { !$0.variant.isEmpty && purpose($0.file) == .production }
      for member in members where member.variant.isEmpty {
        // Beside a file for production, the plain one is what developers start, or what the other is laid over.
        let told = purpose(member.file)
        projects.append(
          project([member.file], hasProduction && told == .unclear ? .development : told, context))
      }
      for member in members where !member.variant.isEmpty {
        // A service with neither an image nor a build is nothing by itself: the file is laid over the base.
        let isOverlay = (member.services.entries ?? []).contains { entry in
          entry.value["image"] == nil && entry.value["build"] == nil && entry.value["extends"] == nil
        }
        let files = isOverlay ? (base.map { [$0.file] } ?? []) + [member.file] : [member.file]
        projects.append(project(files, purpose(member.file), context))
      }
    }
    return projects
  }

  private static func project(
    _ files: [TreeFile], _ purpose: DeploymentPurpose, _ context: AuditContext
  ) -> ComposeProject {
    var order: [String] = []
    var layers: [String: [String: [ComposeService.Value]]] = [:]
    var places: [String: (TreePlace, TreeFile)] = [:]
    var completed: Set<String> = []
    for file in files {
      guard let yaml = context.yaml(file), let services = yaml.documents.first?["services"]?.entries else { continue }
      for entry in services {
        if layers[entry.name] == nil { order.append(entry.name) }
        places[entry.name] = (TreePlace(file.path, entry.key.range.start), file)
        lay(entry.value, file, yaml, over: &layers[entry.name, default: [:]], context, depth: 0)
      }
    }
    for (_, keys) in layers {
      for layer in keys["depends_on"] ?? [] {
        for entry in layer.node.entries ?? []
        where entry.value["condition"]?.text == "service_completed_successfully" { completed.insert(entry.name) }
      }
    }
    let services = order.compactMap { name -> ComposeService? in
      guard let keys = layers[name], let (place, file) = places[name] else { return nil }
      return service(name, place, file, keys, isAwaited: completed.contains(name))
    }
    var judged = purpose
    if purpose == .unclear, services.contains(where: looksDeveloped) || services.allSatisfy({ isBacking($0) }) {
      judged = .development
    }
    return ComposeProject(files: files, purpose: judged, services: services)
  }

  private static func lay(
    _ node: Node, _ file: TreeFile, _ yaml: YAMLText, over keys: inout [String: [ComposeService.Value]],
    _ context: AuditContext, depth: Int
  ) {
    if let extends = node["extends"], depth < 8 {
      let name = extends.text ?? extends["service"]?.text ?? ""
      let path = extends["file"]?.text.map { TreePaths.join(String(file.directory), $0) } ?? file.path
      if let other = path.flatMap({ context.tree[$0] }), let text = context.yaml(other),
        let base = text.documents.first?["services"]?[name]
      {
        lay(base, other, text, over: &keys, context, depth: depth + 1)
        // What another service depends on is not inherited.
        keys["depends_on"] = nil
      }
    }
    for entry in node.entries ?? [] where entry.name != "extends" {
      let tag = yaml.tags[entry.value.range.start]
      if tag == "!reset" {
        keys[entry.name] = nil
      } else {
        if tag == "!override" { keys[entry.name] = nil }
        keys[entry.name, default: []].append(.init(node: entry.value, file: file))
      }
    }
  }

  private static let jobWords: Set<String> = [
    "migrate", "migration", "migrations", "migrator", "seed", "seeder", "init", "setup", "bootstrap", "createbuckets",
    "backup", "job", "certbot",
  ]
  private static let developerImages: Set<String> = [
    "mailhog", "mailpit", "maildev", "mailcatcher", "localstack", "ngrok", "storybook", "selenium", "stripe-cli",
    "smtp4dev", "fake-gcs-server", "azurite", "dynamodb-local",
  ]

  private static func service(
    _ name: String, _ place: TreePlace, _ file: TreeFile, _ keys: [String: [ComposeService.Value]], isAwaited: Bool
  ) -> ComposeService {
    let bare = ComposeService(
      name: name, place: place, file: file, layers: keys, isDevelopment: false, isJob: false)
    let profiles = bare.items("profiles").compactMap(\.node.text)
    let isDevelopment =
      !profiles.isEmpty && profiles.allSatisfy { DeploymentPurpose.of(path: $0) == .development || $0 == "tools" }
      || bare.image.map { developerImages.contains($0.name) } ?? false
    let words = (name + " " + bare.startText).lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let nameWords = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let restart = bare.last("restart")?.node.text ?? ""
    // `alembic upgrade head && uvicorn …` migrates and stays; a service that is restarted is no job.
    let endsByCommand =
      words.contains(where: { ["migrate", "upgrade", "seed", "mc"].contains($0) }) && !bare.startText.isEmpty
      && !bare.startText.contains("&&") && !bare.startText.contains(";")
    let isJob =
      isAwaited || restart == "no" || restart == "on-failure"
      || restart.isEmpty && (nameWords.contains { jobWords.contains($0) } || endsByCommand)
    return ComposeService(
      name: name, place: place, file: file, layers: keys, isDevelopment: isDevelopment, isJob: isJob)
  }

  /// Signs of a developer's machine: the sources mounted over the image, a server that reloads.
  private static func looksDeveloped(_ service: ComposeService) -> Bool {
    if let target = service.last("build", "target")?.node.text, DeploymentPurpose.of(path: target) == .development {
      return true
    }
    let start = service.startText
    let words = start.split { $0 == " " || $0 == ":" || $0 == "\n" }.map(String.init)
    if words.contains("dev") || start.contains("--reload") || words.contains("nodemon") || words.contains("runserver")
      || words.contains("start") && words.contains("dev") || start.contains("--watch")
    {
      return true
    }
    return service.environment.contains { variable in
      ["NODE_ENV", "APP_ENV", "RAILS_ENV", "FLASK_ENV", "ENVIRONMENT", "ENV"].contains(variable.name)
        && ["development", "dev", "local", "test"].contains(
          variable.text.flatMap(Interpolation.resolve)?.lowercased() ?? "")
    }
  }

  /// A service that holds data and is not the team's own program.
  static func isBacking(_ service: ComposeService) -> Bool {
    !service.isBuilt
      && (service.isDevelopment
        || service.image.map { Datastores.isDatastore($0) || Datastores.isAdministration($0) } ?? false)
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
    "pgbouncer", "arangodb", "rethinkdb", "vault",
  ]
  private static let administration: Set<String> = [
    "adminer", "pgadmin4", "phpmyadmin", "redis-commander", "redisinsight", "mongo-express", "kafka-ui", "portainer",
    "portainer-ce", "kafdrop", "pgweb", "phpredisadmin", "cloudbeaver",
  ]

  public static func isDatastore(_ image: ImageReference) -> Bool {
    let name = image.name.lowercased()
    // `server` is a datastore's name in `mssql/server` only.
    if name == "server" { return image.repository.contains("mssql") }
    return names.contains(name)
  }

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
