import GonogoCore
import GonogoStore
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite struct EvidenceStoreTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = FileSystem.join(directory.path, "evidence.sqlite3")
  }

  func header(_ started: Int64 = 1_700_000_000_000) -> EvidenceStore.Header {
    EvidenceStore.Header(
      file: "GO-LIVE.md", documentDigest: "00", environment: "staging", version: "test", started: started, controls: 2,
      excluded: 1)
  }

  func evidence(_ id: String, _ outcome: String) -> JSON {
    ["control": ["id": .string(id)], "outcome": .string(outcome)]
  }

  /// A whole run with these outcomes.
  @discardableResult
  func record(_ store: EvidenceStore, _ outcomes: [(String, String)], started: Int64 = 1_700_000_000_000) throws
    -> String
  {
    let run = try store.begin(header(started))
    for (position, (id, outcome)) in outcomes.enumerated() {
      try store.append(run: run, position: position, control: id, outcome: outcome, evidence: evidence(id, outcome))
    }
    try store.finish(run: run, verdict: "no-go", interrupted: false)
    return run
  }

  /// Changes the file behind the store's back, as an editor of evidence would.
  func tamper(_ sql: String) throws {
    let process = Subprocess(
      [
        "python3", "-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()",
        path, sql,
      ], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    let outcome = try process.run(milliseconds: 20_000)
    #expect(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
  }

  @Test func `what was written is read back, in order, under its digest`() throws {
    let store = try EvidenceStore(path: path)
    let run = try record(store, [("A", "passed"), ("B", "failed")])
    let found = try store.run(named: "latest")
    #expect(found.id == run)
    #expect(found.verdict == "no-go")
    let results = try store.results(of: found)
    #expect(results.map(\.control) == ["A", "B"])
    #expect(results[0].digest == Digest.hex(Digest.sha256(evidence("A", "passed").canonical)))
    #expect(try store.verify(found).isEmpty)
  }

  @Test func `the same evidence twice is kept once and counted twice`() throws {
    let store = try EvidenceStore(path: path)
    try record(store, [("A", "passed")])
    try record(store, [("A", "passed")])
    #expect(try store.runs().count == 2)
    #expect(try store.runs().allSatisfy { $0.results == 1 })
  }

  @Test func `a store that was closed without ceremony is read by the next process`() throws {
    var run = ""
    do {
      let store = try EvidenceStore(path: path)
      run = try store.begin(header())
      try store.append(run: run, position: 0, control: "A", outcome: "passed", evidence: evidence("A", "passed"))
    }
    let store = try EvidenceStore(path: path)
    let found = try store.run(named: run)
    #expect(found.verdict == nil)
    #expect(found.results == 1)
  }

  @Test(arguments: [
    "UPDATE results SET outcome = 'passed'", "DELETE FROM results", "UPDATE evidence SET body = x'7b7d'",
    "DELETE FROM evidence", "DELETE FROM runs", "UPDATE runs SET verdict = 'go'",
  ])
  func `the tables refuse to be changed`(sql: String) throws {
    do { try record(try EvidenceStore(path: path), [("A", "failed")]) }
    let process = Subprocess(
      ["python3", "-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2])", path, sql],
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    let outcome = try process.run(milliseconds: 20_000)
    #expect(String(decoding: outcome.error, as: UTF8.self).contains("cannot be"))
  }

  @Test func `evidence that was changed behind the triggers is found`() throws {
    do { try record(try EvidenceStore(path: path), [("A", "failed"), ("B", "passed")]) }
    try tamper(
      "DROP TRIGGER evidence_stays; UPDATE evidence SET body = x'7b7d' WHERE digest IN (SELECT digest FROM results WHERE control = 'A')"
    )
    let store = try EvidenceStore(path: path)
    #expect(try store.verify(store.run(named: "latest")).map { $0.hasPrefix("A: ") } == [true])
  }

  @Test func `a verdict that was changed behind the triggers breaks the seal`() throws {
    do { try record(try EvidenceStore(path: path), [("A", "failed")]) }
    try tamper("DROP TRIGGER runs_end_once; UPDATE runs SET verdict = 'go'")
    let store = try EvidenceStore(path: path)
    #expect(try store.verify(store.run(named: "latest")).contains { $0.contains("seal") })
  }

  @Test func `a result that was taken out breaks the seal, of this run and through the chain`() throws {
    do {
      let store = try EvidenceStore(path: path)
      try record(store, [("A", "failed"), ("B", "passed")])
      try record(store, [("A", "passed")], started: 1_700_000_100_000)
    }
    try tamper(
      "DROP TRIGGER results_remain; DELETE FROM results WHERE control = 'A' AND run = 1; "
        + "DROP TRIGGER runs_end_once; UPDATE runs SET seal = 'made anew' WHERE ordinal = 1")
    let store = try EvidenceStore(path: path)
    let problems = try store.runs().map { try store.verify($0) }
    #expect(problems.allSatisfy { !$0.isEmpty })
  }

  @Test func `a run is named by its beginning, and a wrong name is refused with a mend`() throws {
    let store = try EvidenceStore(path: path)
    let run = try record(store, [("A", "passed")])
    #expect(try store.run(named: String(run.prefix(20))).id == run)
    #expect(throws: StoreError.self) { try store.run(named: "latest~5") }
    #expect(throws: StoreError.self) { try store.run(named: "nothing") }
  }

  @Test func `a file that is no store is refused with its name`() throws {
    try directory.write(
      "this is a text, not a database, and long enough to be looked at as one", to: "evidence.sqlite3")
    let error = #expect(throws: StoreError.self) { _ = try EvidenceStore(path: path) }
    #expect(error?.description.contains(path) == true)
    #expect(error?.mend != nil)
  }
}
