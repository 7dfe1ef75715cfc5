import GonogoCore

/// Where variables are given, or said to be given.
enum Declarations {
  /// Words of a dotenv file's name that make it an example for others to fill in.
  private static let exampleWords: Set<String> = [
    "example", "sample", "template", "dist", "defaults", "default", "tpl", "schema", "skeleton",
  ]
  private static let testWords: Set<String> = ["test", "tests", "testing", "ci", "e2e", "dev", "development", "local"]

  /// Whether a file holds `NAME=value` lines for the environment, by its name: `.env`, `env.production.example`,
  /// `prod.env.template`, `.example.env`, `env.example.txt`; and whether it is one to fill in.
  static func dotenv(_ file: TreeFile) -> (isDotenv: Bool, isExample: Bool) {
    let words = file.name.lowercased().split { ".-_".contains($0) }.map(String.init)
    guard words.contains("env") || file.name.lowercased() == ".envrc" else { return (false, false) }
    let known: Set<String> = [
      "ts", "js", "mjs", "cjs", "d", "py", "go", "rb", "swift", "md", "mdx", "json", "yml", "yaml", "sh", "tsx", "jsx",
      "proto",
      "rs", "php", "java", "kt", "cs", "html", "erb", "toml", "txt", "patch", "map", "svg", "png", "lock", "ps1",
      "svelte",
      "vue", "tf", "conf", "css", "sql",
    ]
    let isExample = words.contains { exampleWords.contains($0) }
    // `env.example.txt` is one to fill in, `env.txt` may be anything.
    if let last = words.last, words.count > 1, known.contains(last), !(last == "txt" && isExample) {
      return (false, false)
    }
    // `env_utils` and the like have an underscore where a dotenv file has a dot.
    guard file.language == .dotenv || isExample || file.name.lowercased().hasPrefix("env.") else {
      return (false, false)
    }
    return (true, isExample)
  }

  /// Whether a dotenv file is for developers and tests, by its name or its place.
  static func isForDevelopment(_ file: TreeFile) -> Bool {
    let words = file.name.lowercased().split { ".-_".contains($0) }.map(String.init)
    return words.contains { testWords.contains($0) && $0 != "local" }
  }

  static func read(_ file: TreeFile, _ text: SourceFile, into found: inout [EnvironmentDeclaration]) {
    let dotenv = dotenv(file)
    if dotenv.isDotenv {
      lines(file, text, kind: dotenv.isExample ? .example : .dotenv, separators: [0x3D], into: &found)
      return
    }
    switch file.language {
    case .yaml: yaml(file, text, into: &found)
    case .toml:
      let name = file.name.lowercased()
      if ["fly.toml", "railway.toml", "netlify.toml", "wrangler.toml", "config.toml"].contains(name) {
        lines(file, text, kind: .platform, separators: [0x3D], into: &found)
      }
    case .json: file.name == "turbo.json" ? turbo(file, text, into: &found) : json(file, text, into: &found)
    case .dockerfile: dockerfile(file, text, into: &found)
    case .make: make(file, text, into: &found)
    default: break
    }
  }

  /// `NAME=value` and, commented out, `# NAME=value`.
  private static func lines(
    _ file: TreeFile, _ text: SourceFile, kind: EnvironmentDeclaration.Kind, separators: Set<UInt8>,
    into found: inout [EnvironmentDeclaration]
  ) {
    for number in 1...max(1, text.lineCount) {
      var line = text.line(number).drop { $0 == 0x20 || $0 == 0x09 }
      var isComment = false
      if line.first == 0x23 {
        guard kind == .example || kind == .dotenv else { continue }
        isComment = true
        line = line.dropFirst().drop { $0 == 0x20 || $0 == 0x23 }
      }
      if line.starts(with: "export ".utf8) { line = line.dropFirst(7) }
      let name = line.prefix { $0.isWordByte }
      var rest = line.dropFirst(name.count)
      if !isComment { rest = rest.drop { $0 == 0x20 } }
      guard let separator = rest.first, separators.contains(separator) else { continue }
      let word = String(decoding: name, as: UTF8.self)
      let isName = EnvironmentNames.isConventional(word)
      guard isName || !isComment && kind != .platform && EnvironmentNames.isName(word) else { continue }
      found.append(
        EnvironmentDeclaration(
          name: word, place: TreePlace(file.path, text.position(of: name.startIndex)), kind: kind,
          value: value(rest.dropFirst()), isComment: isComment))
    }
  }

