public import GonogoCore
import GonogoSystem

/// Looks at files: that they are there, what they are, what they hold and what they must not hold.
public struct FilesProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "files",
    summary: "files by path or glob: existence, content, structure, digest, mode, age, and what must not be in them",
    discussion: """
      Paths start at the document's directory. A glob has `*`, `?` and `[…]` inside a name and `**` for any number of
      directories. Links to files are followed, links to directories are not, so that no ring of links is walked; `.git` is
      left out unless it is named. `exclude` leaves out names at any depth (`node_modules`) or paths (`web/dist/**`).

      `contains`, `matches`, `no_match`, `sha256`, `mode`, `size`, `newer_than` and `max_age` are expectations by
      themselves; `expect:` adds to them. With none of either, the file must exist.

      **Searching** goes line by line, each line looked at alone. Files with a zero byte near their beginning are binary and
      are counted (`binary`) but not searched; UTF-16 with a byte order mark is read. `no_match` over no file, or over
      binary ones only, proves nothing and is *errored*; so is a file that may not be read, unless
      `unreadable: ignore` says otherwise.

      **Structure.** A single JSON, YAML or TOML file is the fact `document`; dates of TOML are strings there. `json:`,
      `yaml:` and `toml:` name values in it, which are the facts `values`, and make a file that cannot be read as such an
      error; without them a broken one has the fact `document_error`.

      **Secrets.** The text of `.env` files, private keys and the like is not among the facts. Values of a document under
      names such as `password` or `api_key` are redacted wherever they appear. With `secret: true` no hit shows its line.

      **Not there** is a finding only where the directory that would hold the file could be read, or, where that is not there
      either, the nearest above it: then `exists: false` has the witness `directory`. Else it is *errored*.
      """,
    parameters: [
      .init("path", .either([.string, .list(.string)]), required: true, "A path or glob, or a list of them."),
      .init("exclude", .list(.string), "Names or globs to leave out."),
      .init("contains", .list(.string), "Texts that must each stand in at least one of the files."),
      .init("matches", .pattern, "A pattern that at least one line must match."),
      .init("no_match", .either([.pattern, .list(.pattern)]), "Patterns that no line of any file may match."),
      .init("secret", .boolean, "What matches is secret: hits show file and line, not the text."),
      .init("json", .map(.string), "Names for values of a JSON file, each with its path: `{ version: engines.node }`."),
      .init("yaml", .map(.string), "The same, of a YAML file."),
      .init("toml", .map(.string), "The same, of a TOML file."),
      .init("sha256", .string, "The digest that every file must have, in hexadecimal."),
      .init("mode", .string, "The permission bits that every file must have, in octal: \"0600\"."),
      .init("size", .either([.integer, .string]), "The size of every file: 0, \">= 1\", \"< 2MiB\"."),
      .init("newer_than", .string, "A file that every file must be newer than, or an instant (RFC 3339)."),
      .init("max_age", .duration, "How long ago every file may have been modified."),
      .init("unreadable", .choice(["error", "ignore"]), "What to do with files that may not be read (default error)."),
    ],
    shorthand: "path",
    facts: [
      .init("exists", "boolean", "At least one file is there."),
      .init("count", "integer", "How many there are."),
      .init(
        "files", "array",
        "`path`, `size`, `mode`, `modified`, `age_ms`, `kind`, `sha256` of each, by path; absent where there are more than 10,000. `sha256` is null where there are more than 100 or they are large (64 MiB, 256 MiB together), unless `sha256` asks for it."
      ),
      .init("hits", "array", "The first 20 lines that `no_match` found: `path`, `line`, `text`, `pattern`."),
      .init("hit_count", "integer", "How many lines `no_match` found."),
      .init("matches", "array", "The first 20 lines that `matches` found: `path`, `line`, `text`."),
      .init("match_count", "integer", "How many lines `matches` found."),
      .init("missing", "array of strings", "The texts of `contains` that stand nowhere."),
      .init("older", "array of strings", "The files that are not newer than `newer_than`."),
      .init("searched", "integer", "How many files were searched."),
      .init("binary", "integer", "How many were not, being binary."),
      .init("unreadable", "integer", "How many files and directories may not be read."),
      .init("document", "any", "A single JSON, YAML or TOML file, as JSON."),
      .init("document_error", "string", "Why it cannot be read as such, with line and column."),
      .init("values", "object", "The values that `json`, `yaml` or `toml` name; absent ones are null."),
      .init("text", "string", "A single text file of up to 256 KiB."),
      .init("lines", "array of strings", "Its lines."),
    ],
    witness: [
      ("files", "how many files were looked at"),
      (
        "directory",
        "the directory that would hold the file, or the nearest above it that is there, was read, and the file is not there"
      ),
    ],
    failures: [
      ("no file matches, and something is asked of its content", "not-found"),
      ("no file matches a `no_match`", "vacuous"),
      ("a file or directory may not be read", "denied, with its path"),
      ("a file to be searched is larger than 256 MiB", "too-large"),
      ("a file is not the JSON, YAML or TOML that is asked for", "malformed-reply, with line and column"),
    ],
    examples: [
      .init("The runbook is there", "files: docs/RUNBOOK.md"),
      .init(
        "No fallback secret in the code",
        "files:\n  path: apps/**/*.ts\n  exclude: [node_modules, '*.test.ts']\n  no_match: '/_SECRET\\s*\\|\\|\\s*[''\"]/'"
      ),
      .init(
        "The debug page is gone from the build", "files: dist/debug.html\nexpect: { exists: false }"),
      .init("The lock file is of the code", "files: { path: package-lock.json, newer_than: package.json }"),
      .init(
        "The image is pinned",
        "files:\n  path: docker-compose.yml\n  yaml: { image: services.api.image }\nexpect:\n  values.image: { matches: '/@sha256:[0-9a-f]{64}$/' }"
      ),
      .init("The key is for its owner alone", "files: { path: /etc/ssl/private/core.key, mode: \"0600\" }"),
    ])

  static let searchLimit = 256 << 20
  static let digestLimit: Int64 = 64 << 20
  static let listLimit = 10_000
  static let hitLimit = 20

  let paths: [Template]
  let exclude: [String]
  let contains: [Template]
  let matches: (any Pattern)?
  let noMatch: [any Pattern]
  let secret: Bool?
  let format: FileContent.Format?
  let values: [(name: String, path: FactPath)]
  let newerThan: Template?
  let ignoresUnreadable: Bool
  let digests: Bool
  let judged: [Expectation]
  let range: SourceRange

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    _ = try arguments.require("path", arguments.node("path"))
    paths = arguments.templates("path") ?? []
    if paths.isEmpty || paths.contains(where: { $0.constant == "" }) {
      arguments.fail(.missingKey, "`path` names no file", at: arguments.keyRange("path"))
    }
    exclude = arguments.strings("exclude") ?? []
    contains = arguments.templates("contains") ?? []
    if arguments.has("contains"), contains.isEmpty || contains.contains(where: { $0.constant == "" }) {
      arguments.fail(
        .emptyExpectation, "an empty `contains` would hold of any file", at: arguments.keyRange("contains"))
    }
    matches = arguments.pattern("matches")
    let reader = PatternReader(engine: arguments.engines.patterns, sink: arguments.sink)
    noMatch =
      arguments.node("no_match").map { $0.elements ?? [$0] }?.compactMap { node in
        guard let text = node.text, !text.isEmpty else {
          arguments.wrongType("no_match", "a pattern or a list of patterns", node)
          return nil
        }
        return reader.read(text, at: node.range)
      } ?? []
    if arguments.node("no_match")?.elements?.isEmpty == true {
      arguments.fail(.emptyExpectation, "`no_match` names no pattern", at: arguments.keyRange("no_match"))
    }
    secret = arguments.boolean("secret")
    var format: FileContent.Format?
    var values: [(name: String, path: FactPath)] = []
    for kind in FileContent.Format.allCases {
      for (name, range, node) in arguments.map(kind.rawValue) ?? [] {
        guard let path = node.text.flatMap(FactPath.init) else {
          arguments.fail(
            .badPath, "`\(name)` takes the path of a value", at: node.range, mend: "write it like `services.api.image`")
          continue
        }
        if let format, format != kind {
          arguments.fail(.wrongType, "a file is \(format.rawValue) or \(kind.rawValue), not both", at: range)
        }
        format = kind
        values.append((name, path))
      }
    }
    self.format = format
    self.values = values
    newerThan = arguments.template("newer_than")
    ignoresUnreadable = arguments.choice("unreadable", ["error", "ignore"]) == "ignore"
    digests = arguments.has("sha256")
    judged = Self.expectations(arguments, searches: (contains.isEmpty, matches == nil, noMatch.isEmpty))
  }

  /// The expectations that the arguments stand for, each at its own place.
  private static func expectations(
    _ arguments: Arguments, searches: (noContains: Bool, noMatches: Bool, noNoMatch: Bool)
  ) -> [Expectation] {
    var result: [Expectation] = []
    func expect(_ path: [FactPath.Step], _ matcher: Matcher, _ key: String) {
      result.append(Expectation(.fact(FactPath(steps: path), matcher), at: arguments.keyRange(key)))
    }
    let zero = Matcher.equals(.constant(0))
    if !searches.noContains { expect([.key("missing")], .length(zero), "contains") }
    if !searches.noMatches { expect([.key("match_count")], .compare(.atLeast, 1, source: ">= 1"), "matches") }
    if !searches.noNoMatch { expect([.key("hits")], .length(zero), "no_match") }
    if let text = arguments.string("sha256") {
      let digest = text.lowercased()
      if digest.utf8.count != 64 || !ValueType.hex.accepts(digest) {
        arguments.fail(
          .wrongType, "`sha256` takes 64 hexadecimal digits", at: arguments.keyRange("sha256"),
          mend: "`sha256sum FILE` prints them")
      }
      expect([.key("files"), .every, .key("sha256")], .equals(.constant(.string(digest))), "sha256")
    }
    if let text = arguments.string("mode") {
      if let mode = UInt32(text, radix: 8), mode <= 0o7777 {
        expect([.key("files"), .every, .key("mode")], .equals(.constant(.string(octal(mode)))), "mode")
      } else {
        arguments.fail(
          .wrongType, "`mode` takes permission bits in octal, not '\(text)'", at: arguments.keyRange("mode"),
          mend: "write `mode: \"0600\"`")
      }
    }
    if let node = arguments.node("size") {
      if let limit = Limit(node) {
        expect(
          [.key("files"), .every, .key("size")], .compare(limit.comparison, limit.value, source: limit.source), "size")
      } else {
        arguments.wrongType("size", "a size or a comparison such as \"< 2MiB\"", node)
      }
    }
    if arguments.has("newer_than") { expect([.key("older")], .length(zero), "newer_than") }
    if let age = arguments.duration("max_age") {
      let text = arguments.node("max_age")?.text ?? "\(age) ms"
      expect([.key("files"), .every, .key("age_ms")], .compare(.atMost, Double(age), source: "<= \(text)"), "max_age")
    }
    return result
  }

  public var expectations: [Expectation] { judged }

  public var builtinExpectations: [Expectation] {
    [Expectation(.fact(FactPath(steps: [.key("exists")]), .equals(.constant(true))), at: range)]
  }

  public var references: [(name: String, range: SourceRange)] {
    (paths + contains + [newerThan].compactMap { $0 }).flatMap(\.references)
  }

  private var searches: Bool { !contains.isEmpty || matches != nil || !noMatch.isEmpty }

  public func requests(in scope: Scope) -> [String] {
    ["\(searches ? "search" : "look at") \(paths.map { scope.preview($0) }.joined(separator: ", "))"]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let deadline = Deadline(context)
    var shown: [String] = []
    var globs: [String] = []
    var found: [FileFinder.Found] = []
    var known: Set<String> = []
    var unreadable: [String] = []
    var directories = true
    for template in paths {
      let rendered = try context.render(template)
      shown.append(rendered.display)
      globs.append(rendered.exposed)
      let finder = try FileFinder(rendered.exposed, exclude: exclude, root: context.directory, deadline: deadline)
      found += finder.found.filter { known.insert($0.path).inserted }
      unreadable += finder.unreadable
      directories = directories && (finder.directorySeen || !finder.found.isEmpty)
    }
    let asked = "\(searches ? "search" : "look at") \(shown.joined(separator: ", "))"
    let command = repeatCommand(shown)
    if let first = unreadable.first, !ignoresUnreadable { throw denied(first, asked) }

    if found.isEmpty {
      try refuseEmptiness(shown, asked: asked, directories: directories)
      return Observation(
        facts: ["exists": false, "count": 0, "files": [], "unreadable": JSON(unreadable.count)],
        witness: ["directory": 1], asked: asked, repeatCommand: command)
    }

    var scan = FileScan(probe: self, context: context, deadline: deadline)
    scan.wanted = try contains.map { (template) throws(ProbeError) in try context.render(template) }
    if scan.wanted.contains(where: { $0.exposed.isEmpty }) {
      throw ProbeError(
        .configuration, "a text of `contains` is empty, and so would stand in any file", asked: asked,
        mend: "see that the variable in it has a value")
    }
    scan.unreadable = unreadable.count
    if let newerThan { scan.newerThan = try instant(newerThan, context) }
    scan.single = found.count == 1 && globs.count == 1 && !FileFinder.isGlob(globs[0])
    for file in found { try scan.look(at: file, count: found.count) }
    if scan.seen == 0 {
      throw ProbeError(
        .denied, "none of the \(found.count) files may be read", asked: asked, mend: "run as their owner")
    }
    if searches, scan.searched == 0 {
      throw ProbeError(
        .vacuous, "all of \(found.count) files are binary or may not be read, so nothing was searched", asked: asked,
        mend: "name text files", repeatCommand: command)
    }
    return Observation(
      facts: .object(try scan.facts()), witness: ["files": scan.seen], asked: asked, repeatCommand: command)
  }

  /// What cannot be said of no file at all.
  private func refuseEmptiness(_ shown: [String], asked: String, directories: Bool) throws(ProbeError) {
    let what = shown.joined(separator: ", ")
    if !directories {
      throw ProbeError(
        .missing, "no file matches \(what), and the directory that would hold it cannot be read", asked: asked,
        mend: "correct the path; it starts at the document")
    }
    if !noMatch.isEmpty {
      throw ProbeError(
        .vacuous, "no file matches \(what), so that nothing in it matches proves nothing", asked: asked,
        mend: "correct the glob; it starts at the document")
    }
    if !judged.isEmpty || !values.isEmpty {
      throw ProbeError(
        .missing, "no file matches \(what)", asked: asked, mend: "correct the path; it starts at the document")
    }
  }

  private func denied(_ path: String, _ asked: String) -> ProbeError {
    ProbeError(
      .denied, "\(path) may not be read", asked: asked,
      mend: "run as a user who may read it, exclude it, or say `unreadable: ignore`")
  }

  private func instant(_ template: Template, _ context: ProbeContext) throws(ProbeError) -> Int64 {
    let rendered = try context.render(template)
    if let instant = Timestamp.parse(rendered.exposed) { return instant }
    do throws(SystemError) {
      return try FileSystem.status(FileSystem.join(context.directory, rendered.exposed)).modified
    } catch { throw LocalFile.problem(error, shown: rendered.display) }
  }

  private func repeatCommand(_ shown: [String]) -> String {
    let pattern = noMatch.first ?? matches
    let names = shown.map { path in
      let fixed = path.split(separator: "/", omittingEmptySubsequences: false).prefix { !FileFinder.isGlob($0) }
      let base = fixed.joined(separator: "/")
      return (
        base.isEmpty ? path.hasPrefix("/") ? "/" : "." : base, path.split(separator: "/").last.map(String.init) ?? path
      )
    }
    let bases = names.map { ShellQuote.quote($0.0) }.joined(separator: " ")
    guard let pattern else {
      return shown.contains(where: FileFinder.isGlob) ? "find \(bases) -type f" : "ls -l \(bases)"
    }
    var words = ["grep", "-rnIP"]
    for (_, last) in names where FileFinder.isGlob(last) { words.append("--include=\(ShellQuote.quote(last))") }
    words += exclude.filter { !$0.contains("/") }.flatMap {
      ["--exclude=\(ShellQuote.quote($0))", "--exclude-dir=\(ShellQuote.quote($0))"]
    }
    return (words + ["-e", ShellQuote.quote(pattern.source), bases]).joined(separator: " ")
  }

  static func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
