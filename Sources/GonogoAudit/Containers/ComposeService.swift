public import GonogoCore

/// A service of a Compose project, its layers kept apart so that everything keeps its file and line.
public struct ComposeService: Sendable {
  /// A value with the file that it stands in.
  public struct Value: Sendable {
    public let node: Node
    public let file: TreeFile
    public var place: TreePlace { TreePlace(file.path, node.range.start) }
  }

  public let name: String
  /// The service's key in the last file that defines it.
  public let place: TreePlace
  public let file: TreeFile
  let layers: [String: [Value]]
  /// Only for developers by its profiles, or a thing that only a developer's machine has.
  public let isDevelopment: Bool
  /// Another service waits for its end, or its name or command says that it ends: a migration, a seed.
  public let isJob: Bool

  /// The files that say something of it.
  var sources: Set<String> { Set(layers.values.joined().map(\.file.path)) }

  /// What is written under a key: every layer, the last one counting where it is a scalar. Empty where nothing is.
  public subscript(key: String) -> [Value] { layers[key] ?? [] }

  /// The last layer's value of a path of keys: `service.last("deploy", "resources", "limits", "memory")`.
  public func last(_ path: String...) -> Value? { last(path: path) }

  func last(path: [String]) -> Value? {
    guard let first = path.first else { return nil }
    for layer in self[first].reversed() {
      var node: Node? = layer.node
      for key in path.dropFirst() { node = node?[key] }
      if let node, !node.isNull { return Value(node: node, file: layer.file) }
    }
    return nil
  }

  /// The items of a list, every layer's.
  public func items(_ key: String) -> [Value] {
    self[key].flatMap { layer in
      (layer.node.elements ?? (layer.node.text != nil ? [layer.node] : [])).map { Value(node: $0, file: layer.file) }
    }
  }

  /// The variables of `environment`, in either of its forms; a later layer goes before an earlier one.
  public var environment: [(name: String, text: String?, value: Value)] {
    var result: [(name: String, text: String?, value: Value)] = []
    func put(_ name: String, _ text: String?, _ value: Value) {
      result.removeAll { $0.name == name }
      result.append((name, text, value))
    }
    for layer in self["environment"] {
      for entry in layer.node.entries ?? [] {
        put(entry.name, entry.value.isNull ? nil : entry.value.text, Value(node: entry.key, file: layer.file))
      }
      for item in layer.node.elements ?? [] {
        guard let text = item.text else { continue }
        let name = String(text.prefix { $0 != "=" })
        put(
          name, text.contains("=") ? String(text.drop { $0 != "=" }.dropFirst()) : nil,
          Value(node: item, file: layer.file))
      }
    }
    return result
  }

  /// The image with the defaults of its variables; `nil` where there is none, or a variable has no default.
  public var image: ImageReference? {
    last("image")?.node.text.flatMap(Interpolation.resolve).flatMap(ImageReference.init)
  }

  /// Whether the project builds the image itself.
  public var isBuilt: Bool { !self["build"].isEmpty }

  /// The Dockerfile that it is built from; `nil` where it is pulled, or where the file is not in the tree.
  func dockerfile(in tree: SourceTree) -> TreeFile? {
    guard let build = last("build") else { return nil }
    let context = build.node.text ?? build.node["context"]?.text ?? "."
    let name = build.node["dockerfile"]?.text ?? "Dockerfile"
    guard let context = Interpolation.resolve(context), let name = Interpolation.resolve(name),
      let folder = TreePaths.join(String(build.file.directory), context), let path = TreePaths.join(folder, name)
    else { return nil }
    return tree[path]
  }

  /// Command and entry point as one text, for a look at what is started.
  var startText: String {
    (items("entrypoint") + items("command")).compactMap(\.node.text).joined(separator: " ")
  }
}
