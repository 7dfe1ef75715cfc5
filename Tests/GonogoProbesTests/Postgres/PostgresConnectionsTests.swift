import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// A connection that idles in a transaction until nobody holds it.
final class IdleTransaction: Sendable {
  private let connection: PostgresConnection

  init(_ url: String, statements: [String]) throws {
    let redactor = Redactor()
    let deadline = PostgresDeadline(milliseconds: 10_000)
    connection = try PostgresConnection.open(
      try PostgresTarget(Rendered(plain: url), redactor: redactor), deadline: deadline, redactor: redactor)
    let replies = try connection.exchange(
      (["BEGIN"] + statements).map { [PostgresStatement(sql: $0)] }, deadline: deadline)
    for reply in replies.joined() { if case .failed(let failure) = reply { throw failure } }
  }
}

@Suite(.enabled(if: EphemeralPostgres.isAvailable, "\(EphemeralPostgres.reason)")) struct PostgresConnectionsTests {
  private func run(_ expect: String, arguments: String = "{}", user: String = "postgres", password: String? = nil)
    async throws
    -> ProbeBench.Ran
  {
    await ProbeBench.run(
      binding: "postgres: { connections: \(arguments), database: '${DATABASE_URL}' }\nexpect: \(expect)",
      environment: ["DATABASE_URL": try EphemeralPostgres.shared().url(user: user, password: password)])
  }

  @Test func `the connections are counted`() async throws {
    let green = try await run(
      "{ limit: 200, superuser_reserved: 3, used: '>= 1', available: '>= 1', used_percent: '< 100', by_application.gonogo: '>= 1', active: '>= 1' }"
    )
    #expect(green.outcome == .passed, "\(green.outcome as Any)")
    #expect((green.witness["connections"] ?? 0) > 0)
    let red = try await run("{ limit: '>= 1000' }")
    #expect(red.mismatches.map(\.found) == ["200"])
  }

  @Test func `what is hidden is an error, not zero`() async throws {
    let server = try EphemeralPostgres.shared()
    try server.run("CREATE ROLE counting LOGIN PASSWORD 'counting-pa55'", database: "postgres")
    let holder = try IdleTransaction(server.url(), statements: ["SELECT 1"])
    let denied = try await run("{ idle_in_transaction: 0 }", user: "counting", password: "counting-pa55")
    #expect(denied.error?.kind == .denied)
    #expect(denied.error?.mend?.contains("pg_read_all_stats") == true)
    let counted = try await run(
      "{ used: '>= 2' }", arguments: "{ states: false }", user: "counting", password: "counting-pa55")
    #expect(counted.outcome == .passed)
    try server.run("GRANT pg_read_all_stats TO counting", database: "postgres")
    let seen = try await run(
      "{ idle_in_transaction: '>= 1', oldest_transaction_ms: '>= 0' }", user: "counting", password: "counting-pa55")
    #expect(seen.outcome == .passed, "\(seen.outcome as Any)")
    withExtendedLifetime(holder) {}
  }
}
