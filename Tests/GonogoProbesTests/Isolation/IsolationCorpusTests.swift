import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Synchronization
import Testing

/// A small schema with a known leak, or a known absence, and what its header says of it.
struct CorpusSchema: Sendable, CustomTestStringConvertible {
  let name: String
  let sql: String
  let platform: String
  let role: String?
  let expectations: [[String]]
  var testDescription: String { name }

  static let folder = "\(GonogoBinary.packageRoot)/Tests/GonogoProbesTests/Isolation/Corpus"

  static let all: [CorpusSchema] = ((try? FileSystem.list(folder)) ?? []).filter { $0.hasSuffix(".sql") }.map { file in
    let sql = (try? FileSystem.read("\(folder)/\(file)")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    func headers(_ name: String) -> [String] {
      sql.split(separator: "\n").filter { $0.hasPrefix("-- \(name): ") }.map { String($0.dropFirst(name.count + 5)) }
    }
    return CorpusSchema(
      name: String(file.dropLast(4)), sql: sql, platform: headers("platform").first ?? "plain",
      role: headers("role").first,
      expectations: headers("expect").map { $0.split(separator: " ").map(String.init) })
  }

  func expected(_ word: String) -> Set<String> {
    Set(expectations.filter { $0.first == word }.map { $0.dropFirst().joined(separator: " ") })
  }

  static let principals: Set<String> = ["member", "admin", "no-tenant", "no-identity", "anonymous", "owner"]

  var isSafe: Bool { expectations.contains(["safe"]) }
  /// `documents SELECT copy`: ways that must be among those that worked.
  var kinds: Set<String> { expected("kind") }
  /// `documents SELECT`: leaks whose mend is said in words, because no statement alone closes them.
  var wordedMends: Set<String> { expected("words") }

  /// `documents SELECT`, for every leak that is to be found, and no other.
  var leaks: Set<String> {
    Set(
      expectations.filter { $0.first == "leak" }.flatMap { words in
        words.dropFirst(2).filter { !Self.principals.contains($0) }.map { "\(words[1]) \($0)" }
      })
  }
  /// `documents SELECT anonymous`: principals that must be among those who can.
  var leaksByPrincipal: Set<String> {
    Set(
      expectations.filter { $0.first == "leak" }.flatMap { words in
        let commands = words.dropFirst(2).filter { !Self.principals.contains($0) }
        return words.dropFirst(2).filter { Self.principals.contains($0) }.flatMap { principal in
          commands.map { "\(words[1]) \($0) \(principal)" }
        }
      })
  }
}

/// The databases that the corpus is copied from, made once.
enum CorpusDatabases {
  private static let made = Mutex<Set<String>>([])

