public import GonogoCore

/// The Compose files, and which of them the rules about going live pass over.
public enum ComposeInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let projects = context.facts(ComposeProjects.self)
    if projects.isEmpty { return nil }
    // The file that a project is called after is the last one, laid over the base.
    let developers = projects.filter { $0.purpose == .development }.compactMap { $0.files.last?.path }
    let deployed = projects.filter(\.goesLive).compactMap { $0.files.last?.path }
    let unshown = projects.filter { $0.purpose != .development && !$0.goesLive }.compactMap { $0.files.last?.path }
    var notes: [String] = []
    if !deployed.isEmpty { notes.append(Fold.list(deployed, 6)) }
    if !developers.isEmpty {
      let files = developers.count == 1 ? "1 compose file" : "\(developers.count) compose files"
      notes.append("\(files) taken as for development: \(Fold.list(developers, 6))")
    }
    if !unshown.isEmpty {
      let files = unshown.count == 1 ? "1 compose file" : "\(unshown.count) compose files"
      notes.append("\(files) not judged, since nothing shows that they go live: \(Fold.list(unshown, 6))")
    }
    return InventoryEntry(
      "compose files", count: projects.count, summary: notes.joined(separator: "; "),
      json: [
        "deployed": .array(deployed.map { .string($0) }), "development": .array(developers.map { .string($0) }),
        "unclear": .array(unshown.map { .string($0) }),
      ])
  }
}
