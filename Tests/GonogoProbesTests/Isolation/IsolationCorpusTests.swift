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
    if schema.expectations == [["safe"]] { #expect(result.findings.filter { !$0.isAdvisory }.isEmpty) }
    #expect(result.untouched["equal"] == true, "\(result.untouched)")
    // Each transcript runs as it stands: the attempts are those that succeeded.
    // A session of its own for each: a setting that was once given is never NULL again.
    let transcripts = result.leaks.map(\.transcript).joined(separator: "\\c -\n")
    if !transcripts.isEmpty { _ = try database.server.run(transcripts, database: database.name) }
  }

  @Test func `the corpus is as large as it is said to be`() {
    #expect(CorpusSchema.all.count >= 60)
    #expect(CorpusSchema.all.allSatisfy { !$0.expectations.isEmpty })
    #expect(CorpusSchema.all.filter { $0.expectations == [["safe"]] }.count >= 30)
  }
}
