import GonogoCore

/// The HTTP endpoints, by framework.
public enum EndpointsInventory: InventoryPart {
  public static let needsCode = true

  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let endpoints = context.facts(HTTPEndpoints.self)
    if endpoints.isEmpty { return nil }
    let kinds = Dictionary(grouping: endpoints, by: \.framework).sorted {
      ($0.value.count, $1.key) > ($1.value.count, $0.key)
    }
    return InventoryEntry(
      "endpoints", count: endpoints.count,
      summary: kinds.map { "\($0.key) \($0.value.count)" }.joined(separator: ", "),
      json: .array(
        endpoints.map {
          [
            "method": .string($0.method), "path": .string($0.path), "framework": .string($0.framework),
            "file": .string($0.place.path), "line": JSON($0.place.line),
          ]
        }))
  }
}
