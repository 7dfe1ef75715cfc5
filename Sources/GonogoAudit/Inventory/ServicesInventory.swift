public import GonogoCore

/// Something that is deployed, and the file that says so.
public struct DeployedService: Sendable {
  /// "compose", "dockerfile", "kubernetes", "vercel", "workspace" …
  public let kind: String
  public let name: String
  public let place: TreePlace
}

/// The services of the tree, by the files that deploy them.
public enum DeployedServices: Collector {
  private static let platforms: [(file: String, kind: String)] = [
    ("vercel.json", "vercel"), ("netlify.toml", "netlify"), ("railway.json", "railway"), ("railway.toml", "railway"),
    ("koyeb.yaml", "koyeb"), ("fly.toml", "fly"), ("render.yaml", "render"), ("app.yaml", "app engine"),
    ("Procfile", "procfile"), ("wrangler.toml", "cloudflare"), ("wrangler.jsonc", "cloudflare"), ("app.json", "heroku"),
    ("serverless.yml", "serverless"), ("Chart.yaml", "helm chart"),
  ]

  public static func collect(in context: AuditContext) -> [DeployedService] {
    var services: [DeployedService] = []
    let tree = context.tree
    func folder(_ file: TreeFile) -> String {
      file.directory.split(separator: "/").last.map(String.init) ?? "(root)"
    }
    for file in tree.files(in: .dockerfile) {
      services.append(.init(kind: "dockerfile", name: folder(file), place: TreePlace(file.path)))
    }
    for project in context.facts(ComposeProjects.self) {
      for service in project.services {
        services.append(.init(kind: "compose", name: service.name, place: service.place))
      }
    }
    for (name, kind) in platforms {
      for file in tree.files(named: name) where isPlatform(file, tree) {
        if kind == "procfile", let text = tree.text(file) {
          for number in 1...max(1, text.lineCount) {
            let line = String(decoding: text.line(number), as: UTF8.self)
            guard let colon = line.firstIndex(of: ":"), !line.hasPrefix("#") else { continue }
            services.append(
              .init(kind: kind, name: String(line[..<colon]), place: TreePlace(file.path, line: number)))
          }
        } else {
          services.append(
            .init(
              kind: kind, name: ServiceManifests.name(in: file, context) ?? folder(file), place: TreePlace(file.path)))
        }
      }
    }
    for file in tree.files where file.path == "supabase/config.toml" || file.path.hasSuffix("/supabase/config.toml") {
      services.append(.init(kind: "supabase", name: folder(file), place: TreePlace(file.path)))
    }
    for (name, kind) in [
      ("package.json", "npm package"), ("pyproject.toml", "python package"), ("go.mod", "go module"),
      ("Cargo.toml", "cargo package"), ("Package.swift", "swift package"), ("Gemfile", "bundle"), ("pom.xml", "maven"),
      ("composer.json", "composer package"), ("mix.exs", "mix project"), ("build.gradle", "gradle project"),
      ("build.gradle.kts", "gradle project"),
    ] {
      for file in tree.files(named: name) {
        services.append(
          .init(kind: kind, name: ServiceManifests.name(in: file, context) ?? folder(file), place: TreePlace(file.path))
        )
      }
    }
    services += ServiceManifests.more(in: context)
    var modules: Set<String> = []
    for file in tree.files(in: .hcl) where file.name.hasSuffix(".tf") {
      if modules.insert(String(file.directory)).inserted {
        services.append(.init(kind: "terraform", name: folder(file), place: TreePlace(file.path)))
      }
    }
    // A library is no service; what has a web server or a worker in it is.
    for file in tree.files where file.name.hasSuffix(".csproj") {
      guard let text = tree.text(file),
        text.contains("Microsoft.NET.Sdk.Web") || text.contains("Microsoft.NET.Sdk.Worker")
      else { continue }
      services.append(.init(kind: "dotnet service", name: String(file.name.dropLast(7)), place: TreePlace(file.path)))
    }
    for workload in context.facts(KubernetesWorkloads.self) {
      services.append(.init(kind: "kubernetes", name: workload.name, place: workload.place))
    }
    var seen: Set<String> = []
    return services.filter { seen.insert("\($0.kind) \($0.place)").inserted }
  }
}

extension DeployedServices {
  /// Whether a file whose name others use as well is the platform's: `app.json` is Expo's too, `app.yaml` anybody's.
  private static func isPlatform(_ file: TreeFile, _ tree: SourceTree) -> Bool {
    guard file.name == "app.json" || file.name == "app.yaml", let text = tree.text(file) else { return true }
    if file.name == "app.yaml" { return text.hasLine(beginning: "runtime:") }
    return ["\"buildpacks\"", "\"addons\"", "\"formation\"", "\"stack\"", "heroku"].contains(where: text.contains)
  }
}

/// The services, by kind.
public enum ServicesInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let services = context.facts(DeployedServices.self)
    if services.isEmpty { return nil }
    var kinds: [String] = []
    var names: [String: [String]] = [:]
    for service in services {
      if names[service.kind] == nil { kinds.append(service.kind) }
      names[service.kind, default: []].append(service.name)
    }
    let summary = kinds.map { kind -> String in
      let list = names[kind] ?? []
      return "\(kind) \(list.prefix(6).joined(separator: ", "))" + (list.count > 6 ? " and \(list.count - 6) more" : "")
    }.joined(separator: "; ")
    return InventoryEntry(
      "services", count: services.count, summary: summary,
      json: .array(
        services.map {
          [
            "kind": .string($0.kind), "name": .string($0.name), "path": .string($0.place.path),
            "line": JSON($0.place.line),
          ]
        }))
  }
}
