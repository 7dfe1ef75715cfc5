import GonogoCore

/// What documents name as a path into the repository, and is not there.
extension KnownPaths {
  private static let images: Set<String> = ["png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "ico"]

  /// The path of a link whose target is in the repository and not there.
  func missing(link: String, in document: MarkdownDocument) -> String? {
    var target = link
    if let cut = target.firstIndex(where: { $0 == "#" || $0 == "?" }) { target = String(target[..<cut]) }
    guard !target.isEmpty, !target.contains(":"), !target.hasPrefix("//"), !target.contains("{"), !target.contains("<"),
      !target.contains("*"), !isPlaceholder(target),
      !target.contains("$"), let decoded = Self.decoded(target)
    else { return nil }
    let name = String(decoded.split(separator: "/").last ?? "")
    let ending = name.contains(".") ? String(name.split(separator: ".").last ?? "").lowercased() : ""
    let isRoot = document.file.directory.isEmpty
    // A page of a site has no ending, or an address of the site's own: only what is a file without doubt is looked for.
    let plain = ending.isEmpty && isRoot && name.count > 3 && name == name.uppercased()
    guard plain || Self.images.contains(ending) || ending != "html" && ending != "" && Language(fileName: name) != nil
    else { return nil }
    if decoded.hasPrefix("/"), !isRoot { return nil }
    let base = decoded.hasPrefix("/") ? "" : String(document.file.directory)
    // Out of the tree: the pages of the repository's host.
    guard let path = Self.resolve(decoded, from: base) else { return nil }
    if exists(path) || isIgnored(path) { return nil }
    // A site's generator looks for pages and images in roots of its own.
    let isSite = !isRoot && document.file.fileExtension == "mdx"
    if isSite
      || ["placeholder", "example", "path/to", "your-", "filename", "url"].contains(where: {
        decoded.lowercased().contains($0)
      })
    {
      return nil
    }
    // The pages of a site are told from the site's root, wherever that is.
    let short = decoded.drop { $0 == "." || $0 == "/" }
    if names[name]?.contains(where: { $0.path.hasSuffix("/" + short) }) ?? false,
      Self.images.contains(ending) || short.contains("/") && !isRoot
    {
      return nil
    }
    return path
  }

  private static let elsewhere = [
    "create", "creat", " add ", "adding", "new file", "generate", "output", "will ", "todo", "remov", "delet", "renam",
    "moved",
    " was ", " old ", "❌", "obsol", "deprecat", "example", "e.g", "for instance", "optional", "your", "copy", "copied",
    " cp ",
    "missing", "not exist",
    "doesn't", "does not", "never", "no longer", "instead", "planned", "future", "should", "would", "such as",
    "suggest", "legacy", "->", "→",
    "there is no", "there are no", "if present", "if any", "if exists", "if it exists", "coming soon", "write ",
    "writes", "written", "save",
    "download", "upload", "install", "produce",
    "replace", "became", "former", "previous", "or similar", "or equivalent", "(new", " loc)",
    "созда", "удал", "добав", "отсутств", "нужно", "crea ", "crear", "añad", "agreg", "elimin", "mueve", "mover ",
    "criar", "crie ", "adicion", "erstell", "anleg", "crée", "créer", "ajout", "supprim", "nouveau",
  ]
  /// What leads to a list of files that a run makes, or that are still to be made.
  private static let made = [
    "written", "writes", "output", "generat", "produce", "creat", "artifact", "will be", "to add", "new file",
    "missing",
    "remov", "delet", "example", "planned", "future", "удал", "созда", "добав", "crear", "criar", "crée", "créer",
    "supprim",
    "ajout", "erstell", "elimin",
  ]

  /// `**File**: `src/a.ts`` above a block that shows what is to be in it.
  private static func isShown(_ span: MarkdownDocument.Span, _ document: MarkdownDocument) -> Bool {
    let label = span.line.text.split(separator: "`").filter { $0 != span.text }.joined()
    guard label.contains(":"), label.split(whereSeparator: { !$0.isLetter }).count <= 3,
      let at = document.index(of: span.line)
    else { return false }
    return document.lines[(at + 1)...].prefix(3).first { !$0.text.trimmed.isEmpty }?.fence != nil
  }

  /// `in the `acme/infra` repo`: a line that names another repository.
  private static func isAnothers(_ line: String) -> Bool {
    guard [" repo", "repository", "sibling"].contains(where: line.contains) else { return false }
    return line.contains(" there") || line.contains("other repo") || line.contains("separate repo")
      || line.contains("private repo") || line.contains("another repo")
      || line.split(separator: "`").contains { word in
        let parts = word.split(separator: "/")
        return parts.count == 2 && !word.contains(".") && !word.contains(" ")
      }
  }

  /// Whether a name has a gap to be filled in: brackets inside of it (`_[step].sql`), or around it in a tree that has no such names (routers
  /// have: `[id].ts`), nothing but underscores or dots, or a run of one letter that stands for others (`xxx`, `nnnn`).
  private func isPlaceholder(_ path: String) -> Bool {
    path.split(separator: "/").contains { part in
      if let open = part.firstIndex(of: "[") {
        let close = part.lastIndex(of: "]")
        let behind = close.map { part[part.index(after: $0)...] } ?? "?"
        return open != part.startIndex && part[..<open].last != "." && part[..<open].last != "@"
          || !(behind.isEmpty || behind.hasPrefix(".") || behind.hasPrefix("]")) || !hasBrackets
      }
      if part == "." || part == ".." { return false }
      let stem = part.prefix { $0 != "." }
      if !stem.isEmpty, stem.allSatisfy({ $0 == "_" || $0 == "-" }) { return true }
      return stem.lowercased().split { !$0.isLetter }.contains { word in
        word.count >= 3 && Set(word).count == 1 && "xny".contains(word.first!)
      }
    }
  }

  private static let gone = [
    "❌", "obsol", "remov", "delet", "renam", "moved", "no longer", "not exist", "удал", "отсутств", "missing",
    "supprim", "replace",
    "->", "→", "instead", "there is no", "there are no",
  ]

  /// The path of a code span that looks like one into the repository, and is not there.
  func missing(code span: MarkdownDocument.Span, in document: MarkdownDocument) -> String? {
    var text = span.text
    guard text.utf8.count < 200, text.contains("/"),
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "/._-[]()+:".contains($0)) })
    else { return nil }
    // `file.ts:12`, `file.ts:12-20`
    if let colon = text.firstIndex(of: ":") {
      guard text[text.index(after: colon)...].allSatisfy({ $0.isNumber || $0 == "-" || $0 == ":" }) else { return nil }
      text = String(text[..<colon])
    }
    if text.hasPrefix("./") { text = String(text.dropFirst(2)) }
    let isAbsolute = text.hasPrefix("/")
    if isAbsolute {
      // `/supabase/x.sql` may be the repository's, `/etc/x.conf` is a machine's.
      text = String(text.dropFirst())
    }
    guard !text.contains(".."), !text.contains("//"), !text.hasSuffix("/") else { return nil }
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count >= 2, let name = parts.last, name.contains("."), !name.hasPrefix("."),
      Language(fileName: name) != nil,
      !["html", "txt", "json", "xml", "env", "log", "css"].contains(
        String(name.split(separator: ".").last ?? "").lowercased())
    else { return nil }
    // What is there, which is most of it, first: the text around it need not be read then.
    // Of a kind of which the tree has nothing, it is another repository's; a hidden folder is its user's.
    let ending = String(name.split(separator: ".").last ?? "").lowercased()
    guard endings.contains(ending), !parts[0].hasPrefix(".") || parts[0] == ".github" else { return nil }
    let directory = String(document.file.directory)
    // Somewhere it must begin where something is.
    guard tree.hasDirectory(parts[0]) || !directory.isEmpty && tree.hasDirectory(directory + "/" + parts[0]) else {
      return nil
    }
    if exists(text) || isIgnored(text) { return nil }
    if !directory.isEmpty, let near = Self.resolve(text, from: directory), exists(near) || isIgnored(near) {
      return nil
    }
    // Told from some package's root, or with another ending.
    if names[name]?.contains(where: { $0.path.hasSuffix("/" + text) }) ?? false { return nil }
    let stem = Self.stem(text)
    if stems.contains(stem) || stems.contains(directory + "/" + stem) { return nil }
    let words = [
      "path", "foo", "bar", "example", "your", "xxx", "name", "node_modules", "dist", "build", "coverage", "my", "yyyy",
      "nnn", "tmp", "new",
    ]
    if parts.contains(where: { part in
      part.lowercased().split { ".-_[]".contains($0) }.contains { words.contains(String($0)) || $0.hasPrefix("yyyymm") }
    }) {
      return nil
    }
    if isPlaceholder(text) { return nil }
    let line = span.line.text.lowercased()
    if (span.line.ticked == true ? Self.gone : Self.elsewhere).contains(where: line.contains) { return nil }
    if span.line.ticked != true {
      let lead = document.lead(span.line)
      if Self.made.contains(where: lead.contains) || Self.isAnothers(line) || Self.isShown(span, document) {
        return nil
      }
      if line.trimmed.hasSuffix("?") || line.trimmed.hasSuffix("?**") { return nil }
    }
    return text
  }

  private static func decoded(_ text: String) -> String? {
    var result: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) {
        result.append(value)
        bytes = bytes.dropFirst(2)
      } else {
        result.append(byte)
      }
    }
    return String(validating: result, as: UTF8.self)
  }
}
