import Glibc
import GonogoCore
import GonogoSystem

/// What the patterns of all code rules matched: one run of ast-grep (https://ast-grep.github.io) over the tree's files.
enum CodeMatches: Collector {
  struct Facts: Sendable {
    /// By "rule/pattern", in the order of places.
    var matches: [String: [CodeMatch]] = [:]
    /// The same by the file's index.
    var byFile: [Int: [Match]] = [:]
    /// Why there is nothing.
    var trouble: CouldNotLook?
  }

  /// A match, whichever of several like files it is in.
  struct Match: Sendable {
    /// "rule/pattern"
    let key: String
    let range: Range<Int>
    let place: TreePlace
    let text: String
    let captures: [String: String]

    func match(_ file: TreeFile) -> CodeMatch {
      CodeMatch(file: file, range: range, place: place, text: text, captures: captures)
    }
  }

  static let install = "pip install ast-grep-cli"
  /// The bytes of file names that one process gets: Linux takes 2 MB of arguments and environment.
  static let argumentLimit = 1 << 20
  /// The bytes of code that one process gets: what it says of them, matches with their lines, is held in memory.
  static let sourceLimit = 16 << 20

  /// Every pattern with the key of its matches.
  static var patterns: [(key: String, pattern: CodePattern)] {
    var result: [(String, CodePattern)] = []
    for case let rule as any CodeRule.Type in BuiltinRules.all {
      result += rule.patterns.map { ("\(rule.manual.id)/\($0.name)", $0) }
    }
    return result + HTTPEndpoints.patterns.map { ("endpoints/\($0.name)", $0) }
  }

  /// The program: beside the build that this is a part of, where `scripts/install.sh tools` puts it, or on the PATH. Never
  /// from the audited tree.
  static var program: String? {
    if let own = FileSystem.realPath("/proc/self/exe") {
      let parts = own.split(separator: "/")
      if let build = parts.firstIndex(of: ".build") {
        let tool = "/" + parts[...build].joined(separator: "/") + "/tools/bin/ast-grep"
        if Subprocess.find(tool) != nil { return tool }
      }
    }
    return Subprocess.find("ast-grep")
  }

  static func collect(in context: AuditContext) -> Facts {
    var facts = Facts()
    let files = context.tree.files.filter { CodeScope.isLookedAt($0) }
    if files.isEmpty { return facts }
    var known: [Int: [Match]] = [:]
    if let shared = context.shared {
      let first = shared.first.facts(CodeMatches.self)
      if let trouble = first.trouble { return Facts(trouble: trouble) }
      for file in files {
        if let twin = shared.twin(of: file) {
          known[file.index] = first.byFile[twin.index] ?? []
        } else if let matches = shared.matches(in: file) {
          known[file.index] = matches
        }
      }
    }
    do throws(CouldNotLook) {
      let found = try scan(files.filter { known[$0.index] == nil }, in: context)
      for file in files {
        if let matches = known[file.index] {
          if !matches.isEmpty { facts.byFile[file.index] = matches }
        } else if let matches = found[file.index] {
          facts.byFile[file.index] = matches
          context.shared?.set(matches, in: file)
        } else {
          context.shared?.set([], in: file)
        }
      }
    } catch {
      return Facts(trouble: error)
    }
    for file in files {
      for match in facts.byFile[file.index] ?? [] { facts.matches[match.key, default: []].append(match.match(file)) }
    }
    for key in facts.matches.keys { facts.matches[key]?.sort { $0.place < $1.place } }
    return facts
  }

  /// Where comments tell ast-grep to pass over what follows: an audited file has no say in that. A letter of each is changed in the
  /// copy that is looked at.
  private static func excuses(in bytes: [UInt8]) -> [Int] {
    var result: [Int] = []
    var from = 0
    while let hit = ByteSearch.first("ast-grep-ignore", in: bytes, from: from) {
      result.append(hit)
      from = hit + 1
    }
    return result
  }

  /// What the patterns match, by the file's index.
  private static func scan(_ files: [TreeFile], in context: AuditContext) throws(CouldNotLook) -> [Int: [Match]] {
    var found: [Int: [Match]] = [:]
    if files.isEmpty { return found }
    guard let program else { throw CouldNotLook("ast-grep is not installed", mend: install) }
    let work = try workplace()
    defer { Leftovers.remove(work) }
    let base = context.tree.source.directory.flatMap(FileSystem.realPath)
    if context.tree.source.directory != nil, base == nil { throw CouldNotLook("the directory is gone") }
    var byPath: [String: TreeFile] = [:]
    var batch: [String] = []
    var names = 0
    var bytes = 0
    var copies: [Substring: Int] = [:]
    for file in files {
      // A name that is no UTF-8 is shown with escapes and is not that of the file.
      guard Array(file.path.utf8) == file.rawPath else {
        context.couldNotLook(
          CouldNotLook("the code was not looked at: the name is no UTF-8", at: TreePlace(file.path), mend: "rename it"))
        continue
      }
      guard let text = context.tree.text(file) else { continue }
      let excuses = Self.excuses(in: text.bytes)
      let path: String
      if let base, excuses.isEmpty {
        path = FileSystem.join(base, file.path)
      } else {
        // Of a commit a copy, under its own name, which tells ast-grep the language.
        let count = copies[file.name, default: 0]
        copies[file.name] = count + 1
        path = "\(work)/\(count)/\(file.name)"
        do throws(SystemError) {
          try FileSystem.makeDirectory("\(work)/\(count)")
          var bytes = text.bytes
          for start in excuses { bytes[start] = UInt8(ascii: "-") }
          try FileSystem.writeNew(bytes, to: path)
        } catch {
          throw CouldNotLook("the files could not be copied for ast-grep: \(error)", mend: "free some room")
        }
      }
      byPath[path] = file
      batch.append(path)
      names += path.utf8.count + 9
      bytes += file.size
      if names > argumentLimit || bytes > sourceLimit {
        try run(program, batch, byPath, work, context, &found)
        (batch, names, bytes) = ([], 0, 0)
      }
    }
    if !batch.isEmpty { try run(program, batch, byPath, work, context, &found) }
    return found
  }

