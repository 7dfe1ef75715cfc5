import GonogoCore
import GonogoStore
import GonogoSystem

/// `gonogo runs`, `show`, `diff` and `verify`: what is kept.
enum RunsCommand {
  private static let output = OptionSpec(
    "output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json.")
  static let runMeaning =
    "RUN is a run's id, the beginning of one, `latest`, or `latest~N` for the N-th before it."

  static let runs = Command(
    name: "runs", summary: "lists the runs whose evidence is kept, the newest first", operands: "", arity: 0...0,
    options: [
      StoreLocation.option, OptionSpec("limit", short: "n", value: "N", "How many (default 20)."), output,
      DocumentLoader.helpOption,
    ], discussion: "", examples: [("gonogo runs", "the last twenty")], run: { list($0) })

  static let show = Command(
    name: "show", summary: "prints the evidence of a run, or of one control in it", operands: "RUN [ID]", arity: 1...2,
    options: [StoreLocation.option, output, DocumentLoader.helpOption], discussion: runMeaning,
    examples: [
      ("gonogo show latest", "every result of the last run"),
      ("gonogo show latest SEC-1 -o json", "the evidence of one line, canonical content and digest"),
    ], run: { show($0) })

  static let diff = Command(
    name: "diff", summary: "tells what turned red, and what turned green, between two runs", operands: "RUN RUN",
    arity: 2...2, options: [StoreLocation.option, output, DocumentLoader.helpOption],
    discussion: runMeaning + "\nExit status: 0 nothing turned red, 1 something did, 2 a run is not there.",
    examples: [("gonogo diff latest~1 latest", "what the last change did")], run: { diff($0) })

  static let verify = Command(
    name: "verify", summary: "tells whether kept evidence is as it was written", operands: "[RUN]", arity: 0...1,
    options: [StoreLocation.option, DocumentLoader.helpOption],
    discussion: runMeaning
      + "\nWithout RUN, all runs. Exit status: 0 all as written, 1 something was changed, 2 a run is not there.",
    examples: [("gonogo verify", "every run in the store")], run: { verify($0) })

  static func list(_ invocation: Invocation) -> Int32 {
    guard let limit = Int(invocation.value("limit") ?? "20"), limit > 0 else {
      Terminal.complain("--limit is a whole number above zero")
      return ExitStatus.notRun
    }
    return reading(invocation) { store throws(StoreError) in
      let runs = try store.runs(limit: limit)
      if invocation.value("output") == "json" {
        Terminal.out(JSON.object(["schema": "gonogo.runs/1", "runs": .array(runs.map(\.json))]).pretty + "\n")
        return ExitStatus.go
      }
      for run in runs {
        let verdict = run.verdict ?? "unfinished"
        let state = run.interrupted ? "\(verdict), interrupted" : verdict
        let environment = run.environment.map { " · \($0)" } ?? ""
        Terminal.out(
          "\(run.id)  \(Help.pad(state, 10))  \(run.results)/\(run.controls) results  \(run.file)\(environment)\n")
      }
      if runs.isEmpty { Terminal.error("the store holds no run\n") }
      return ExitStatus.go
    }
  }

  static func show(_ invocation: Invocation) -> Int32 {
    reading(invocation) { store throws(StoreError) in
      let run = try store.run(named: invocation.operands[0])
      var results = try store.results(of: run)
      if invocation.operands.count == 2 {
        let id = invocation.operands[1]
        let all = results
        results = results.filter { $0.control == id }
        if results.isEmpty {
          let near = Suggestion.nearest(to: id, in: all.map(\.control))
          throw StoreError(
            path: store.path, message: "run \(run.id) has no result for '\(id)'",
            mend: near.map { "did you mean '\($0)'?" } ?? "`gonogo show \(run.id)` lists them")
        }
      }
      if invocation.value("output") == "json" {
        let body: JSON = .array(results.map { ["digest": .string($0.digest), "evidence": $0.evidence] })
        Terminal.out(JSON.object(["schema": "gonogo.show/1", "run": run.json, "results": body]).pretty + "\n")
        return ExitStatus.go
      }
      Terminal.out("run \(run.id): \(run.file), \(run.verdict ?? "unfinished")\n")
      Terminal.out("started \(run.started)\(run.environment.map { ", environment \($0)" } ?? "")\n")
      if let seal = run.seal { Terminal.out("seal \(seal)\n") }
      for result in results {
        let evidence = result.evidence
        let line = evidence["control"]?["line"]?.integerValue ?? 0
        Terminal.out("\n\(result.outcome)  \(result.control)  \(run.file):\(line)\n")
        Terminal.out("    \(evidence["control"]?["title"]?.stringValue ?? "")\n    sha256 \(result.digest)\n")
        if invocation.operands.count == 2 { Terminal.out(evidence.pretty + "\n") }
      }
      return ExitStatus.go
    }
  }

