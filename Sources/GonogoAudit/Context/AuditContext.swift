public import GonogoCore
import GonogoDocument
public import GonogoSystem
import Synchronization

/// What rules and collectors see: the tree, its files parsed, facts, and outside tools. Safe to use from several threads.
///
/// * Files: `context.tree.files(in: .typescript)`, `files(named:)`, `files(matching:)`, `tree["path"]`, `tree.text(file)`.
/// * Parsed, once for all: ``yaml(_:)`` (YAML with places and merge keys resolved), ``jsonNode(_:)`` (JSON with places),
///   ``json(_:)``, ``toml(_:)``. What does not parse is `nil`, and is told once as *could not look*.
/// * Patterns: ``pattern(_:ignoringCase:)``, PCRE2, then `lineMatches(in: text.bytes, limit:)`.
/// * Shared facts: ``facts(_:)``.
/// * Outside tools: ``run(_:in:milliseconds:install:)`` on ``directory()``.
public final class AuditContext: Sendable {
  public let tree: SourceTree
  /// Milliseconds since 1970-01-01T00:00:00Z: what expiries are compared with.
  public let now: Int64
  /// The outside tools that were asked for by name: one of them that is missing is *could not look*, others are passed over.
  public let wanted: Set<String>

  private struct FileFact: Hashable {
    let collector: ObjectIdentifier
    let file: Int
  }

  private struct Cache {
    var yaml: [Int: Once<Parsed<YAMLText>>] = [:]
    var json: [Int: Once<Parsed<JSON>>] = [:]
    var facts: [ObjectIdentifier: Once<any Sendable>] = [:]
    var fileFacts: [FileFact: Once<any Sendable>] = [:]
    var patterns: [String: any GonogoCore.Pattern] = [:]
    var troubles: [CouldNotLook] = []
  }

  private let cache = Mutex(Cache())
  /// The copy of a commit, and which of its files are in it.
  private let copy = Mutex<(path: String, files: Set<Int>)?>(nil)
  private let migrations = Mutex<MigrationReplay?>(nil)
  /// What judges of claims have searched code for.
  let codeHits = CodeHits()
  /// What is known of files that another tree of the repository holds alike.
  let shared: SharedFiles?

  public init(tree: SourceTree, now: Int64, wanted: Set<String> = []) {
    self.tree = tree
    self.now = now
    self.wanted = wanted
    shared = nil
  }

  /// A commit beside the tree that is audited.
  init(tree: SourceTree, beside shared: SharedFiles) {
    self.tree = tree
    now = shared.first.now
    wanted = []
    self.shared = shared
  }

  deinit {
    // The copy of a commit goes with the audit that needed it.
    if let copy = copy.withLock({ $0?.path }) { Leftovers.remove(copy) }
  }

  // MARK: Facts

  /// The facts of a collector, collected when they are first asked for.
  public func facts<C: Collector>(_ type: C.Type) -> C.Facts {
    let once = cache.withLock { cache in
      if let once = cache.facts[ObjectIdentifier(type)] { return once }
      let once = Once<any Sendable>()
      cache.facts[ObjectIdentifier(type)] = once
      return once
    }
    guard let facts = once.value({ C.collect(in: self) }) as? C.Facts else { preconditionFailure("\(type)") }
    return facts
  }

  private static let keptFiles = 100_000

  /// The facts of one file, collected when they are first asked for; `nil` where it is not read as a text.
  public func facts<C: FileCollector>(_ type: C.Type, of file: TreeFile) -> C.Facts? {
    guard let text = tree.text(file) else { return nil }
    // Of so many files what is kept of each costs more than it saves.
    if tree.files.count > Self.keptFiles { return C.collect(from: text, of: file) }
    let once: Once<any Sendable>
    if let shared {
      if let twin = shared.twin(of: file) { return shared.first.facts(type, of: twin) }
      guard let known = shared.facts(ObjectIdentifier(type), of: file) else { return C.collect(from: text, of: file) }
      once = known
    } else {
      let key = FileFact(collector: ObjectIdentifier(type), file: file.index)
      once = cache.withLock { cache in
        if let once = cache.fileFacts[key] { return once }
        let once = Once<any Sendable>()
        cache.fileFacts[key] = once
        return once
      }
    }
    guard let facts = once.value({ C.collect(from: text, of: file) }) as? C.Facts else {
      preconditionFailure("\(type)")
    }
    return facts
  }