  /// Without quotes, blanks and a comment behind.
  static func value(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    if let quote = text.first, quote == "\"" || quote == "'" {
      return String(text.dropFirst().prefix { $0 != quote })
    }
    if text.hasPrefix("#") { return "" }
    if let comment = text.range(ofBytes: " #") { return String(text[..<comment]).trimmed }
    return text
  }

  /// `NAME: value`, `- NAME=value` and `- name: NAME` in any YAML: Compose, workflows, values, manifests, platforms. Line by
  /// line, since templates of Helm are no YAML yet.
  private static func yaml(_ file: TreeFile, _ text: SourceFile, into found: inout [EnvironmentDeclaration]) {
    let path = file.path.lowercased()
    let name = file.name.lowercased()
    let kind: EnvironmentDeclaration.Kind =
      path.hasPrefix(".github/") || path.contains("/.github/") || name.contains("gitlab-ci")
      ? .workflow : name.contains("compose") ? .compose : platforms.contains(name) ? .platform : .manifest
    for number in 1...max(1, text.lineCount) {
      var line = text.line(number).drop { $0 == 0x20 || $0 == 0x09 }
      if line.first == 0x23 { continue }
      let isItem = line.starts(with: "- ".utf8)
      if isItem { line = line.dropFirst(2).drop { $0 == 0x20 } }
      if line.first == 0x22 || line.first == 0x27 { line = line.dropFirst() }
      if line.starts(with: "name:".utf8) || line.starts(with: "key:".utf8) {
        let rest = line.drop { $0 != 0x3A }.dropFirst().drop { $0 == 0x20 || $0 == 0x22 || $0 == 0x27 }
        let word = rest.prefix { $0.isWordByte }
        let written = String(decoding: word, as: UTF8.self)
        let tail = rest.dropFirst(word.count).drop { $0 == 0x22 || $0 == 0x27 || $0 == 0x20 }
        guard EnvironmentNames.isConventional(written), tail.isEmpty || tail.first == 0x23 else { continue }
        found.append(
          EnvironmentDeclaration(
            name: written, place: TreePlace(file.path, text.position(of: word.startIndex)), kind: kind, value: nil,
            isComment: false))
        continue
      }
      let word = line.prefix { $0.isWordByte }
      var rest = line.dropFirst(word.count)
      if rest.first == 0x22 || rest.first == 0x27 { rest = rest.dropFirst() }
      let isPair = rest.first == 0x3A && (rest.count == 1 || rest.dropFirst().first == 0x20)
      guard isPair || isItem && (rest.first == 0x3D || rest.isEmpty) else { continue }
      let written = String(decoding: word, as: UTF8.self)
      guard EnvironmentNames.isConventional(written), written.utf8.count >= 3 else { continue }
      found.append(
        EnvironmentDeclaration(
          name: written, place: TreePlace(file.path, text.position(of: word.startIndex)), kind: kind,
          value: rest.isEmpty ? nil : value(rest.dropFirst()), isComment: false))
    }
  }

  private static let platforms: Set<String> = [
    "koyeb.yaml", "render.yaml", "app.yaml", "serverless.yml", "amplify.yml", "cloudbuild.yaml", "fly.yaml",
  ]

  /// `"NAME": …` in the files of platforms.
  private static func json(_ file: TreeFile, _ text: SourceFile, into found: inout [EnvironmentDeclaration]) {
    let name = file.name.lowercased()
    guard
      ["vercel.json", "railway.json", "app.json", "wrangler.json", "wrangler.jsonc", "now.json", "local.settings.json"]
        .contains(name)
    else { return }
    for number in 1...max(1, text.lineCount) {
      let line = text.line(number)
      var rest = line[...]
      while let quote = rest.firstIndex(of: 0x22) {
        let word = rest[(quote + 1)...].prefix { $0.isWordByte }
        let behind = rest[word.endIndex...]
        rest = behind.dropFirst()
        guard behind.first == 0x22 else { continue }
        let written = String(decoding: word, as: UTF8.self)
        guard EnvironmentNames.isConventional(written), written.contains("_"),
          behind.dropFirst().drop(while: { $0 == 0x20 }).first == 0x3A
        else { continue }
        found.append(
          EnvironmentDeclaration(
            name: written, place: TreePlace(file.path, text.position(of: word.startIndex)), kind: .platform, value: nil,
            isComment: false))
      }
    }
  }

