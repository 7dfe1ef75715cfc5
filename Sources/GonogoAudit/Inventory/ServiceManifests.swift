import GonogoCore

/// What manifests say of services beside that they are there: their names, workspaces and functions of a platform.
enum ServiceManifests {
  /// The name that a manifest gives its service; `nil` where it gives none.
  static func name(in file: TreeFile, _ context: AuditContext) -> String? {
    switch file.name {
    case "package.json": return context.json(file)?["name"]?.stringValue
    case "Chart.yaml": return context.yaml(file)?.documents.first?["name"]?.text
    case "fly.toml": return context.toml(file)?["app"]?.stringValue
    case "wrangler.toml": return context.toml(file)?["name"]?.stringValue
    case "pyproject.toml":
      let root = context.toml(file)
      return root?["project"]?["name"]?.stringValue ?? root?["tool"]?["poetry"]?["name"]?.stringValue
    case "koyeb.yaml":
      let root = context.yaml(file)?.documents.first
      return root?["name"]?.text ?? root?["app"]?["name"]?.text
    default: return nil
    }
  }

  static func more(in context: AuditContext) -> [DeployedService] {
    workspaces(context) + functions(context)
  }

  private static func workspaces(_ context: AuditContext) -> [DeployedService] {
    var result: [DeployedService] = []
    for file in context.tree.files(named: "pnpm-workspace.yaml") {
      let members = context.yaml(file)?.documents.first?["packages"]?.elements?.compactMap(\.text) ?? []
      if !members.isEmpty {
        result.append(.init(kind: "workspace", name: members.joined(separator: ", "), place: TreePlace(file.path)))
      }
    }
    for file in context.tree.files(named: "package.json") {
      guard context.tree.text(file)?.contains("\"workspaces\"") == true, let root = context.json(file) else { continue }
      let list = root["workspaces"]?.arrayValue ?? root["workspaces"]?["packages"]?.arrayValue ?? []
      let members = list.compactMap(\.stringValue)
      if !members.isEmpty {
        result.append(.init(kind: "workspace", name: members.joined(separator: ", "), place: TreePlace(file.path)))
      }
    }
    for file in context.tree.files(named: "go.work") {
      result.append(.init(kind: "workspace", name: "go.work", place: TreePlace(file.path)))
    }
    return result
  }

  /// Supabase's Edge Functions: a folder each, those that begin with `_` are shared code.
  private static func functions(_ context: AuditContext) -> [DeployedService] {
    context.tree.files.compactMap { file in
      let parts = file.path.split(separator: "/")
      guard parts.count >= 4, parts.last == "index.ts" || parts.last == "index.js",
        parts[parts.count - 3] == "functions",
        parts[parts.count - 4] == "supabase", !parts[parts.count - 2].hasPrefix("_")
      else { return nil }
      return DeployedService(kind: "edge function", name: String(parts[parts.count - 2]), place: TreePlace(file.path))
    }
  }
}
