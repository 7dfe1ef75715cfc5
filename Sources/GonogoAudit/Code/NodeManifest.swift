import GonogoCore

/// The `package.json` of a package of Node.
struct NodeManifest: Sendable {
  let root: [String: JSON]
  /// The names of all packages that it asks for, whatever for.
  let dependencies: Set<String>

  fileprivate init(_ root: [String: JSON]) {
    self.root = root
    var names: Set<String> = []
    for key in ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] {
      names.formUnion(root[key]?.objectValue.map { Set($0.keys) } ?? [])
    }
    dependencies = names
  }
}

extension CodeScope {
  /// The nearest `package.json` above a file; `nil` where there is none, or it is no object.
  static func manifest(of file: TreeFile, in context: AuditContext) -> NodeManifest? {
    guard let package = package(of: file, "package.json", in: context),
      let manifest = context.tree[package.isEmpty ? "package.json" : "\(package)/package.json"],
      case .object(let root)? = context.json(manifest)
    else { return nil }
    return NodeManifest(root)
  }
}