  /// What a build puts in place of a read: `define: { "process.env.NAME": JSON.stringify(…) }`.
  static func defined(by tokens: CodeTokens, _ file: TreeFile) -> [EnvironmentDeclaration] {
    tokens.tokens.indices.compactMap { index in
      guard tokens.kind(index) == .string, tokens.at(index + 1, ":"), let key = tokens.content(index),
        key.hasPrefix("process.env.") || key.hasPrefix("import.meta.env."), let name = key.split(separator: ".").last,
        EnvironmentNames.isConventional(name)
      else { return nil }
      return EnvironmentDeclaration(
        name: String(name), place: TreePlace(file.path, tokens.place(index)), kind: .manifest, value: nil,
        isComment: false)
    }
  }

  /// The lists of Turborepo, which hides every other variable from what it runs: `"globalEnv": ["NAME"]`.
  private static func turbo(_ file: TreeFile, _ text: SourceFile, into found: inout [EnvironmentDeclaration]) {
    for number in 1...max(1, text.lineCount) {
      for part in text.line(number).split(separator: 0x22) {
        let written = String(decoding: part, as: UTF8.self)
        guard EnvironmentNames.isConventional(written), written.contains("_") else { continue }
        found.append(
          EnvironmentDeclaration(
            name: written, place: TreePlace(file.path, text.position(of: part.startIndex)), kind: .platform,
            value: nil, isComment: false))
      }
    }
  }

  /// What a makefile gives to what it runs: `export NAME=…`, within a recipe or outside of one.
  private static func make(_ file: TreeFile, _ text: SourceFile, into found: inout [EnvironmentDeclaration]) {
    for number in 1...max(1, text.lineCount) {
      let words = text.line(number).split { [0x20, 0x09, 0x40, 0x3B, 0x26].contains($0) }
      for (before, word) in zip(words, words.dropFirst()) where before.elementsEqual("export".utf8) {
        let name = word.prefix { $0.isWordByte }
        let written = String(decoding: name, as: UTF8.self)
        guard EnvironmentNames.isConventional(written) else { continue }
        found.append(
          EnvironmentDeclaration(
            name: written, place: TreePlace(file.path, text.position(of: name.startIndex)), kind: .manifest, value: nil,
            isComment: false))
      }
    }
  }

  /// `ENV X=…` and `ARG X`.
  private static func dockerfile(_ file: TreeFile, _ text: SourceFile, into found: inout [EnvironmentDeclaration]) {
    var continues = false
    for number in 1...max(1, text.lineCount) {
      var line = text.line(number).drop { $0 == 0x20 || $0 == 0x09 }
      let isInstruction = line.starts(with: "ENV ".utf8) || line.starts(with: "ARG ".utf8)
      if isInstruction { line = line.dropFirst(4) }
      guard isInstruction || continues else { continue }
      continues = line.last == 0x5C
      for word in line.split(separator: 0x20) {
        let name = word.prefix { $0.isWordByte }
        let written = String(decoding: name, as: UTF8.self)
        guard EnvironmentNames.isConventional(written), name.count == word.count || word[name.endIndex] == 0x3D else {
          continue
        }
        found.append(
          EnvironmentDeclaration(
            name: written, place: TreePlace(file.path, text.position(of: name.startIndex)), kind: .image, value: nil,
            isComment: false))
      }
    }
  }
}

extension String {
  /// Where a text begins in this one; `nil` where it is not in it.
  func range(ofBytes wanted: String) -> Index? {
    let needle = Array(wanted.utf8)
    let bytes = Array(utf8)
    guard needle.count <= bytes.count else { return nil }
    for start in 0...(bytes.count - needle.count) where bytes[start..<(start + needle.count)].elementsEqual(needle) {
      return utf8.index(utf8.startIndex, offsetBy: start)
    }
    return nil
  }
}
