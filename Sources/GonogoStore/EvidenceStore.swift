public import GonogoCore
import GonogoSystem
import Synchronization

/// The evidence of every run, in one SQLite file, written as it happens.
///
/// * Each result is the canonical JSON of ``Evidence`` under its SHA-256; equal evidence is kept once.
/// * A result is committed before the runner goes on, in write-ahead mode: a `kill -9` loses nothing that had finished.
/// * Evidence and results can be added and never changed: triggers refuse it, and whoever goes round them is found out by
///   ``verify(_:)``, because the digests no longer fit. Each finished run has a *seal*: the SHA-256 of its header, its
///   results' digests, its verdict and the seal before it. To change an old run unseen, every later seal must be made anew;
///   a seal that was copied elsewhere (a CI log, a ticket) shows it all the same.
public final class EvidenceStore: Sendable {
  /// What is known of a run before it begins.
  public struct Header: Sendable, Equatable {
    public let file: String
    public let documentDigest: String
    public let environment: String?
    public let version: String
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let started: Int64
    /// How many controls the run is about, and how many its selection left out.
    public let controls: Int
    public let excluded: Int

    public init(
      file: String, documentDigest: String, environment: String?, version: String, started: Int64, controls: Int,
      excluded: Int
    ) {
      self.file = file
      self.documentDigest = documentDigest
      self.environment = environment
      self.version = version
      self.started = started
      self.controls = controls
      self.excluded = excluded
    }

    var json: JSON {
      [
        "schema": "gonogo.run/1", "file": .string(file), "document_sha256": .string(documentDigest),
        "environment": JSON(orNull: environment), "version": .string(version),
        "started": .string(Timestamp.format(started)), "controls": JSON(controls), "excluded": JSON(excluded),
      ]
    }
  }

  /// A run, as it is kept.
  public struct Run: Sendable, Equatable {
    public let id: String
    public let header: JSON
    /// `nil` for a run that was killed before it ended.
    public let verdict: String?
    public let interrupted: Bool
    public let seal: String?
    public let results: Int
    let ordinal: Int64

    public var file: String { header["file"]?.stringValue ?? "" }
    public var started: String { header["started"]?.stringValue ?? "" }
    public var environment: String? { header["environment"]?.stringValue }
    public var controls: Int { header["controls"]?.integerValue ?? 0 }

    public var json: JSON {
      [
        "id": .string(id), "run": header, "verdict": JSON(orNull: verdict), "interrupted": .bool(interrupted),
        "finished": .bool(verdict != nil), "results": JSON(results), "seal": JSON(orNull: seal),
      ]
    }
  }

  public struct StoredResult: Sendable, Equatable {
    public let control: String
    public let outcome: String
    public let digest: String
    public let evidence: JSON
  }

  private struct State: ~Copyable {
    let database: SQLiteDatabase
  }

  public let path: String
  private let state: Mutex<State>

  /// Opens the store, and makes it where there is none.
  ///
  /// - Throws: ``StoreError``.
  public init(path: String) throws(StoreError) {
    self.path = path
    do { try FileSystem.makeDirectory(FileSystem.directory(of: path)) } catch {
      throw StoreError(path: path, message: error.description, mend: "name another place with --store")
    }
    let database = try SQLiteDatabase(path: path, readOnly: false)
    try Self.prepare(database)
    state = Mutex(State(database: database))
  }

  /// The version of the tables, in SQLite's `user_version`.
  private static let version: Int64 = 1

