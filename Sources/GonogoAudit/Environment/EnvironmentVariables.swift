import GonogoCore
import GonogoSystem

/// The variables of the environment: read, declared, documented, bound.
public struct EnvironmentFacts: Sendable {
  /// By name.
  public let variables: [EnvironmentVariable]
  /// The files that are to be filled in: `.env.example` and its like, with the names that each declares.
  public let examples: [(file: TreeFile, names: Set<String>)]
  /// What stands in lists and tables of documents as a variable.
  public let listed: [EnvironmentMention]
  private let index: [String: Int]
  /// Beginnings that a program puts names together from: `OAUTH_`.
  let prefixes: [String]
  /// Ends that it puts them together from: `_CLIENT_ID` of `${prefix}_CLIENT_ID`.
  let suffixes: [String]

  init(
    variables: [EnvironmentVariable], examples: [(file: TreeFile, names: Set<String>)], listed: [EnvironmentMention],
    prefixes: [String], suffixes: [String]
  ) {
    self.variables = variables
    self.examples = examples
    self.listed = listed
    self.prefixes = prefixes
    self.suffixes = suffixes
    index = Dictionary(uniqueKeysWithValues: variables.indices.map { (variables[$0].name, $0) })
  }

  public subscript(name: String) -> EnvironmentVariable? { index[name].map { variables[$0] } }

  /// Whether a program of the tree, or a file that is neither document nor declaration, knows the name.
  func isUsed(_ name: String) -> Bool {
    guard let variable = self[name] else { return false }
    return variable.isMentioned || !variable.reads.isEmpty
      || prefixes.contains { name.hasPrefix($0) && name.utf8.count > $0.utf8.count }
      || suffixes.contains { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }
  }
}

/// Reads them once for all rules.
public enum EnvironmentVariables: Collector {
  public static func collect(in context: AuditContext) -> EnvironmentFacts {
    let tree = context.tree
    var reads: [EnvironmentRead] = []
    var calls: [CodeReads.Call] = []
    // By name, and by the file and the name: a file's own function is the one that it calls.
    var wrappers: [String: CodeReads.Wrapper] = [:]
    var classes: [SettingsClass] = []
    var declarations: [EnvironmentDeclaration] = []
    var documents = DocumentedVariables.Found()
    let installed = installed(tree)
    for file in tree.files where file.kind == .regular {
      let purpose = SourcePurpose.of(path: file.path)
      if purpose == .vendored || !installed.isEmpty && installed.contains(where: { file.path.hasPrefix($0) }) {
        continue
      }
      let dotenv = Declarations.dotenv(file)
      guard file.language != nil || dotenv.isDotenv, let text = tree.text(file) else { continue }
      if dotenv.isDotenv {
        Declarations.read(file, text, into: &declarations)
        continue
      }
      guard let language = file.language else { continue }
      if let dialect = CodeTokens.Dialect.of(language) {
        guard asks(text.bytes) else { continue }
        let code = CodeReads(CodeTokens(text, dialect), file)
        var found = code.reads
        for wrapper in code.wrappers {
          wrappers["\(file.path) \(wrapper.function)"] = wrapper
          wrappers[wrapper.function] = wrappers[wrapper.function].map { $0.joined(wrapper) } ?? wrapper
        }
        calls += code.calls.map { call in
          var call = call
          call.read = DeveloperSections.marked(call.read, language, text)
          return call
        }
        switch language {
        case .php: found = found.map { DeveloperSections.marked($0, language, text) }
        case .javascript, .typescript, .vue, .svelte:
          let schema = SchemaReads.javaScript(code.tokens, file)
          // What only hands a variable on to the schema says nothing of whether it is needed.
          let names = Set(schema.map(\.name))
          found = schema + found.filter { $0.need != .unchecked || !names.contains($0.name) }
          declarations += Declarations.defined(by: code.tokens, file)
        case .go: found += SchemaReads.go(code.tokens, file)
        case .python:
          if DocumentedVariables.contains(text.bytes, "Settings") || DocumentedVariables.contains(text.bytes, "Config")
          {
            classes += SettingsClass.read(code.tokens, file)
          }
        default: break
        }
        reads += found
        continue
      }
      switch language {
      case .shell: reads += ShellReads.read(text, file, how: "shell", own: true)
      case .markdown: DocumentedVariables.read(file, text, into: &documents)
      case .yaml:
        if purpose != .test { Declarations.read(file, text, into: &declarations) }
        if file.name.lowercased().contains("compose") {
          reads += ShellReads.read(text, file, how: "compose", own: false)
        }
        if DocumentedVariables.contains(text.bytes, "ENV") {
          reads += erb(text, file)
        }
      default: Declarations.read(file, text, into: &declarations)
      }
    }
    reads += calls.compactMap { call in
      let read = call.read
      guard let wrapper = wrappers["\(read.place.path) \(call.function)"] ?? wrappers[call.function], wrapper.readsFirst
      else { return nil }
      // What stands behind the name is a default only where the function has a use for it beside the read.
      let fallback =
        if case .literal = read.fallback, call.isGiven, !wrapper.defaults { EnvironmentRead.Fallback.expression } else {
          read.fallback
        }
      return EnvironmentRead(
        name: read.name, place: read.place, purpose: read.purpose, language: read.language, how: read.how,
        need: wrapper.refuses && fallback == .none ? .required : read.need, fallback: fallback,
        isGuarded: read.isGuarded)
    }
    reads += SettingsClass.reads(of: classes)
    return join(reads, declarations, documents, context)
  }

