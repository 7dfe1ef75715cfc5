public import GonogoCore

/// The Compose files, and which of them the rules about going live pass over.
public enum ComposeInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let projects = context.facts(ComposeProjects.self)
    if projects.isEmpty { return nil }
    // The file that a project is called after is the last one, laid over the base.
    let developers = projects.filter { $0.purpose == .development }.compactMap { $0.files.last?.path }
    let deployed = projects.compactMap { project in
      project.evidence.flatMap { evidence in project.files.last.map { (path: $0.path, why: evidence.told) } }
    }
    let unshown = projects.filter { $0.purpose != .development && !$0.goesLive }.compactMap { $0.files.last?.path }
    var notes: [String] = []
    if !deployed.isEmpty { notes.append(Fold.list(deployed.map { "\($0.path) (\($0.why))" }, 6)) }
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
        "deployed": .array(deployed.map { .string($0.path) }),
        "evidence": .object(Dictionary(deployed.map { ($0.path, .string($0.why)) }) { first, _ in first }),
        "development": .array(developers.map { .string($0) }),
        "unclear": .array(unshown.map { .string($0) }),
      ])
  }
}