  private static func prepare(_ database: SQLiteDatabase) throws(StoreError) {
    let found = try database.query("PRAGMA user_version").first?.first?.integer ?? 0
    if found > version {
      throw StoreError(
        path: database.path, message: "the store was made by a newer gonogo (format \(found))", mend: "update gonogo")
    }
    try database.query("PRAGMA journal_mode = WAL")
    // NORMAL: in write-ahead mode a killed process loses nothing; only a power cut may take the last commits.
    // The log is put into the file when the run ends, or has grown to 64 MiB. Digests fall anywhere in their table, so that
    // a cache smaller than it is missed at nearly every result.
    try database.execute(
      "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 16000; PRAGMA cache_size = -32000"
    )
    if found == version { return }
    try database.transaction { () throws(StoreError) in
      try database.execute(
        """
        CREATE TABLE IF NOT EXISTS runs (
          ordinal INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, header BLOB NOT NULL,
          verdict TEXT, interrupted INTEGER NOT NULL DEFAULT 0, seal TEXT);
        CREATE TABLE IF NOT EXISTS evidence (digest TEXT NOT NULL PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS results (
          run INTEGER NOT NULL REFERENCES runs (ordinal), position INTEGER NOT NULL, control TEXT NOT NULL,
          outcome TEXT NOT NULL, digest TEXT NOT NULL REFERENCES evidence (digest), PRIMARY KEY (run, position)) WITHOUT ROWID;
        CREATE TRIGGER IF NOT EXISTS evidence_stays BEFORE UPDATE ON evidence
          BEGIN SELECT RAISE(ABORT, 'evidence cannot be changed'); END;
        CREATE TRIGGER IF NOT EXISTS evidence_remains BEFORE DELETE ON evidence
          BEGIN SELECT RAISE(ABORT, 'evidence cannot be removed'); END;
        CREATE TRIGGER IF NOT EXISTS results_stay BEFORE UPDATE ON results
          BEGIN SELECT RAISE(ABORT, 'results cannot be changed'); END;
        CREATE TRIGGER IF NOT EXISTS results_remain BEFORE DELETE ON results
          BEGIN SELECT RAISE(ABORT, 'results cannot be removed'); END;
        CREATE TRIGGER IF NOT EXISTS runs_end_once BEFORE UPDATE ON runs WHEN old.verdict IS NOT NULL
          BEGIN SELECT RAISE(ABORT, 'a run that has ended cannot be changed'); END;
        CREATE TRIGGER IF NOT EXISTS runs_remain BEFORE DELETE ON runs
          BEGIN SELECT RAISE(ABORT, 'runs cannot be removed'); END;
        PRAGMA user_version = \(version);
        """)
    }
  }

  // MARK: Writing

  /// Begins a run. Its name sorts by time: `20261121T115400Z-3f9c`.
  public func begin(_ header: Header) throws(StoreError) -> String {
    let stamp = Timestamp.format(header.started).filter { $0 != "-" && $0 != ":" }.prefix(15)
    let id = "\(stamp)Z-\(Digest.hex(Digest.random(2)))"
    try with { database throws(StoreError) in
      try database.query(
        "INSERT INTO runs (id, header) VALUES (?, ?)", [.text(id), .blob(header.json.canonical)])
    }
    return id
  }

  /// Keeps one result; when this returns, it is kept.
  ///
  /// - Returns: the SHA-256 of its evidence, in hexadecimal.
  @discardableResult
  public func append(run: String, position: Int, control: String, outcome: String, evidence: JSON) throws(StoreError)
    -> String
  {
    let entry = Entry(position: position, control: control, outcome: outcome, evidence: evidence)
    return try append(run: run, [entry])[0]
  }

  /// A result to keep.
  public struct Entry: Sendable {
    public let position: Int
    public let control: String
    public let outcome: String
    public let evidence: JSON

    public init(position: Int, control: String, outcome: String, evidence: JSON) {
      self.position = position
      self.control = control
      self.outcome = outcome
      self.evidence = evidence
    }
  }

  /// Keeps results in one transaction; when this returns, all are kept.
  ///
  /// - Returns: the SHA-256 of the evidence of each, in hexadecimal.
  @discardableResult
  public func append(run: String, _ entries: [Entry]) throws(StoreError) -> [String] {
    let bodies = entries.map(\.evidence.canonical)
    let digests = bodies.map { Digest.hex(Digest.sha256($0)) }
    try with { database throws(StoreError) in
      try database.transaction { () throws(StoreError) in
        for (index, entry) in entries.enumerated() {
          try database.query(
            "INSERT OR IGNORE INTO evidence (digest, body) VALUES (?, ?)",
            [.text(digests[index]), .blob(bodies[index])])
          try database.query(
            """
            INSERT INTO results (run, position, control, outcome, digest)
            SELECT ordinal, ?, ?, ?, ? FROM runs WHERE id = ?
            """,
            [
              .integer(Int64(entry.position)), .text(entry.control), .text(entry.outcome), .text(digests[index]),
              .text(run),
            ])
        }
      }
    }
    return digests
  }