  /// A directory of our own with the rules: a configuration in the audited tree may name libraries that ast-grep would load.
  private static func workplace() throws(CouldNotLook) -> String {
    do throws(SystemError) {
      let path = try Leftovers.makeDirectory(prefix: "gonogo-ast")
      let configuration = """
        ruleDirs: [rules]
        languageGlobs:
          Tsx: ["*.tsx", "*.js", "*.jsx", "*.mjs", "*.cjs"]
        """
      try FileSystem.makeDirectory("\(path)/rules")
      try FileSystem.writeAtomically(Array(configuration.utf8), to: "\(path)/sgconfig.yml")
      var rules: [String] = []
      for (key, pattern) in patterns {
        for language in pattern.syntax.languages {
          rules.append("id: '\(key)@\(language)'\nlanguage: \(language)\nseverity: hint\n\(pattern.yaml)\n")
        }
      }
      try FileSystem.writeAtomically(Array(rules.joined(separator: "---\n").utf8), to: "\(path)/rules/rules.yml")
      return path
    } catch {
      throw CouldNotLook("the rules for ast-grep could not be written: \(error)", mend: "free some room")
    }
  }

  private static func run(
    _ program: String, _ paths: [String], _ files: [String: TreeFile], _ work: String, _ context: AuditContext,
    _ found: inout [Int: [Match]]
  ) throws(CouldNotLook) {
    let outcome = try context.run(
      [program, "scan", "--config", "\(work)/sgconfig.yml", "--json=stream"] + [
        "--no-ignore=hidden", "--no-ignore=vcs",
      ]
        + paths,
      in: work, milliseconds: 120_000, install: install)
    // 1 says that something of severity error was found; ours are hints.
    guard outcome.status == 0 || outcome.status == 1 else {
      let said = String(decoding: outcome.error.prefix(400), as: UTF8.self).split(separator: "\n")
        .map { String($0).trimmed }.joined(separator: " ")
      throw CouldNotLook("ast-grep ended with \(outcome.status ?? -1): \(said)", mend: install)
    }
    var bare: [Int: [UInt8]] = [:]
    for line in outcome.output.split(separator: 0x0A) {
      guard let json = try? JSON.parse(line), let id = json["ruleId"]?.stringValue,
        let file = json["file"]?.stringValue.flatMap({ files[$0] }), let syntax = CodeSyntax(file.language),
        let start = json["range"]?["byteOffset"]?["start"]?.integerValue,
        let end = json["range"]?["byteOffset"]?["end"]?.integerValue, let source = context.tree.text(file),
        start <= end, end <= source.bytes.count
      else { throw CouldNotLook("ast-grep's answer is not understood", mend: install) }
      // What a rule reads of a match has no comments: none of them makes it find something, or keeps it from it.
      let bytes = bare[file.index] ?? CodeText.uncommented(source.bytes, syntax)
      bare[file.index] = bytes
      func text(_ range: JSON?) -> String? {
        guard let start = range?["byteOffset"]?["start"]?.integerValue,
          let end = range?["byteOffset"]?["end"]?.integerValue, 0 <= start, start <= end, end <= bytes.count
        else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
      }
      var captures: [String: String] = [:]
      for (name, value) in json["metaVariables"]?["single"]?.objectValue ?? [:] {
        captures[name] = text(value["range"])
      }
      let key = id.split(separator: "@").first.map(String.init) ?? id
      found[file.index, default: []].append(
        Match(
          key: key, range: start..<end, place: TreePlace(file.path, source.position(of: start)),
          text: text(json["range"]) ?? "",
          captures: captures))
    }
  }
}

extension AuditContext {
  /// What a pattern of a rule matched, in the order of places.
  ///
  /// - Throws: ``CouldNotLook`` where ast-grep is not there or did not end well.
  public func matches(_ name: String, of rule: (some CodeRule).Type) throws(CouldNotLook) -> [CodeMatch] {
    let facts = facts(CodeMatches.self)
    if let trouble = facts.trouble { throw trouble }
    return facts.matches["\(rule.manual.id)/\(name)"] ?? []
  }
}
