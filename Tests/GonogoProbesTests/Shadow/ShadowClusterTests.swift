import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

private let available = EphemeralPostgres.isAvailable

@Suite(.enabled(if: available, "PostgreSQL's server is not installed: apt-get install postgresql-15"))
struct ShadowClusterTests {
  private func deadline() -> PostgresDeadline { PostgresDeadline(milliseconds: 60_000) }

  @Test func `a cluster opens no port, stands beside another, and leaves nothing`() throws {
    let one = try ShadowCluster(deadline: deadline())
    let two = try ShadowCluster(deadline: deadline())
    #expect(one.socketDirectory != two.socketDirectory)
    for cluster in [one, two] {
      let connection = try ShadowConnection.open(cluster.options(database: "postgres"), deadline: deadline())
      #expect(try connection.rows("SHOW listen_addresses", deadline: deadline()) == [[""]])
      #expect(try connection.rows("SHOW fsync", deadline: deadline()) == [["off"]])
    }
    #expect(try FileSystem.status(one.socketDirectory).mode == 0o700)
    one.stop()
    two.stop()
    #expect(!FileSystem.exists(one.socketDirectory))
    #expect(!FileSystem.exists(two.socketDirectory))
  }

  @Test func `from the template it starts in a fraction of a second`() throws {
    try ShadowCluster(deadline: deadline()).stop()
    let started = PostgresDeadline.ticks()
    let cluster = try ShadowCluster(deadline: deadline())
    let taken = PostgresDeadline.ticks() - started
    cluster.stop()
    // Measured 0.1 s; a machine that does other things as well gets its time.
    #expect(taken < 3000)
  }

  @Test func `a copy is another database, and the first keeps what it had`() throws {
    let repository = try Repository(["m/1.sql": "CREATE TABLE a (id int); INSERT INTO a VALUES (1)"])
    var options = ShadowOptions(source: .migrations(["m"]))
    options.directory = repository.root
    let database = try ShadowDatabase.build(options, deadline: deadline())
    defer { database.close() }
    let copy = try database.copy(deadline: deadline())
    let inside = try ShadowConnection.open(copy, deadline: deadline())
    _ = try inside.run("DELETE FROM a", deadline: deadline())
    let original = try ShadowConnection.open(database.connection, deadline: deadline())
    #expect(try original.rows("SELECT count(*) FROM a", deadline: deadline()) == [["1"]])
    #expect(try inside.rows("SELECT count(*) FROM a", deadline: deadline()) == [["0"]])
  }

  @Test func `on a named server it is a database of its own, dropped with what it brought`() async throws {
    let server = try EphemeralPostgres.shared()
    let repository = try Repository(["supabase/1_a.sql": "CREATE TABLE a (id int)"])
    func left() throws -> String {
      try server.run(
        "SELECT (SELECT count(*) FROM pg_database WHERE datname LIKE 'gonogo_shadow%') || ' ' || (SELECT count(*) FROM pg_roles WHERE rolname = 'supabase_functions_admin')",
        database: "postgres")
    }
    let ran = await repository.shadow("migrations: supabase\nserver: \(server.url())")
    #expect(ran.outcome == .passed, "\(ran.outcome.map { "\($0)" } ?? "")")
    #expect(try left() == "0 0")
  }

  @Test func `controls with the same source share one shadow`() async throws {
    let repository = try Repository(["m/1.sql": "SELECT pg_sleep(0.2)"])
    let block = "  ```yaml gonogo\n  shadow: m\n  timeout: 60s\n  ```\n"
    let started = PostgresDeadline.ticks()
    let ran = await ProbeBench.run(
      document: (1...8).map { "- [ ] **T-\($0)** a line\n\(block)" }.joined(), directory: repository.root)
    #expect(ran.results.allSatisfy { $0.outcome == .passed })
    // Eight of them, one after the other, would sleep eight times as long besides.
    let durations = ran.results.compactMap { $0.checks.first?.facts["migrations"]?.arrayValue?.first?["duration_ms"] }
    #expect(Set(durations.map { "\($0)" }).count == 1)
    #expect(PostgresDeadline.ticks() - started < 30_000)
  }

  @Test func `a gonogo that is killed leaves no server and no directory`() async throws {
    let repository = try Repository([
      "m/1.sql": "SELECT pg_sleep(60)",
      "list.md": "- [ ] **T-1** x\n  ```yaml gonogo\n  shadow: m\n  timeout: 60s\n  ```\n",
    ])
    let place = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-kill")
    defer { try? FileSystem.remove(place) }
    // The shell writes its number and becomes gonogo, which is then killed as nothing can be prepared for.
    let pidFile = "\(place)/pid"
    let binary = GonogoBinary.path
    let script = "echo $$ > \(pidFile); exec \(binary) check --no-store -q list.md"
    let root = repository.root
    let runner = Task.detached {
      try Subprocess(["sh", "-c", script], environment: ProcessEnvironment.all, directory: root).run(
        milliseconds: 60_000)
    }
    func servers(of pid: pid_t) -> [String] {
      // The guardian is a child of gonogo until that dies; its directory stands in its arguments.
      ((try? FileSystem.list("/proc")) ?? []).compactMap { name -> String? in
        guard Int(name) != nil, let line = try? FileSystem.read("/proc/\(name)/cmdline"),
          let stat = try? FileSystem.read("/proc/\(name)/stat")
        else { return nil }
        let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let fields = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard words.first == "sh", words.count > 4, words[4].contains("gonogo-shadow-"),
          fields.dropFirst().first == "\(pid)"
        else { return nil }
        return words[4]
      }
    }
    let clock = SystemClock()
    let end = clock.ticks() + 20_000
    var pid: pid_t = 0
    var directory = ""
    while clock.ticks() < end, directory.isEmpty || !FileSystem.exists("\(directory)/data/postmaster.pid") {
      if pid == 0, let text = try? FileSystem.read(pidFile) {
        pid = pid_t(String(decoding: text, as: UTF8.self).filter(\.isNumber)) ?? 0
      }
      if pid != 0 { directory = servers(of: pid).first ?? directory }
      usleep(5000)
    }
    try #require(!directory.isEmpty)
    let postmaster = String(decoding: try FileSystem.read("\(directory)/data/postmaster.pid"), as: UTF8.self)
    let server = try #require(pid_t(postmaster.prefix { $0.isNumber }))
    kill(pid, SIGKILL)
    _ = try await runner.value
    let gone = clock.ticks() + 10_000
    while clock.ticks() < gone, FileSystem.exists(directory) || kill(server, 0) == 0 { usleep(5000) }
    #expect(!FileSystem.exists(directory))
    #expect(kill(server, 0) != 0)
  }
}