  /// Ends and seals a run.
  ///
  /// - Returns: the seal.
  @discardableResult
  public func finish(run: String, verdict: String, interrupted: Bool) throws(StoreError) -> String {
    let result: Result<String, StoreError> = state.withLock { state in
      do throws(StoreError) {
        let database = state.database
        // SQLite's own bound again: where this run has filled the log beyond it, the commit below empties it.
        try database.execute("PRAGMA wal_autocheckpoint = 1000")
        defer { try? database.execute("PRAGMA wal_autocheckpoint = 16000") }
        var seal = ""
        try database.transaction { () throws(StoreError) in
          guard let row = try database.query("SELECT ordinal, header FROM runs WHERE id = ?", [.text(run)]).first,
            let ordinal = row[0].integer, let header = row[1].blob
          else { throw StoreError(path: path, message: "there is no run \(run)", mend: nil) }
          seal = try Self.seal(
            database, ordinal: ordinal, header: header, verdict: verdict, interrupted: interrupted)
          try database.query(
            "UPDATE runs SET verdict = ?, interrupted = ?, seal = ? WHERE ordinal = ?",
            [.text(verdict), .integer(interrupted ? 1 : 0), .text(seal), .integer(ordinal)])
        }
        return .success(seal)
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func seal(
    _ database: SQLiteDatabase, ordinal: Int64, header: [UInt8], verdict: String, interrupted: Bool
  ) throws(StoreError) -> String {
    let before = try database.query(
      "SELECT seal FROM runs WHERE ordinal < ? AND seal IS NOT NULL ORDER BY ordinal DESC LIMIT 1", [.integer(ordinal)])
    let results = try database.query(
      "SELECT position, digest FROM results WHERE run = ? ORDER BY position", [.integer(ordinal)])
    let content: JSON = [
      "schema": "gonogo.seal/1", "previous": JSON(orNull: before.first?.first?.text),
      "header_sha256": .string(Digest.hex(Digest.sha256(header))), "verdict": .string(verdict),
      "interrupted": .bool(interrupted),
      "results": .array(results.map { [.integer($0[0].integer ?? 0), .string($0[1].text ?? "")] }),
    ]
    return Digest.hex(Digest.sha256(content.canonical))
  }

  // MARK: Reading

  /// The runs, the newest first.
  public func runs(limit: Int = Int.max) throws(StoreError) -> [Run] {
    try read { database throws(StoreError) in
      try Self.runs(database, "ORDER BY ordinal DESC LIMIT ?", [.integer(Int64(limit))])
    }
  }

  /// The run that a person means: its id, the beginning of one, `latest`, or `latest~2` for the second before it.
  ///
  /// - Throws: ``StoreError`` where there is none, or more than one.
  public func run(named name: String) throws(StoreError) -> Run {
    let all = try runs()
    if all.isEmpty {
      throw StoreError(path: path, message: "the store holds no run", mend: "run `gonogo check FILE` first")
    }
    if name == "latest" || name.hasPrefix("latest~") {
      let back = name == "latest" ? 0 : Int(name.dropFirst(7)) ?? -1
      guard all.indices.contains(back) else {
        throw StoreError(
          path: path, message: "there is no run '\(name)'; the store holds \(all.count)",
          mend: "`gonogo runs` lists them")
      }
      return all[back]
    }
    let found = all.filter { $0.id == name || $0.id.hasPrefix(name) }
    if found.count == 1 { return found[0] }
    let near = Suggestion.nearest(to: name, in: all.map(\.id))
    throw StoreError(
      path: path,
      message: found.isEmpty ? "there is no run '\(name)'" : "'\(name)' is the beginning of \(found.count) runs",
      mend: found.isEmpty ? near.map { "did you mean '\($0)'?" } ?? "`gonogo runs` lists them" : "write more of it")
  }

  public func results(of run: Run) throws(StoreError) -> [StoredResult] {
    try read { database throws(StoreError) in
      let rows = try database.query(
        """
        SELECT r.control, r.outcome, r.digest, e.body FROM results r JOIN evidence e ON e.digest = r.digest
        WHERE r.run = ? ORDER BY r.position
        """, [.integer(run.ordinal)])
      var results: [StoredResult] = []
      for row in rows {
        let body = row[3].blob ?? []
        let evidence: JSON
        do { evidence = try JSON.parse(body) } catch {
          throw StoreError(
            path: database.path, message: "the evidence of \(row[0].text ?? "") is damaged: \(error)",
            mend: "`gonogo verify` tells what else is")
        }
        results.append(
          StoredResult(
            control: row[0].text ?? "", outcome: row[1].text ?? "", digest: row[2].text ?? "", evidence: evidence))
      }
      return results
    }
  }

  /// What does not fit in a run: evidence that is not what its digest says, a result whose row says otherwise than its
  /// evidence, a seal that is not that of the results. Empty where all is as it was written.
  public func verify(_ run: Run) throws(StoreError) -> [String] {
    try read { database throws(StoreError) in
      var problems: [String] = []
      let rows = try database.query(
        """
        SELECT r.position, r.control, r.outcome, r.digest, e.body FROM results r LEFT JOIN evidence e ON e.digest = r.digest
        WHERE r.run = ? ORDER BY r.position
        """, [.integer(run.ordinal)])
      for row in rows {
        let control = row[1].text ?? ""
        guard let body = row[4].blob else {
          problems.append("\(control): its evidence is missing")
          continue
        }
        if Digest.hex(Digest.sha256(body)) != row[3].text {
          problems.append("\(control): the evidence is not what was written (its SHA-256 differs)")
          continue
        }
        let evidence = try? JSON.parse(body)
        if evidence?["outcome"]?.stringValue != row[2].text || evidence?["control"]?["id"]?.stringValue != row[1].text {
          problems.append("\(control): the result's row says otherwise than its evidence")
        }
      }
      guard let verdict = run.verdict else { return problems }
      let header = try database.query("SELECT header FROM runs WHERE ordinal = ?", [.integer(run.ordinal)])
      let seal = try Self.seal(
        database, ordinal: run.ordinal, header: header.first?.first?.blob ?? [], verdict: verdict,
        interrupted: run.interrupted)
      if seal != run.seal {
        problems.append("the seal does not fit: a header, a result, the verdict or the run before it was changed")
      }
      return problems
    }
  }

  private static func runs(_ database: SQLiteDatabase, _ clause: String, _ values: [SQLiteDatabase.Value])
    throws(StoreError) -> [Run]
  {
    try database.query(
      """
      SELECT ordinal, id, header, verdict, interrupted, seal,
        (SELECT count(*) FROM results WHERE run = runs.ordinal) FROM runs \(clause)
      """, values
    ).map { row in
      Run(
        id: row[1].text ?? "", header: (try? JSON.parse(row[2].blob ?? [])) ?? .null, verdict: row[3].text,
        interrupted: row[4].integer == 1, seal: row[5].text, results: Int(row[6].integer ?? 0),
        ordinal: row[0].integer ?? 0)
    }
  }

  private func with(_ body: (SQLiteDatabase) throws(StoreError) -> Void) throws(StoreError) {
    let result: Result<Void, StoreError> = state.withLock { state in
      do throws(StoreError) { return .success(try body(state.database)) } catch { return .failure(error) }
    }
    try result.get()
  }

  private func read<Value: Sendable>(_ body: (SQLiteDatabase) throws(StoreError) -> Value) throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = state.withLock { state in
      do throws(StoreError) { return .success(try body(state.database)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
