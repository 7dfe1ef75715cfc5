import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// Reads the document that a command names, and plans it.
struct DocumentLoader {
  static let helpOption = OptionSpec("help", short: "h", "Print this.")
  static let selectionOptions: [OptionSpec] = [
    OptionSpec(
      "only", value: "PATTERN", repeatable: true,
      "Only the controls whose id or tag matches: `DB-*`, `security/**`, `tag:smoke`. May be repeated, or take commas."),
    OptionSpec("skip", value: "PATTERN", repeatable: true, "All but these. May be repeated, or take commas."),
  ]
  static let environmentOption = OptionSpec(
    "environment", short: "e", value: "NAME", variable: "GONOGO_ENVIRONMENT",
    "The environment of the document to look at (default: the first that is not protected, else the first, where nothing but reading happens)."
  )
  static let allowOption = OptionSpec(
    "allow", value: "EFFECT", repeatable: true, variable: "GONOGO_ALLOW",
    "Lets controls do more than read: `writes`, `disrupts` (which includes writes).")

  let checklist: Checklist
  let sink: DiagnosticSink
  /// Where relative paths of the document start from.
  let directory: String
  /// A tree written for this run alone.
  private var scratch: String?
  /// What `--at` named; `nil` for the working tree.
  private(set) var commit: String?

  /// The document; `nil` where it cannot be read, which has then been told.
  static func read(_ path: String) -> DocumentLoader? {
    let bytes: [UInt8]
    do { bytes = try path == "-" ? FileSystem.readStandardInput() : FileSystem.read(path, limit: 64 << 20) } catch {
      Terminal.complain(error.description, mend: error.isNotFound ? "name a Markdown file" : nil)
      return nil
    }
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(bytes, name: path == "-" ? "(standard input)" : path, sink: sink)
    return DocumentLoader(checklist: checklist, sink: sink, directory: directory(of: path))
  }

  /// The document as `--at` names it, else as it stands; `nil` where it cannot be read, which has then been told.
  ///
  /// ``close()`` removes what was written for it.
  static func read(_ invocation: Invocation) -> DocumentLoader? {
    let path = invocation.operands[0]
    guard let commit = invocation.value("at") else { return read(path) }
    guard let repository = Repository(of: path) else {
      Terminal.complain(
        "--at reads a commit, but \(path) is in no git repository", mend: "run it without --at, in the working tree")
      return nil
    }
    guard let folder = repository.export(commit) else { return nil }
    let inner = FileSystem.join(folder, repository.document)
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(inner, limit: 64 << 20) } catch {
      Terminal.complain(
        error.isNotFound ? "\(commit) does not hold \(repository.document)" : error.description,
        mend: "`git log --oneline -- \(repository.document)` lists the commits that do")
      try? FileSystem.remove(folder)
      return nil
    }
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(bytes, name: path, sink: sink)
    return DocumentLoader(
      checklist: checklist, sink: sink, directory: FileSystem.directory(of: inner), scratch: folder, commit: commit)
  }

  func close() {
    if let scratch { try? FileSystem.remove(scratch) }
  }

  /// Where relative paths of the document start from.
  static func directory(of path: String) -> String {
    path == "-" ? FileSystem.currentDirectory : FileSystem.directory(of: path)
  }

  struct Planned {
    let plan: Plan
    let queries: JQEngine
  }

  /// The plan; `nil` where the document or the selection has errors, which have then been told, all of them.
  func plan(_ invocation: Invocation, timeout: Int = 10_000) -> Planned? {
    let queries = JQEngine()
    let planner = Planner(
      registry: BuiltinProbes.registry, engines: Engines(patterns: PCREngine(), queries: queries),
      processEnvironment: ProcessEnvironment.all)
    var allowed: Set<Effect> = []
    for text in invocation.list("allow") {
      guard let effect = Effect(rawValue: text) else {
        Terminal.complain("--allow takes writes or disrupts, not '\(text)'")
        return nil
      }
      allowed.insert(effect)
    }
    let options = Planner.Options(
      environment: invocation.value("environment"),
      selection: Selection(only: invocation.list("only"), skip: invocation.list("skip")), allowed: allowed,
      timeout: timeout)
    let plan = planner.plan(checklist, options: options, sink: sink)
    tell()
    if sink.hasErrors { return nil }
    return Planned(plan: plan, queries: queries)
  }

  /// Prints every problem, and how many there are.
  func tell() {
    let diagnostics = sink.sorted
    Terminal.diagnostics(diagnostics, in: checklist.file)
    let errors = diagnostics.filter { $0.severity == .error }.count
    if errors > 0 {
      Terminal.error("\(checklist.file.name): \(errors) \(errors == 1 ? "error" : "errors"); nothing was run\n")
    }
  }
}
