import GonogoCore

/// A Compose project: the files that are run together.
public struct ComposeProject: Sendable {
  /// The base first, then what is laid over it.
  public let files: [TreeFile]
  public let purpose: DeploymentPurpose
  /// What shows that it goes live; `nil` where nothing does, and for what is developers'.
  public let evidence: GoingLive?
  public let services: [ComposeService]
  /// Whether the rules about going live look at it.
  public var goesLive: Bool { evidence != nil }
  /// Whether it is a swarm's, which starts its services again by itself.
  public let isStack: Bool
}

/// The Compose projects of the tree.
public enum ComposeProjects: Collector {
  public static func collect(in context: AuditContext) -> [ComposeProject] {
    var byDirectory: [String: [(file: TreeFile, variant: [String], services: Node)]] = [:]
    var directories: [String] = []
    for file in context.tree.files(in: .yaml) where file.kind == .regular {
      let words = file.name.lowercased().split { ".-_".contains($0) }.map(String.init)
      let isNamed = words.contains("compose") || words.contains("dockercompose")
      guard isNamed || mayBeCompose(file, context), let root = context.yaml(file)?.documents.first,
        let services = root["services"], services.entries != nil, isNamed || isCompose(root)
      else { continue }
      let variant = words.dropLast().filter { !["docker", "podman", "compose", "dockercompose"].contains($0) }
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
      let stacks = members.filter { isStack($0.file, $0.services, context) }.map(\.file)
      func project(_ files: [TreeFile], _ purpose: DeploymentPurpose) -> ComposeProject {
        Self.project(files, purpose, isStack: !stacks.filter(files.contains).isEmpty, context)
      }
      for member in members where member.variant.isEmpty {
        // Beside a file for production, the plain one is what developers start, or what the other is laid over.
        let told = purpose(member.file)
        projects.append(project([member.file], hasProduction && told == .unclear ? .development : told))
      }
      for member in members where !member.variant.isEmpty {
        // A service with neither an image nor a build is nothing by itself: the file is laid over the base.
        let isOverlay = (member.services.entries ?? []).contains { entry in
          entry.value["image"] == nil && entry.value["build"] == nil && entry.value["extends"] == nil
        }
        let files = isOverlay ? (base.map { [$0.file] } ?? []) + [member.file] : [member.file]
        // `docker-compose.build.yml` builds what another file starts.
        projects.append(project(files, member.variant.contains("build") ? .development : purpose(member.file)))
      }
    }
    return projects
  }

  /// Whether a file that is not called so is worth a look: a list of services that is no template of them.
  private static func mayBeCompose(_ file: TreeFile, _ context: AuditContext) -> Bool {
    guard !file.path.hasPrefix("."), let text = context.tree.text(file) else { return false }
    return text.hasLine(beginning: "services:") && !text.contains("{{")
  }

  /// Whether a document has Compose's own keys only (https://docs.docker.com/reference/compose-file/), and a service
  /// of it an image or a build.
  private static func isCompose(_ root: Node) -> Bool {
    let keys: Set<String> = [
      "version", "name", "services", "networks", "volumes", "configs", "secrets", "include", "models",
    ]
    return (root.entries ?? []).allSatisfy { keys.contains($0.name) || $0.name.hasPrefix("x-") }
      && (root["services"]?.entries ?? []).contains { $0.value["image"] != nil || $0.value["build"] != nil }
  }

  /// By its name, by the words that only a swarm understands, or by the command that deploys it.
  private static func isStack(_ file: TreeFile, _ services: Node, _ context: AuditContext) -> Bool {
    if file.name.split(whereSeparator: { ".-_".contains($0) }).contains(where: { $0 == "stack" || $0 == "swarm" }) {
      return true
    }
    let words = ["placement", "update_config", "rollback_config", "endpoint_mode"]
    if (services.entries ?? []).contains(where: { entry in words.contains { entry.value["deploy"]?[$0] != nil } }) {
      return true
    }
    let scripts: [Language] = [.yaml, .shell, .make]
    return scripts.flatMap { context.tree.files(in: $0) }.contains { other in
      context.tree.text(other).map { $0.contains("stack deploy") && $0.contains(String(file.name)) } ?? false
    }
  }

