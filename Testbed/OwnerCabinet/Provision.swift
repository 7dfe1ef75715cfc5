import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// Makes a fresh deployment in a directory: database, Redis, environment files. The processes are started by the script.
struct Provision {
  let directory: String
  /// A superuser's URL without a database: `postgresql://user@host:port`.
  let postgres: String
  let redis: String
  let migrations: String
  let faults: Faults

  private static let template = "owner_cabinet_template"
  private static let database = "owner_cabinet"

  func run() throws {
    for name in ["env", "log", "run", "migrations"] { try FileSystem.makeDirectory("\(directory)/\(name)") }
    for name in try FileSystem.list("\(directory)/log") { try FileSystem.remove("\(directory)/log/\(name)") }
    try copyMigrations()
    try prepareDatabase()
    let store = try Redis(redis)
    try store.command("FLUSHALL")
    try store.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    for fault in faults.all {
      if let words = FaultCatalog.entry(fault)?.redis, !words.isEmpty { try store.command(words) }
    }
    try writeEnvironments()
  }

  private func copyMigrations() throws {
    let target = "\(directory)/migrations"
    for name in try FileSystem.list(target) { try FileSystem.remove("\(target)/\(name)") }
    for name in try FileSystem.list(migrations) where name.hasSuffix(".sql") {
      try FileSystem.writeAtomically(try FileSystem.read("\(migrations)/\(name)"), to: "\(target)/\(name)")
    }
    if faults.has(.migrationDropsColumn) {
      let sql = "ALTER TABLE leads ADD COLUMN rank int;\nALTER TABLE leads DROP COLUMN rank;\n"
      try FileSystem.writeAtomically(Array(sql.utf8), to: "\(target)/021_drop_leads_rank.sql")
    }
  }

  /// A copy of a seeded template: milliseconds, where migrating and seeding takes a good part of a second.
  private func prepareDatabase() throws {
    let server = try Connection("\(postgres)/postgres", application: "owner-cabinet-provision")
    if try server.query("SELECT 1 FROM pg_database WHERE datname = $1", [Self.template]).isEmpty {
      try server.query("CREATE DATABASE \(Self.template)")
      let connection = try Connection("\(postgres)/\(Self.template)", application: "owner-cabinet-provision")
      try Migrations.apply(migrations, to: connection)
      try Seed.apply(to: connection)
    }
    try server.query("DROP DATABASE IF EXISTS \(Self.database) WITH (FORCE)")
    try server.query("CREATE DATABASE \(Self.database) TEMPLATE \(Self.template)")
    let drift = faults.all.compactMap { FaultCatalog.entry($0)?.drift }.filter { !$0.isEmpty }
    if drift.isEmpty { return }
    let connection = try Connection("\(postgres)/\(Self.database)", application: "owner-cabinet-provision")
    for sql in drift { try connection.script(sql) }
  }

  private func writeEnvironments() throws {
    let ports = try ports()
    let core = "http://127.0.0.1:\(ports[0])"
    let web = "http://127.0.0.1:\(ports[1])"
    let telegram = "http://127.0.0.1:\(ports[2])"
    let token = "7000000001:AA\(Tokens.random(17))"
    let database = "\(postgres)/\(Self.database)"
    var files: [FaultEntry.File: [(String, String)]] = [
      .core: [
        ("DATABASE_URL", database), ("REDIS_URL", redis), ("TELEGRAM_BOT_TOKEN", token),
        ("TELEGRAM_SECRET_TOKEN", Tokens.random(24)), ("JWT_SECRET", Tokens.random(32)),
        ("OWNER_BOTLINK_SECRET", Tokens.random(32)), ("OWNER_WEB_BASE_URL", web),
        ("ENCRYPTION_KEY", Tokens.random(32)), ("ADMIN_USER_IDS", "9001"),
        ("SENTRY_DSN", "http://\(Tokens.random(16))@127.0.0.1:\(ports[2])/1"), ("TELEGRAM_API_ORIGIN", telegram),
        ("CORE_PUBLIC_ORIGIN", core), ("MIGRATIONS_DIR", "\(directory)/migrations"),
      ],
      .worker: [
        ("DATABASE_URL", database), ("REDIS_URL", faults.has(.workerOtherRedis) ? "\(redis)/1" : redis),
        ("LOG_LEVEL", "info"),
      ],
      .web: [
        ("CORE_API_ORIGIN", core), ("NEXT_PUBLIC_TELEGRAM_BOT_USERNAME", "owner_cabinet_bot"),
        ("NEXT_PUBLIC_OWNER_WEB_URL", web),
      ],
    ]
    for edit in faults.all.compactMap({ FaultCatalog.entry($0) }).flatMap(\.environment) {
      var lines = files[edit.file] ?? []
      let index = lines.firstIndex { $0.0 == edit.name }
      if let value = edit.value {
        let secret = lines.first { $0.0 == "JWT_SECRET" }?.1 ?? ""
        let real = value.replacing("${JWT_SECRET}", with: secret).replacing("${TELEGRAM_ORIGIN}", with: telegram)
        if let index { lines[index].1 = real } else { lines.append((edit.name, real)) }
      } else if let index {
        lines.remove(at: index)
      }
      files[edit.file] = lines
    }
    var record = ""
    for (file, lines) in files.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let bytes = Self.text(lines)
      try write(bytes, "env/\(file.rawValue).env")
      record += "\(Digest.hex(Digest.sha256(bytes)))  env/\(file.rawValue).env\n"
    }
    try write(Array(record.utf8), "env/recorded.sha256")
    if faults.has(.environmentChanged) {
      try write(Self.text(files[.web] ?? []) + Array("NEXT_PUBLIC_SENTRY_DSN=\n".utf8), "env/web.env")
    }
    try write(Self.text([("TELEGRAM_BOT_TOKEN", token)]), "env/telegram.env")
    let secret = files[.core]?.first { $0.0 == "TELEGRAM_SECRET_TOKEN" }?.1 ?? ""
    try write(
      Self.text([
        ("CORE_URL", core), ("WEB_URL", web), ("TELEGRAM_URL", telegram), ("DATABASE_URL", database),
        ("REDIS_URL", redis), ("RUN_DIR", directory), ("TELEGRAM_BOT_TOKEN", token), ("TELEGRAM_SECRET_TOKEN", secret),
        ("CORE_PORT", "\(ports[0])"), ("WEB_PORT", "\(ports[1])"), ("TELEGRAM_PORT", "\(ports[2])"),
      ]), "env/checklist.env")
  }

  /// Three ports, chosen once for a directory.
  private func ports() throws -> [Int] {
    let file = "\(directory)/run/ports"
    if let bytes = try? FileSystem.read(file) {
      let ports = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      if ports.count == 3 { return ports }
    }
    var sockets: [Int32] = []
    defer { for descriptor in sockets { close(descriptor) } }
    var ports: [Int] = []
    while ports.count < 3 {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(descriptor)
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let code = withUnsafeMutablePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
          bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
        }
      }
      guard code == 0 else { throw SystemError("find a free port on", "127.0.0.1") }
      ports.append(Int(UInt16(bigEndian: name.sin_port)))
    }
    try write(Array((ports.map(String.init).joined(separator: " ") + "\n").utf8), "run/ports")
    return ports
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try FileSystem.writeAtomically(bytes, to: "\(directory)/\(name)")
  }

  private static func text(_ lines: [(String, String)]) -> [UInt8] {
    Array(lines.map { "\($0)=\($1)\n" }.joined().utf8)
  }
}