  /// Something that a collector could not look at; told once, however often it is met.
  public func couldNotLook(_ trouble: CouldNotLook) {
    cache.withLock { cache in
      if !cache.troubles.contains(trouble) { cache.troubles.append(trouble) }
    }
  }

  /// What files and collectors could not give, in the order of places.
  var troubles: [CouldNotLook] { tree.unlooked + cache.withLock { $0.troubles } }

  // MARK: Parsed files

  /// The YAML documents of a file, merge keys (`<<`) resolved; `nil` where it is no text or does not parse, which is then
  /// told as *could not look*.
  public func yaml(_ file: TreeFile) -> YAMLText? {
    let parsed = parsedYAML(file)
    if let trouble = parsed.trouble { couldNotLook(trouble) }
    return parsed.value
  }

  /// As ``yaml(_:)``, and without telling of what does not parse.
  func parsedYAML(_ file: TreeFile) -> Parsed<YAMLText> {
    let once = cache.withLock { cache in
      if let once = cache.yaml[file.index] { return once }
      let once = Once<Parsed<YAMLText>>()
      cache.yaml[file.index] = once
      return once
    }
    return once.value {
      guard let shared else { return YAMLText.read(file, in: tree) }
      return shared.yaml(file) { YAMLText.read(file, in: tree) }
    }
  }

  /// A JSON file with the place of each value: JSON is YAML in this. The one document; `nil` as for ``yaml(_:)``.
  public func jsonNode(_ file: TreeFile) -> Node? { yaml(file)?.documents.first }

  /// A JSON file, read strictly; `nil` where it is no text or does not parse, which is then told as *could not look*.
  public func json(_ file: TreeFile) -> JSON? {
    parsed(file) { text in
      do throws(JSONError) { return .success(try JSON.parse(text.bytes)) } catch {
        return .failure(
          .unparsed(file, "JSON", error.message, SourcePosition(line: error.line, column: error.column)))
      }
    }
  }

  /// A TOML file as JSON; `nil` where it is no text or does not parse, which is then told as *could not look*.
  public func toml(_ file: TreeFile) -> JSON? {
    parsed(file) { text in
      do throws(TOMLError) { return .success(try TOMLReader.read(text.bytes)) } catch {
        return .failure(
          .unparsed(file, "TOML", error.message, SourcePosition(line: error.line, column: error.column)))
      }
    }
  }

  private func parsed(_ file: TreeFile, _ parse: (SourceFile) -> Result<JSON, CouldNotLook>) -> JSON? {
    let once = cache.withLock { cache in
      if let once = cache.json[file.index] { return once }
      let once = Once<Parsed<JSON>>()
      cache.json[file.index] = once
      return once
    }
    func look() -> Parsed<JSON> {
      guard let text = tree.text(file) else { return Parsed(trouble: .unread(file, tree.unread(file))) }
      switch parse(text) {
      case .success(let value): return Parsed(value: value)
      case .failure(let trouble): return Parsed(trouble: trouble)
      }
    }
    let parsed = once.value { shared.map { $0.json(file, look) } ?? look() }
    if let trouble = parsed.trouble { couldNotLook(trouble) }
    return parsed.value
  }

  // MARK: Patterns

  /// A PCRE2 pattern, compiled once. Its steps are bounded: no input makes it hang.
  ///
  /// - Precondition: `source` is a rule's own and well formed; nothing that an audited file says becomes a pattern.
  public func pattern(_ source: String, ignoringCase: Bool = false) -> any GonogoCore.Pattern {
    if let shared { return shared.first.pattern(source, ignoringCase: ignoringCase) }
    let key = (ignoringCase ? "i" : "c") + source
    if let known = cache.withLock({ $0.patterns[key] }) { return known }
    do throws(EngineError) {
      let pattern = try PCREngine().compile(source, ignoringCase: ignoringCase)
      cache.withLock { $0.patterns[key] = pattern }
      return pattern
    } catch {
      preconditionFailure("\(source): \(error.message)")
    }
  }

  // MARK: Outside tools