  private static func project(
    _ files: [TreeFile], _ purpose: DeploymentPurpose, isStack: Bool, _ context: AuditContext
  ) -> ComposeProject {
    var order: [String] = []
    var layers: [String: [String: [ComposeService.Value]]] = [:]
    var places: [String: (TreePlace, TreeFile)] = [:]
    var completed: Set<String> = []
    // `docker-compose-upgrade-db.yml` is run once, and all that it starts ends with it.
    let isOneShot =
      files.last?.name.lowercased().split { !$0.isLetter }.contains { onceWords.contains(String($0)) } ?? false
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
      return service(name, place, file, keys, isAwaited: isOneShot || completed.contains(name))
    }
    var judged = purpose
    // A folder `deploy` may hold what developers start, too; the name of the file itself is believed.
    let isNamed = files.last.map { DeploymentPurpose.of(path: String($0.name)) == .production } ?? false
    if judged != .development, !isNamed,
      services.contains(where: { looksDeveloped($0) || isDevelopersHelp($0) })
        || services.allSatisfy({ isBacking($0) }) && !BackingProjects.areOperated(services, in: files, context)
        || files.contains(where: { isStartedLocally($0, context) || HeadRemarks.sayDevelopment($0, context) })
    {
      judged = .development
    }
    var evidence =
      judged == .development
      ? nil : GoingLive.evidence(for: files, services, purpose: isStack ? .production : judged, context)
    if let file = files.last, !isNamed, GoingLive.isDocumentedAsLocal(file, context) {
      switch evidence {
      case .run, .published: break
      default: (judged, evidence) = (.development, nil)
      }
    }
    return ComposeProject(files: files, purpose: judged, evidence: evidence, services: services, isStack: isStack)
  }

  /// Whether a service that is always started is a thing that only a developer's machine has: what catches its mail.
  private static func isDevelopersHelp(_ service: ComposeService) -> Bool {
    service.isDevelopment && service["profiles"].isEmpty
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
    "backup", "job", "certbot", "provision", "provisioner", "oneshot", "upgrade", "restore", "import", "loader",
  ]
  private static let onceWords = jobWords.subtracting(["certbot", "job"])
  /// Images that do one thing and end.
  private static let jobImages: Set<String> = [
    "mc", "pgautoupgrade", "flyway", "liquibase", "migrate", "dbmate", "goose", "atlas", "aws-cli", "busybox", "curl",
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
      !profiles.isEmpty && profiles.allSatisfy { DeploymentPurpose.of(path: $0) == .development }
      || bare.image.map { developerImages.contains($0.name) } ?? false
    let words = (name + " " + bare.startText).lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let nameWords = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let restart = bare.last("restart")?.node.text ?? ""
    // `alembic upgrade head && uvicorn …` migrates and stays; a service that is restarted is no job.
    let endsByCommand =
      words.contains(where: { ["migrate", "upgrade", "seed", "mc"].contains($0) }) && !bare.startText.isEmpty
      && !bare.startText.contains("&&") && !bare.startText.contains(";")
    // A container that only holds volumes for others ends as soon as it is made.
    let isData = ["true", "/bin/true"].contains(bare.startText.trimmed)
    let isJob =
      isAwaited || ["no", "never", "on-failure"].contains(restart)
      || !profiles.isEmpty && profiles.allSatisfy(jobWords.contains)
      || restart.isEmpty
        && (isData || nameWords.contains { jobWords.contains($0) } || endsByCommand
          || !bare.isBuilt && bare.image.map { jobImages.contains($0.name) } ?? false)
    return ComposeService(
      name: name, place: place, file: file, layers: keys, isDevelopment: isDevelopment, isJob: isJob)
  }

  static let environmentNames: Set<String> = [
    "NODE_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "FLASK_ENV", "MIX_ENV", "ENVIRONMENT", "ENV",
    "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "SPRING_PROFILES_ACTIVE",
  ]

  /// Signs of a developer's machine: the sources mounted over the image, a server that reloads, a broker that sends its
  /// clients to the machine itself.
  private static func looksDeveloped(_ service: ComposeService) -> Bool {
    if let target = service.last("build", "target")?.node.text, DeploymentPurpose.of(path: target) == .development {
      return true
    }
    let start = service.startText
    // Of an option (`--disable-dev-shm-usage`) a part of the name says nothing.
    let said = start.split(separator: " ").filter { !$0.hasPrefix("--") || $0 == "--dev" }.joined(separator: " ")
    let words = said.split { $0 == " " || $0 == ":" || $0 == "\n" || $0 == "-" || $0 == "_" }.map(String.init)
    if words.contains("dev") || start.contains("--reload") || words.contains("nodemon") || words.contains("runserver")
      || start.contains("--watch") || mountsSources(service)
      || start.contains("advertise") && start.contains("://localhost")
    {
      return true
    }
    return service.environment.contains { variable in
      environmentNames.contains(variable.name)
        && ["development", "dev", "local", "test"].contains(
          variable.text.flatMap(Interpolation.resolve)?.lowercased() ?? "")
        || variable.name.contains("ADVERTISED_LISTENERS") && variable.text?.contains("://localhost") ?? false
    }
  }

  /// Whether a script beside the file that starts what stands there is for a developer's machine by its name:
  /// `start-local.sh`, `dev.sh`.
  private static func isStartedLocally(_ file: TreeFile, _ context: AuditContext) -> Bool {
    context.tree.files(in: .shell).contains { script in
      let words = script.name.lowercased().split { ".-_".contains($0) }
      return script.directory == file.directory
        && words.contains { ["local", "localhost", "dev", "development"].contains($0) }
        && context.tree.text(script)?.contains("compose up") ?? false
    }
  }

  /// Whether the folder that the image is built from, or one above it, is mounted over what was built.
  private static func mountsSources(_ service: ComposeService) -> Bool {
    guard let build = service.last("build") else { return false }
    let context = build.node.text ?? build.node["context"]?.text ?? "."
    guard let folder = Interpolation.resolve(context).flatMap({ TreePaths.join(String(build.file.directory), $0) })
    else { return false }
    return service.items("volumes").contains { item in
      let source =
        item.node["source"]?.text
        ?? item.node.text.flatMap { text in
          text.firstIndex(of: ":").map { String(text[..<$0]) }
        }
      // Who only reads them does not write the program there.
      if item.node.text?.hasSuffix(":ro") ?? false { return false }
      guard let source, source.hasPrefix("."), let path = TreePaths.join(String(item.file.directory), source) else {
        return false
      }
      return path.isEmpty || path == folder || folder.hasPrefix(path + "/")
    }
  }

  /// A service that holds data and is not the team's own program.
  static func isBacking(_ service: ComposeService) -> Bool {
    !service.isBuilt
      && (service.isDevelopment
        || service.image.map {
          Datastores.isDatastore($0) || Datastores.isAdministration($0) || Datastores.isCompanion($0)
        } ?? false)
  }
}
