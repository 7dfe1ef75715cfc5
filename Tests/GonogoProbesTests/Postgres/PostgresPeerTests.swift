import CSystem
import Glibc
import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Synchronization
import Testing

/// A listener on the loopback that says one thing to whoever comes, or nothing, and holds the connection.
private final class Peer: Sendable {
  let port: Int
  private let descriptor: Int32
  private let text: String?
  private let closing: Bool
  private let held = Mutex<[Int32]>([])

  init(saying text: String?, closing: Bool = false) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length)
        listen(descriptor, 16)
        getsockname(descriptor, generic, &length)
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
    self.descriptor = descriptor
    self.text = text
    self.closing = closing
    guard text != nil || closing else { return }
    // A thread, not a task: accept(2) would hold one of the few threads that tasks share.
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Peer>.fromOpaque(context!).takeRetainedValue().serve()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
  }

  private func serve() {
    while true {
      let client = accept(descriptor, nil, nil)
      if client < 0 { return }
      var buffer = [UInt8](repeating: 0, count: 1024)
      _ = read(client, &buffer, buffer.count)
      if let text { _ = FileSystem.writeAll(Array(text.utf8), to: client) }
      if closing { close(client) } else { held.withLock { $0.append(client) } }
    }
  }

  func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
    for client in held.withLock({ $0 }) { close(client) }
  }
}

