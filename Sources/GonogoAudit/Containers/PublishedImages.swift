import GonogoCore

/// The images that the tree's own workflows, Make and GoReleaser publish: who runs a Compose file that pulls one runs what is released.
struct PublishedImages: Sendable {
  /// What publishes, in lower case, with its file.
  let texts: [(file: TreeFile, text: String)]
  /// The README of the root, in lower case: it links to the repository by its name.
  let readme: String

  /// The file that publishes an image; `nil` where none does, or it is an image of others.
  func publisher(of image: ImageReference) -> TreeFile? {
    var parts = image.repository.lowercased().split(separator: "/").map(String.init)
    if let registry = parts.first, registry.contains(".") || registry.contains(":") { parts.removeFirst() }
    guard parts.count >= 2, parts[0] != "library" else { return nil }
    let name = parts.joined(separator: "/")
    if let found = texts.first(where: { Self.names($0.text, name) }) { return found.file }
    guard readme.contains("github.com/" + name) else { return nil }
    return texts.first { $0.text.contains("github.repository") }?.file
  }

  /// Whether a text has the name as a whole, or up to a variable: `acme/shop-${{ matrix.part }}`.
  private static func names(_ text: String, _ name: String) -> Bool {
    var rest = text[...]
    while let range = rest.firstRange(of: name) {
      let before = range.lowerBound > rest.startIndex ? rest[rest.index(before: range.lowerBound)] : " "
      let after = range.upperBound < rest.endIndex ? rest[range.upperBound] : " "
      let isWord = after.isLetter || after.isNumber || after == "-" || after == "_" || after == "/"
      if !isWord, !(before.isLetter || before.isNumber || before == "-") { return true }
      rest = rest[range.upperBound...]
    }
    guard let dash = name.lastIndex(where: { $0 == "-" || $0 == "/" }) else { return false }
    return text.contains(name[...dash] + "${") || text.contains(name[...dash] + "$(")
  }
}

enum PublishedImagesCollector: Collector {
  static func collect(in context: AuditContext) -> PublishedImages {
    let workflows = context.tree.files(in: .yaml).filter { file in
      file.directory == ".github/workflows" || file.directory.hasPrefix(".github/actions")
        || file.path == ".gitlab-ci.yml" || file.name.hasPrefix(".goreleaser") || file.name.hasPrefix("goreleaser")
    }
    let pushes = ["build-push-action", "docker push", "--push", "push: true", "image_templates", "docker/bake-action"]
    let texts = (workflows + context.tree.files(in: .make)).compactMap { file -> (file: TreeFile, text: String)? in
      guard let source = context.tree.text(file) else { return nil }
      let text = String(decoding: source.bytes, as: UTF8.self).lowercased()
      return pushes.contains { text.contains($0) } ? (file, text) : nil
    }
    let readme = context.tree.files(named: "readme.md").first { $0.directory.isEmpty }
    return PublishedImages(
      texts: texts,
      readme: readme.flatMap { context.tree.text($0) }.map { String(decoding: $0.bytes, as: UTF8.self).lowercased() }
        ?? "")
  }
}
