public import GonogoCore

/// An operation that an OpenAPI description tells of.
public struct DocumentedEndpoint: Sendable {
  public let method: String
  public let path: String
  public let place: TreePlace
}

/// The operations of the tree's OpenAPI and Swagger descriptions.
public enum DocumentedEndpoints: Collector {
  private static let methods: Set<String> = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

  public static func collect(in context: AuditContext) -> [DocumentedEndpoint] {
    var result: [DocumentedEndpoint] = []
    for file in context.tree.files(in: .yaml) + context.tree.files(in: .json) {
      let name = file.name.lowercased()
      let words = Set(file.path.lowercased().split { "/.-_".contains($0) }.map(String.init))
      guard words.isDisjoint(with: ["node_modules", "test", "tests", "testdata", "fixtures", "vendor", "templates"]),
        name.contains("openapi") || name.contains("swagger") || name.contains("api"), let text = context.tree.text(file)
      else { continue }
      // Only what says at its beginning that it is one is parsed: a description may be large.
      let head = SourceFile(name: file.path, bytes: Array(text.bytes.prefix(4096)))
      guard head.contains("openapi") || head.contains("swagger"), let root = context.yaml(file)?.documents.first,
        root["openapi"] != nil || root["swagger"] != nil
      else { continue }
      for path in root["paths"]?.entries ?? [] {
        for operation in path.value.entries ?? [] where methods.contains(operation.name.lowercased()) {
          result.append(
            DocumentedEndpoint(
              method: operation.name.uppercased(), path: path.name,
              place: TreePlace(file.path, operation.key.range.start)))
        }
      }
    }
    return result
  }
}

/// The documented endpoints, by file.
public enum DocumentedEndpointsInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let endpoints = context.facts(DocumentedEndpoints.self)
    if endpoints.isEmpty { return nil }
    var files: [String] = []
    var counts: [String: Int] = [:]
    for endpoint in endpoints {
      if counts[endpoint.place.path] == nil { files.append(endpoint.place.path) }
      counts[endpoint.place.path, default: 0] += 1
    }
    return InventoryEntry(
      "documentedEndpoints", count: endpoints.count,
      summary: files.prefix(6).map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: ", "),
      json: .array(
        endpoints.map {
          [
            "method": .string($0.method), "route": .string($0.path), "path": .string($0.place.path),
            "line": JSON($0.place.line),
          ]
        }))
  }
}