  static func make(_ schema: CorpusSchema) throws -> (url: String, name: String, server: EphemeralPostgres) {
    let server = try EphemeralPostgres.shared()
    let template = "corpus_\(schema.platform)"
    try made.withLock { made in
      guard made.insert(template).inserted else { return }
      let prelude = String(
        decoding: try FileSystem.read("\(CorpusSchema.folder)/_\(schema.platform).prelude"), as: UTF8.self)
      try server.createDatabase(named: template, sql: prelude)
    }
    let name = "corpus_\(schema.name)"
    try made.withLock { _ in _ = try server.run("CREATE DATABASE \(name) TEMPLATE \(template)", database: "postgres") }
    try server.run("SET client_min_messages = error;\n\(schema.sql)", database: name)
    return (server.url(database: name), name, server)
  }
}

/// One schema at a time: each waits for the server on a thread that other tests need, too.
@Suite(.serialized, .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationCorpusTests {
  /// Every leak of the corpus is found, and nothing else is accused; each leak's transcript runs; nothing stays behind.
  @Test(arguments: CorpusSchema.all) func `the proof says what the header says`(_ schema: CorpusSchema) throws {
    let database = try CorpusDatabases.make(schema)
    defer { _ = try? database.server.run("DROP DATABASE \(database.name)", database: "postgres") }
    var options = IsolationProof.Options()
    if let role = schema.role { options.corrections.memberRoles = [role] }
    let result: IsolationResult
    do throws(ProbeError) {
      result = try IsolationCheck.run(database: database.url, options: options, redactor: Redactor())
    } catch {
      #expect(schema.expectations == [["refused"]], "\(error.message)")
      return
    }
    #expect(!schema.expectations.contains(["refused"]))
    #expect(Set(result.leaks.map { "\($0.table) \($0.command)" }) == schema.leaks)
    #expect(schema.leaksByPrincipal.isSubset(of: result.leaks.map { "\($0.table) \($0.command) \($0.principal)" }))
    #expect(Set(result.unproven.map(\.table)) == schema.expected("unproven"), "\(result.unproven)")
    #expect(Set(result.broken.map(\.table)) == schema.expected("broken"), "\(result.broken)")
    let findings = Set(result.findings.map { "\($0.rule) \($0.object)" })
    #expect(schema.expected("finding").isSubset(of: findings))
    let rules = Set(result.findings.map(\.rule))
    #expect(schema.expected("no").isDisjoint(with: rules))
    if schema.isSafe { #expect(result.findings.filter { !$0.isAdvisory }.isEmpty) }
    #expect(result.untouched["equal"] == true, "\(result.untouched)")
    #expect(
      schema.kinds.isSubset(
        of: result.leaks.flatMap { leak in leak.kinds.map { "\(leak.table) \(leak.command) \($0)" } }))
    if result.leaks.isEmpty { return }
    // Each transcript, in a session of its own, says of itself that it shows a leak: a setting once given is never NULL
    // again in its session.
    let script = result.leaks.enumerated().map { "\\c -\n\\echo @@\($0.offset)\n\($0.element.transcript)" }.joined()
    let output = try database.server.run(script, database: database.name)
    let parts = output.split(separator: "@@").dropFirst(output.hasPrefix("@@") ? 0 : 1)
    #expect(parts.count == result.leaks.count)
    for part in parts {
      let leak = result.leaks[Int(part.prefix { $0.isNumber }) ?? 0]
      let verdicts = part.split(separator: "\n").filter { $0.hasPrefix("LEAK: ") || $0 == "no leak" }
      #expect(verdicts.count == 1 && verdicts[0] != "no leak", "\(part)\n\(leak.transcript)")
    }
    try checkMends(schema, database, options, result)
  }

  /// Whoever is told of a leak is told how to close it: the SQL that is printed does, and takes nothing from the owner.
  private func checkMends(
    _ schema: CorpusSchema, _ database: (url: String, name: String, server: EphemeralPostgres),
    _ options: IsolationProof.Options, _ result: IsolationResult
  ) throws {
    func cell(_ leak: IsolationResult.Leak) -> String { "\(leak.table) \(leak.command) \(leak.principal)" }
    func isWords(_ mend: String) -> Bool { mend.split(separator: "\n").allSatisfy { $0.hasPrefix("-- ") } }
    func leaks(afterwards sql: String) throws -> IsolationResult {
      let name = "\(database.name)_mended"
      _ = try database.server.run("CREATE DATABASE \(name) TEMPLATE \(database.name)", database: "postgres")
      defer { _ = try? database.server.run("DROP DATABASE \(name)", database: "postgres") }
      _ = try database.server.run("SET client_min_messages = error;\n\(sql)", database: name)
      return try IsolationCheck.run(
        database: database.server.url(database: name), options: options, redactor: Redactor())
    }
    let groups = Dictionary(grouping: result.leaks, by: \.mend).sorted { $0.key < $1.key }
    for (mend, mine) in groups {
      #expect(!mend.isEmpty)
      #expect(isWords(mend) == mine.allSatisfy { schema.wordedMends.contains("\($0.table) \($0.command)") }, "\(mend)")
      if isWords(mend) { continue }
      let after: IsolationResult
      do { after = try leaks(afterwards: mend) } catch {
        Issue.record("\(mine.map(cell)): \(error)\n\(mend)")
        continue
      }
      let left = Set(after.leaks.map(cell)).intersection(mine.map(cell))
      #expect(left.isEmpty, "\(left.sorted()) after\n\(mend)")
      // A condition that failed with an error may have kept a principal from what another policy lets pass.
      let before = Set(result.leaks.map { "\($0.table) \($0.command)" })
      let others = after.leaks.filter { !before.contains("\($0.table) \($0.command)") }.map(cell)
      #expect(others.isEmpty, "opened: \(others) by\n\(mend)")
      #expect(after.broken.count <= result.broken.count, "\(after.broken) after\n\(mend)")
      let unproven = Set(after.unproven.map(\.table)).subtracting(result.unproven.map(\.table))
      #expect(unproven.subtracting(result.leaks.map(\.table)).isEmpty, "\(after.unproven) after\n\(mend)")
    }
  }

  @Test func `the corpus is as large as it is said to be`() {
    #expect(CorpusSchema.all.count >= 60)
    #expect(CorpusSchema.all.allSatisfy { !$0.expectations.isEmpty })
    #expect(CorpusSchema.all.filter(\.isSafe).count >= 30)
  }
}