@Suite(.enabled(if: EphemeralPostgres.isAvailable, "\(EphemeralPostgres.reason)")) struct PostgresPeerTests {
  private func look(
    _ url: String, query: String = "SELECT 1", timeout: String = "2s", variables: [String: String] = [:]
  ) async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "postgres: { query: \(query), database: '${DATABASE_URL}' }\nexpect: { value: 1 }\ntimeout: \(timeout)",
      environment: ["DATABASE_URL": url].merging(variables) { $1 })
  }

  @Test func `a wrong password is denied, and is not shown`() async throws {
    let server = try EphemeralPostgres.shared()
    let ran = await look(server.url(user: "postgres", password: "wr0ng-pass-w0rd"))
    #expect(ran.error?.kind == .denied)
    #expect(ran.error?.message == "127.0.0.1:\(server.port) refused the password of user 'postgres'")
    #expect(ran.error?.asked == "postgresql://postgres:[redacted]@127.0.0.1:\(server.port)/postgres")
    #expect(ran.error?.repeatCommand == "psql \"${DATABASE_URL}\" -c 'SELECT 1'")
    #expect(!"\(ran)".contains("wr0ng"))
  }

  @Test func `a database that is not there is not found`() async throws {
    let server = try EphemeralPostgres.shared()
    let ran = await look(server.url(database: "nowhere"))
    #expect(ran.error?.kind == .missing)
    #expect(ran.error?.message.contains("has no database 'nowhere'") == true)
  }

  @Test func `a user that is not there, or gives no password, is denied`() async throws {
    let server = try EphemeralPostgres.shared()
    #expect(await look(server.url(user: "stranger", password: "some-password")).error?.kind == .denied)
    #expect(await look(server.url(user: "stranger")).error?.kind == .denied)
  }

  @Test func `refused and unresolvable are unreachable`() async throws {
    let port = GuardedProcess.freePort()
    let refused = await look("postgresql://u:pass-word@127.0.0.1:\(port)/db")
    #expect(refused.error?.kind == .unreachable)
    #expect(refused.error?.message == "nothing listens on 127.0.0.1:\(port)")
    let unresolvable = await look("postgresql://u:pass-word@no-such-host.invalid/db")
    #expect(unresolvable.error?.kind == .unreachable)
    #expect(await look("postgresql:///db?host=/nowhere/at/all").error?.kind == .unreachable)
  }

  @Test func `a listener that never answers is timed out, with what it did`() async {
    let peer = Peer(saying: nil)
    defer { peer.stop() }
    for mode in ["disable", "prefer"] {
      let ran = await look("postgresql://u:pass-word@127.0.0.1:\(peer.port)/db?sslmode=\(mode)", timeout: "300ms")
      #expect(ran.error?.kind == .timedOut)
      #expect(ran.error?.message.contains("took the connection, and did not answer") == true, "\(ran.error as Any)")
    }
  }

  @Test func `what is no PostgreSQL is malformed`() async {
    let web = Peer(saying: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    defer { web.stop() }
    for mode in ["disable", "prefer"] {
      let ran = await look("postgresql://u:pass-word@127.0.0.1:\(web.port)/db?sslmode=\(mode)")
      #expect(ran.error?.kind == .malformed, "\(mode): \(ran.error as Any)")
    }
    let closing = Peer(saying: nil, closing: true)
    defer { closing.stop() }
    let ran = await look("postgresql://u:pass-word@127.0.0.1:\(closing.port)/db?sslmode=disable")
    #expect(ran.error?.kind == .malformed, "\(ran.error as Any)")
  }

  @Test func `TLS that the server does not have is told as TLS`() async throws {
    let server = try EphemeralPostgres.shared()
    #expect(await look("\(server.url())?sslmode=require").error?.kind == .tls)
  }

  @Test(arguments: [
    "postgresql://user:pa@ss-w0rd@db.invalid/x", "postgresql://user:pa/ss-w0rd@db.invalid/x",
    "postgresql://user:pa?ss-w0rd@db.invalid/x", "postgresql://user:pa#ss-w0rd@db.invalid/x",
    "postgresql://user:pa%zzss-w0rd@db.invalid/x", "host=db.invalid password=pa ss-w0rd user=x",
    "mysql://user:ss-w0rd@db.invalid/x", "ss-w0rd", "postgresql://user:pass-w0rd@db.invalid/x?nosuchkey=1",
  ]) func `a torn URI is refused, and no piece of its password is shown`(_ url: String) async {
    let ran = await look(url)
    #expect(ran.error?.kind == .configuration)
    #expect(!"\(ran)".contains("ss-w0rd"), "\(ran.error as Any)")
  }

  @Test func `keys and schemes of other drivers are passed over`() async throws {
    let server = try EphemeralPostgres.shared()
    #expect(await look("\(server.url())?pgbouncer=true&connection_limit=1").outcome == .passed)
    #expect(
      await look(server.url().replacing("postgresql://", with: "postgresql+asyncpg://")).outcome == .passed)
    let keywords = "host=\(server.socketDirectory) port=\(server.port) user=postgres dbname=postgres"
    #expect(await look(keywords).outcome == .passed)
  }

  @Test func `a secret never comes out, whatever echoes it`() async throws {
    let server = try EphemeralPostgres.shared()
    let secret = "tok3n-never-shown"
    for query in [
      "\"SELECT 1 WHERE $1::text IS NOT NULL\"", "\"SELECT $1::text\"", "\"SELECT $1::int\"",
      "\"SELECT encode(convert_to($1, 'UTF8'), 'base64')\"",
    ] {
      let ran = await ProbeBench.run(
        binding:
          "postgres: { query: \(query), parameters: ['${API_TOKEN}'], database: '${DATABASE_URL}' }\nexpect: { value: 1 }",
        environment: ["DATABASE_URL": server.url(), "API_TOKEN": secret])
      #expect(!ran.results.isEmpty)
      #expect(!"\(ran)".contains(secret))
      #expect(!"\(ran)".contains(server.superuserPassword))
      let command = ran.repeatCommand ?? ran.error?.repeatCommand
      #expect(command?.contains("'${API_TOKEN}'") == true, "\(command ?? "none")")
    }
  }

  @Test func `a server that goes away is unreachable, and one that came back is found`() async throws {
    let server = try EphemeralPostgres.shared()
    let name = try server.createDatabase(named: "leaving")
    let ran = await look(name, query: "SELECT pg_terminate_backend(pg_backend_pid())::int")
    #expect(ran.error?.kind == .unreachable)
    // The pool's connection is cut while it lies idle; the next use takes a new one.
    let document = """
      ---
      gonogo: 1
      environments: { test: { database: '${DATABASE_URL}' } }
      ---
      - [ ] **P-1** one
        ```yaml gonogo
        postgres: SELECT 1
        expect: { value: 1 }
        ```
      - [ ] **P-2** cut
        ```yaml gonogo
        postgres:
          query: SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'leaving'
          database: ${ADMIN_URL}
        expect: { value: 1 }
        needs: [P-1]
        ```
      - [ ] **P-3** again
        ```yaml gonogo
        postgres: SELECT 1
        expect: { value: 1 }
        needs: [P-2]
        ```
      """
    let all = await ProbeBench.run(
      document: document, environment: ["DATABASE_URL": name, "ADMIN_URL": server.url()])
    #expect(all.results.map(\.outcome) == [.passed, .passed, .passed], "\(all)")
  }

  @Test(.enabled(if: Subprocess.find("pgbouncer") != nil, "pgbouncer is not installed: apt-get install pgbouncer"))
  func `a pooler in transaction mode is no hindrance`() async throws {
    let server = try EphemeralPostgres.shared()
    try server.createDatabase(
      named: "pooled", sql: "CREATE ROLE pooled_member; CREATE TABLE t (a int); CREATE INDEX i ON t (a);")
    let directory = try GuardedProcess.unprivilegedDirectory(prefix: "gonogo-pgbouncer")
    let port = GuardedProcess.freePort()
    let configuration = """
      [databases]
      * = host=\(server.socketDirectory) port=\(server.port) user=postgres
      [pgbouncer]
      listen_addr = 127.0.0.1
      listen_port = \(port)
      unix_socket_dir =
      auth_type = any
      pool_mode = transaction
      default_pool_size = 2
      """
    try FileSystem.writeAtomically(Array(configuration.utf8), to: "\(directory)/pgbouncer.ini")
    chmod("\(directory)/pgbouncer.ini", 0o644)
    let pooler = try GuardedProcess(
      GuardedProcess.unprivileged(["pgbouncer", "-q", "\(directory)/pgbouncer.ini"]), directory: directory,
      stopSignal: "TERM")
    defer { pooler.stop() }
    let url = "postgresql://postgres@127.0.0.1:\(port)/pooled"
    for _ in 0..<200 where await look(url).error?.kind == .unreachable { usleep(10_000) }
    let lines = (1...40).map { number in
      """
      - [ ] **Q-\(number)** line
        ```yaml gonogo
        postgres: { query: "SELECT current_setting('app.n') || current_user", settings: { app.n: n\(number) }, role: pooled_member }
        expect: { value: n\(number)pooled_member }
        ```
      - [ ] **R-\(number)** nothing stays
        ```yaml gonogo
        postgres: "SELECT current_user || coalesce(current_setting('app.n', true), '') || current_setting('statement_timeout')"
        expect: { value: postgres0 }
        ```
      - [ ] **S-\(number)** the catalogue
        ```yaml gonogo
        postgres: { schema: { indexes: [CREATE INDEX i ON t (a)] } }
        ```

      """.replacing("|| current_setting('statement_timeout')", with: "|| '0'")
    }
    let ran = await ProbeBench.run(
      document: "---\ngonogo: 1\nenvironments: { test: { database: '${DATABASE_URL}' } }\n---\n\(lines.joined())",
      environment: ["DATABASE_URL": url])
    #expect(ran.results.count == 120)
    #expect(ran.results.allSatisfy { $0.outcome == .passed }, "\(ran.results.first { $0.outcome != .passed } as Any)")
  }
}
