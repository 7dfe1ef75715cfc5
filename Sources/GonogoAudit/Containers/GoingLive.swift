import GonogoCore

/// What in the tree shows that a Compose project is what goes live. Without any of it the rules about going live are silent: of a file
/// that nobody is told to run on a server, not even a reader could say whether a service of it may stay down.
public enum GoingLive: Sendable, Hashable {
  /// Its name says so, or that of a folder.
  case named
  /// A workflow, a script or a task that deploys runs it.
  case run(TreePlace)
  /// A document tells those who run servers to use it.
  case documented(TreePlace)
  /// It pulls an image that the tree's own workflow publishes.
  case published(TreePlace)
  /// It is kept up, and what else a server has stands in it: the ports of the web, certificates, limits, logs that are rotated, secrets that
  /// have to be given.
  case operated(TreePlace)

  /// How it is told: "run by deploy.sh:3".
  public var told: String {
    switch self {
    case .named: "its name says so"
    case .run(let place): "run by \(place.path):\(place.line)"
    case .documented(let place): "for servers by \(place.path):\(place.line)"
    case .published(let place): "an image that \(place.path) publishes"
    case .operated(let place): "kept up as on a server, line \(place.line)"
    }
  }

  /// The first of them that is found.
  static func evidence(
    for files: [TreeFile], _ services: [ComposeService], purpose: DeploymentPurpose, _ context: AuditContext
  ) -> GoingLive? {
    if purpose == .production { return .named }
    if let place = deployment(of: files, context) { return .run(place) }
    // The base is named everywhere; what is laid over it speaks for itself.
    let mentions = files.last.map { file in
      let isOnlyOne = context.tree.files(named: String(file.name)).count == 1
      return context.facts(ComposeMentions.self).filter { $0.names(file, isOnlyOne: isOnlyOne) }
    }
    if let said = mentions?.first(where: { $0.isForServers }) {
      return said.kind == .document ? .documented(said.place) : .run(said.place)
    }
    // A file of its own name that nothing names is run by nobody but its author.
    let isUsual = files.last.map { ComposeMention.defaultNames.contains(String($0.name).lowercased()) } ?? false
    if isUsual || mentions?.isEmpty == false {
      let images = context.facts(PublishedImagesCollector.self)
      for service in services where !service.isBuilt && !service.isDevelopment {
        if let publisher = service.image.flatMap(images.publisher) { return .published(TreePlace(publisher.path)) }
      }
    }
    if isProduct(services), let said = mentions?.first(where: { $0.isForReaders }) { return .documented(said.place) }
    return operation(services).map { .operated($0) }
  }

  /// Whether everything is pulled and kept up: a product that is run as it is, of which no developer builds a part.
  private static func isProduct(_ services: [ComposeService]) -> Bool {
    let lasting = services.filter { !$0.isJob }
    return lasting.contains { !ComposeProjects.isBacking($0) }
      && lasting.allSatisfy { !$0.isBuilt && ["always", "unless-stopped"].contains($0.last("restart")?.node.text) }
  }

  /// Whether a document says of a file that it is for a developer's machine, and none that it is for a server.
  static func isDocumentedAsLocal(_ file: TreeFile, _ context: AuditContext) -> Bool {
    let name = String(file.name).lowercased()
    let isOnlyOne = context.tree.files(named: name).count == 1
    let said = context.facts(ComposeMentions.self).filter { mention in
      guard mention.kind == .document else { return false }
      // A section that is headed by the file's name, in the document beside it or of a file that has its name alone.
      if mention.above.last?.contains(name) ?? false, isOnlyOne || mention.file.directory == file.directory {
        return true
      }
      return mention.text.contains(name) && mention.names(file, isOnlyOne: isOnlyOne)
    }
    return said.contains(where: \.isLocal)
  }

  /// The step of a workflow that deploys with one of the files.
  private static func deployment(of files: [TreeFile], _ context: AuditContext) -> TreePlace? {
    for deployment in context.facts(Deployments.self) where deployment.stage != .preview {
      let step = deployment.step
      guard let text = step.node["run"]?.text ?? step.with("script"), text.contains("compose") else { continue }
      for line in text.split(separator: "\n") {
        let mention = ComposeMention(
          kind: .script, file: deployment.workflow.file, place: step.place, text: line.lowercased(), above: [])
        if files.contains(where: { mention.names($0, isOnlyOne: true) }) { return step.place }
      }
    }
    return nil
  }

  /// Where a service of the team's own, or the data beside it, is kept up as on a server.
  private static func operation(_ services: [ComposeService]) -> TreePlace? {
    let kept = services.filter { service in
      ["always", "unless-stopped"].contains(service.last("restart")?.node.text)
        || service.last("deploy", "restart_policy") != nil
    }
    let own = kept.filter { !ComposeProjects.isBacking($0) }
    guard let first = own.first ?? (services.allSatisfy(ComposeProjects.isBacking) ? kept.first : nil) else {
      return nil
    }
    return services.contains { isOperated($0) } ? first.place : nil
  }

  private static func isOperated(_ service: ComposeService) -> Bool {
    if service.last("deploy", "resources", "limits") != nil || service.last("mem_limit") != nil
      || service.last("deploy", "replicas") != nil || service.last("logging") != nil || service.last("secrets") != nil
    {
      return true
    }
    if PublishedPort.of(service).contains(where: { port in
      let published = port.published.map { Interpolation.resolve($0) ?? $0 }
      return !port.isLoopback && (published == "80" || published == "443")
    }) {
      return true
    }
    let labels =
      service.items("labels").compactMap(\.node.text)
      + service["labels"].flatMap { $0.node.entries ?? [] }.map { "\($0.name)=\($0.value.text ?? "")" }
    if labels.contains(where: { $0.lowercased().contains("certresolver") || $0.contains("letsencrypt") }) {
      return true
    }
    return service.environment.contains { variable in
      guard let text = variable.text else { return false }
      if ["LETSENCRYPT_HOST", "VIRTUAL_HOST"].contains(variable.name) {
        return text != "localhost" && !text.hasSuffix(".local") && !text.hasSuffix(".localhost")
      }
      if ComposeProjects.environmentNames.contains(variable.name) {
        return Interpolation.resolve(text)?.lowercased() == "production"
      }
      // A secret that nobody who has the file knows.
      return SecretInEnvironment.isSecret(variable.name) && text.contains("${") && Interpolation.resolve(text) == nil
    }
  }
}