  /// Runs a tool: no shell, its own process group, killed at the deadline.
  ///
  /// - Parameters:
  ///   - arguments: the program's name first.
  ///   - directory: where it runs; usually ``directory()``.
  ///   - install: the command that installs it: `pip install ast-grep-cli`.
  /// - Returns: the outcome, whatever its status: many scanners end with 1 where they found something.
  /// - Throws: ``CouldNotLook`` where it is not there, does not end in time, is ended by a signal, or says more than 64 MB.
  public func run(
    _ arguments: [String], in directory: String, input: [UInt8] = [], milliseconds: Int, install: String
  ) throws(CouldNotLook) -> Subprocess.Outcome {
    let name = arguments.first ?? ""
    guard Subprocess.find(name) != nil else { throw CouldNotLook("\(name) is not installed", mend: install) }
    var process = Subprocess(arguments, environment: ProcessEnvironment.all, directory: directory)
    process.input = input
    process.limit = 64 << 20
    let outcome: Subprocess.Outcome
    do { outcome = try process.run(milliseconds: milliseconds) } catch {
      switch error {
      case .cannotStart: throw CouldNotLook("\(name) could not be started", mend: install)
      case .timedOut(let time):
        throw CouldNotLook(
          "\(name) did not end within \(Quantity.describe(milliseconds: time))", mend: "run it by hand")
      }
    }
    if let signal = outcome.signal { throw CouldNotLook("\(name) was ended by signal \(signal)") }
    if outcome.truncated { throw CouldNotLook("\(name) said more than 64 MB") }
    return outcome
  }

  /// Whether a tool is there to be run; `false` where it is not and nobody asked for it, which the inventory tells.
  ///
  /// - Throws: ``CouldNotLook`` where it was asked for and is not installed.
  public func has(_ tool: OutsideTool) throws(CouldNotLook) -> Bool {
    if tool.isInstalled { return true }
    if wanted.contains(tool.name) { throw CouldNotLook("\(tool.name) is not installed", mend: tool.install) }
    return false
  }

  /// How the migrations went; `nil` where they were not run.
  var replay: MigrationReplay? { migrations.withLock { $0 } }

  /// Runs the migrations of the tree in a PostgreSQL of their own. Before the rules look, which do not wait.
  func runMigrations() async {
    let made = await MigrationReplay.run(in: self)
    migrations.withLock { $0 = made }
  }

  /// A directory with the tree's files, for outside tools: the working tree itself, or a copy of what was read of a commit,
  /// which is removed with the context. Tools see files that are ignored, too; what they say of those is to be dropped.
  ///
  /// - Parameter wanted: the files that the tool looks at; of a commit, others need not be there.
  /// - Throws: ``CouldNotLook`` where the copy cannot be written.
  public func directory(with wanted: (TreeFile) -> Bool = { _ in true }) throws(CouldNotLook) -> String {
    if let directory = tree.source.directory { return directory }
    let result: Result<String, CouldNotLook> = copy.withLock { copy in
      do throws(SystemError) {
        let path = if let copy { copy.path } else { try Leftovers.makeDirectory(prefix: "gonogo-audit") }
        var written = copy?.files ?? []
        defer { copy = (path, written) }
        for file in tree.files where !written.contains(file.index) && wanted(file) {
          // A path of a commit may hold anything; one that would lead out of the copy is not written.
          guard let text = tree.text(file), !file.path.split(separator: "/").contains("..") else { continue }
          let target = FileSystem.join(path, file.path)
          try FileSystem.makeDirectory(FileSystem.directory(of: target))
          try FileSystem.writeNew(text.bytes, to: target)
          written.insert(file.index)
        }
        return .success(path)
      } catch {
        return .failure(
          CouldNotLook("the files could not be copied for an outside tool: \(error)", mend: "free some room"))
      }
    }
    switch result {
    case .success(let path): return path
    case .failure(let trouble): throw trouble
    }
  }
}

extension CouldNotLook {
  static func unparsed(
    _ file: TreeFile, _ format: String, _ message: String, _ position: SourcePosition
  ) -> CouldNotLook {
    CouldNotLook(
      "the file is no \(format): \(message)", at: TreePlace(file.path, position),
      mend: "mend the file; nothing in it was judged")
  }

  /// `nil` for a link, which nobody expects to be read.
  static func unread(_ file: TreeFile, _ why: SourceTree.Unread?) -> CouldNotLook? {
    guard let why, why != .link else { return nil }
    return CouldNotLook(
      "the file was not read: \(why.rawValue)", at: TreePlace(file.path), mend: "nothing in it was judged")
  }
}