  /// The folders that `pip install --target` filled, known by the records that it leaves beside the packages
  /// (https://packaging.python.org/en/latest/specifications/recording-installed-packages).
  private static func installed(_ tree: SourceTree) -> Set<String> {
    var result: Set<String> = []
    for file in tree.files(named: "METADATA") + tree.files(named: "RECORD") where file.directory.hasSuffix(".dist-info")
    {
      guard let slash = file.directory.lastIndex(of: "/") else { continue }
      result.insert(String(file.directory[...slash]))
    }
    return result
  }

  /// Whether a program's text can have to do with the environment at all.
  private static func asks(_ bytes: [UInt8]) -> Bool { askingWords?.first(in: bytes) != nil }

  private static let askingWords = LiteralSearch(
    ["env", "ENV", "Env", "Settings"].map { Array($0.utf8) }, ignoringCase: false)

  /// The Ruby within a YAML file.
  private static func erb(_ text: SourceFile, _ file: TreeFile) -> [EnvironmentRead] {
    guard DocumentedVariables.contains(text.bytes, "<%"), let dialect = CodeTokens.Dialect.of(.ruby) else { return [] }
    return CodeReads(CodeTokens(text, dialect), file).reads.map { DeveloperSections.marked($0, .yaml, text) }
  }

  private static func join(
    _ reads: [EnvironmentRead], _ declarations: [EnvironmentDeclaration], _ documents: DocumentedVariables.Found,
    _ context: AuditContext
  ) -> EnvironmentFacts {
    var byName: [String: EnvironmentVariable] = [:]
    func at(_ name: String, _ change: (inout EnvironmentVariable) -> Void) {
      change(&byName[name, default: EnvironmentVariable(name: name)])
    }
    for read in reads { at(read.name) { $0.reads.append(read) } }
    var examples: [String: Set<String>] = [:]
    for declaration in declarations {
      at(declaration.name) { $0.declarations.append(declaration) }
      if declaration.kind == .example { examples[declaration.place.path, default: []].insert(declaration.name) }
    }
    for binding in documents.bindings { at(binding.name) { $0.bindings.append(binding) } }
    let listed = Set(documents.listed.map(\.name))
    // A name in a document is a variable where something else says so too, or the document does.
    for mention in documents.mentions where byName[mention.name] != nil || listed.contains(mention.name) {
      at(mention.name) { $0.documents.append(mention) }
    }
    let words = NameWords.look(for: Array(byName.keys), in: context)
    for name in words.found { byName[name]?.isMentioned = true }
    return EnvironmentFacts(
      variables: byName.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
      examples: examples.keys.sorted().compactMap { path in
        context.tree[path].map { ($0, examples[path] ?? []) }
      }, listed: documents.listed, prefixes: words.prefixes, suffixes: words.suffixes)
  }
}