  static func diff(_ invocation: Invocation) -> Int32 {
    reading(invocation) { store throws(StoreError) in
      let old = try store.run(named: invocation.operands[0])
      let new = try store.run(named: invocation.operands[1])
      let before = try store.results(of: old)
      let after = try store.results(of: new)
      let changes = Self.changes(before.map { ($0.control, $0.outcome) }, after.map { ($0.control, $0.outcome) })
      if invocation.value("output") == "json" {
        Terminal.out(
          JSON.object([
            "schema": "gonogo.diff/1", "from": .string(old.id), "to": .string(new.id),
            "changes": .array(
              changes.map {
                [
                  "id": .string($0.id), "from": JSON(orNull: $0.from), "to": JSON(orNull: $0.to),
                  "turned": .string($0.turned.rawValue),
                ]
              }),
          ]).pretty + "\n")
      } else {
        Terminal.out("from \(old.id) (\(old.verdict ?? "unfinished")) to \(new.id) (\(new.verdict ?? "unfinished"))\n")
        let style = Style(enabled: ProcessEnvironment.wantsColour(1))
        for turned in Turned.allCases {
          let group = changes.filter { $0.turned == turned }
          if group.isEmpty { continue }
          let head = "turned \(turned.rawValue) (\(group.count))"
          Terminal.out("\n\(turned == .red ? style.red(head) : turned == .green ? style.green(head) : head)\n")
          for change in group {
            Terminal.out("  \(change.id): \(change.from ?? "not there") → \(change.to ?? "not there")\n")
          }
        }
        if changes.isEmpty { Terminal.out("\nnothing changed: \(after.count) results\n") }
      }
      return changes.contains { $0.turned == .red } ? ExitStatus.noGo : ExitStatus.go
    }
  }

  enum Turned: String, CaseIterable { case red, green, otherwise }

  /// Every control whose outcome is another. Red is whatever leaves *passed*, or comes as *failed*.
  static func changes(_ before: [(String, String)], _ after: [(String, String)]) -> [(
    id: String, from: String?, to: String?, turned: Turned
  )] {
    let old = Dictionary(before, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(after, uniquingKeysWith: { first, _ in first })
    let ids = after.map(\.0) + before.map(\.0).filter { new[$0] == nil }
    return ids.compactMap { id in
      let from = old[id]
      let to = new[id]
      if from == to { return nil }
      let turned: Turned =
        to == "failed" || from == "passed" ? .red : to == "passed" ? .green : .otherwise
      return (id, from, to, turned)
    }
  }

  static func verify(_ invocation: Invocation) -> Int32 {
    reading(invocation) { store throws(StoreError) in
      let runs: [EvidenceStore.Run]
      if let name = invocation.operands.first { runs = [try store.run(named: name)] } else { runs = try store.runs() }
      var broken = 0
      for run in runs {
        let problems = try store.verify(run)
        if problems.isEmpty {
          let seal = run.seal.map { "seal \($0)" } ?? "no seal: it never ended"
          Terminal.out("\(run.id): \(run.results) results as written; \(seal)\n")
        } else {
          broken += 1
          for problem in problems { Terminal.out("\(run.id): changed: \(problem)\n") }
        }
      }
      if runs.isEmpty { Terminal.error("the store holds no run\n") }
      return broken > 0 ? ExitStatus.noGo : ExitStatus.go
    }
  }

  private static func reading(_ invocation: Invocation, _ body: (EvidenceStore) throws(StoreError) -> Int32) -> Int32 {
    guard let store = StoreLocation.existing(invocation) else { return ExitStatus.notRun }
    do throws(StoreError) { return try body(store) } catch {
      Terminal.complain(error.message, mend: error.mend)
      return ExitStatus.notRun
    }
  }
}
