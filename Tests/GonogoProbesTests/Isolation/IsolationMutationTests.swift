import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// The proof, put to the proof: every fault that is put into a schema must turn it red.
@Suite(.serialized, .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationMutationTests {
  /// The result of a schema's mutants, on a database of its own.
  private func mutate(_ schema: CorpusSchema, timeout: Int = 60_000) throws -> IsolationResult {
    let database = try CorpusDatabases.make(schema)
    defer { _ = try? database.server.run("DROP DATABASE \(database.name)", database: "postgres") }
    var options = IsolationProof.Options()
    options.timeout = timeout
    options.mutates = true
    options.isScratch = true
    if let role = schema.role { options.corrections.memberRoles = [role] }
    return try IsolationCheck.run(database: database.url, options: options, redactor: Redactor())
  }

  @Test func `survey`() throws {
    for schema in CorpusSchema.all where schema.expectations == [["safe"]] {
      let start = SystemClock().ticks()
      let result = try mutate(schema)
      let report = try #require(result.mutation)
      print("== \(schema.name) \(SystemClock().ticks() - start) ms leaks \(result.leaks.count) \(result.untouched["equal"] == true)")
      print(report.text)
    }
  }
}