/// Which names stand as words in files that are neither documents nor places that only declare: whatever language and
/// construct, such a file may use them.
enum NameWords {
  static func look(for names: [String], in context: AuditContext) -> (
    found: [String], prefixes: [String], suffixes: [String]
  ) {
    var byHash: [UInt64: Int] = [:]
    // Most words are none of the names: a bit for each tells so without a look into the dictionary.
    var bits = [Bool](repeating: false, count: 1 << 16)
    for (index, name) in names.enumerated() {
      byHash[hash(name), default: index] = index
      bits[Int(truncatingIfNeeded: hash(name) & 0xFFFF)] = true
    }
    // What begins a name, or a word in capitals, which may be a part of one.
    var begins = (0...255).map { $0 >= 0x41 && $0 <= 0x5A || $0 == 0x5F }
    for name in names { begins[Int(name.utf8.first ?? 0)] = true }
    var seen = [Bool](repeating: false, count: names.count)
    var prefixes: Set<String> = []
    var suffixes: Set<String> = []
    for file in context.tree.files where file.kind == .regular {
      // A file of no known language, a Caddyfile or a template, uses what it names.
      guard isUse(file), let text = context.tree.text(file) else { continue }
      let isCode = file.language.map { CodeTokens.Dialect.of($0) != nil } ?? false
      let isDeclaring = [.yaml, .toml, .dockerfile, .ini, .hcl].contains(file.language)
      text.bytes.withUnsafeBufferPointer { bytes in
        var index = 0
        let count = bytes.count
        while index < count {
          let byte = bytes[index]
          guard byte.isWordByte else {
            index += 1
            continue
          }
          let start = index
          if !begins[Int(byte)] {
            while index < count, bytes[index].isWordByte { index += 1 }
            continue
          }
          var value = seed
          var conventional = byte >= 0x41 && byte <= 0x5A || byte == 0x5F
          while index < count, bytes[index].isWordByte {
            value = (value ^ UInt64(bytes[index])) &* factor
            if bytes[index] >= 0x61 { conventional = false }
            index += 1
          }
          if bits[Int(truncatingIfNeeded: value & 0xFFFF)], let hit = byHash[value], !seen[hit] {
            // `NAME: value` and `NAME=value` give it; `${NAME}` and a name behind a colon use it.
            if isDeclaring, isDeclaration(bytes, start, index) { continue }
            seen[hit] = true
          } else if conventional, isCode, index - start >= 4, bytes[index - 1] == 0x5F, prefixes.count < 200,
            index < count,
            bytes[index] == 0x24 || bytes[index] == 0x22 || bytes[index] == 0x27 || bytes[index] == 0x23
              || bytes[index] == 0x7B || bytes[index] == 0x25
          {
            prefixes.insert(String(decoding: bytes[start..<index], as: UTF8.self))
          } else if conventional, isCode, index - start >= 4, bytes[start] == 0x5F, bytes[start + 1] != 0x5F,
            suffixes.count < 200, start > 0,
            bytes[start - 1] == 0x7D || bytes[start - 1] == 0x22 || bytes[start - 1] == 0x27
              || bytes[start - 1] == 0x60
          {
            suffixes.insert(String(decoding: bytes[start..<index], as: UTF8.self))
          }
        }
      }
    }
    return (names.indices.filter { seen[$0] }.map { names[$0] }, prefixes.sorted(), suffixes.sorted())
  }

  private static func isUse(_ file: TreeFile) -> Bool {
    switch file.language {
    case .markdown, .text, .dotenv: return false
    default:
      let name = file.name.lowercased()
      return !Declarations.dotenv(file).isDotenv && !name.hasSuffix("lock.json") && !name.hasSuffix("lock.yaml")
        && !name.hasSuffix(".lock")
    }
  }

  private static func isDeclaration(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    let next = end < bytes.count ? bytes[end] : 0
    let before = start > 0 ? bytes[start - 1] : 0
    if before == 0x7B || before == 0x24 || before == 0x2E { return false }
    return next == 0x3A || next == 0x3D
  }

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let factor: UInt64 = 0x100_0000_01B3

  /// Fowler, Noll and Vo's hash, 64 bits, 1a.
  private static func hash(_ name: String) -> UInt64 {
    var value = seed
    for byte in name.utf8 { value = (value ^ UInt64(byte)) &* factor }
    return value
  }
}
