import GonogoCore

/// Compose files that hold nothing but datastores: mostly what developers start beside their own program, and sometimes what a
/// server runs.
enum BackingProjects {
  /// Whether such a file is for a server: something is restarted or limited, and nothing in it speaks of a developer's machine.
  static func areOperated(_ services: [ComposeService], in files: [TreeFile], _ context: AuditContext) -> Bool {
    services.contains(where: isOperated) && !services.contains(where: isDevelopers)
      && !files.contains { file in
        // What its author says of it at the top, or beside a service, tells what it is for.
        guard let text = context.tree.text(file) else { return true }
        let says = context.pattern(
          #"#.*\b(local(host|ly)?|dev(elopment|elopers?)?|test(s|ing)?|e2e)\b"#, ignoringCase: true)
        return (try? says.lineMatches(in: text.bytes, limit: 1))?.hits.isEmpty != true
      }
  }

  private static func isOperated(_ service: ComposeService) -> Bool {
    ["always", "unless-stopped"].contains(service.last("restart")?.node.text)
      || service.last("deploy", "resources", "limits") != nil || service.last("deploy", "replicas") != nil
      || service.last("mem_limit") != nil || service.last("secrets") != nil
  }

  /// A password that everybody knows, no password at all, a database for tests, a page to look into the data.
  private static func isDevelopers(_ service: ComposeService) -> Bool {
    if service.isDevelopment || service.image.map(Datastores.isAdministration) ?? false { return true }
    let names = [service.name, service.last("container_name")?.node.text ?? ""]
    if names.contains(where: { DeploymentPurpose.of(path: $0) == .development }) { return true }
    return service.environment.contains { variable in
      guard let text = variable.text.flatMap(Interpolation.resolve)?.lowercased() else { return false }
      if DeploymentPurpose.of(path: text) == .development, !text.contains("/") { return true }
      if variable.name.hasSuffix("HOST_AUTH_METHOD") { return text == "trust" }
      if variable.name.hasPrefix("ALLOW_") || variable.name.contains("DISABLE_SECURITY") {
        return text == "yes" || text == "true"
      }
      guard SecretInEnvironment.isSecret(variable.name) || variable.name.hasSuffix("_AUTH") else { return false }
      let known = [
        "postgres", "password", "passw0rd", "pass", "root", "admin", "secret", "example", "changeme", "guest", "user",
        "mysql", "mongo", "minio",
      ]
      return text.utf8.count < 8 || known.contains { text.contains($0) }
        || service.environment.contains { $0.name != variable.name && $0.text?.lowercased() == text }
    }
  }
}

extension Datastores {
  /// Whether a service holds data: by its image; where it is built, by the image that its Dockerfile begins with, or by the folder's
  /// name where that is not in the tree.
  static func holdsData(_ service: ComposeService, _ dockerfiles: [String: Dockerfile], _ tree: SourceTree) -> Bool {
    guard service.isBuilt else { return service.image.map(isDatastore) ?? false }
    if let file = service.dockerfile(in: tree) {
      return dockerfiles[file.path]?.lineage.last?.base.flatMap(ImageReference.init).map(isDatastore) ?? false
    }
    guard let build = service.last("build") else { return false }
    let folder =
      (build.node.text ?? build.node["context"]?.text ?? "").split(separator: "/").last.map(String.init) ?? ""
    return ImageReference(folder.lowercased()).map(isDatastore) ?? false
  }
}
