import GonogoSystem

/// What is wrong with a role's environment; every fault of it at once.
struct SettingsError: Error, CustomStringConvertible {
  let problems: [String]
  var description: String { problems.joined(separator: "; ") }
}

/// Reads the environment variables of a role, and remembers what is wrong with them.
struct SettingsReader {
  private let environment: [String: String]
  /// Takes what is there; the fault of a deployment that does not look.
  private let lenient: Bool
  private(set) var problems: [String] = []

  init(_ environment: [String: String], lenient: Bool) {
    self.environment = environment
    self.lenient = lenient
  }

  func optional(_ name: String) -> String? {
    guard let value = environment[name], !value.isEmpty else { return nil }
    return value
  }

  mutating func required(_ name: String, prefixes: [String] = [], atLeast length: Int = 1) -> String {
    guard let value = optional(name) else {
      if !lenient { problems.append("\(name) is not set") }
      return ""
    }
    if !prefixes.isEmpty, !prefixes.contains(where: value.hasPrefix), !lenient {
      problems.append("\(name) must begin with \(prefixes.joined(separator: " or "))")
    }
    if value.utf8.count < length, !lenient { problems.append("\(name) must have at least \(length) characters") }
    return value
  }

  func finish() throws(SettingsError) {
    if !problems.isEmpty { throw SettingsError(problems: problems) }
  }
}

/// The core's environment, by the names of the checklist; the last three stand for what Vercel and Telegram know.
struct CoreSettings: Sendable {
  let databaseURL: String
  let redisURL: String
  let telegramToken: String
  /// Without it, anyone may send updates.
  let telegramSecret: String?
  let jwtSecret: String
  let botlinkSecret: String
  let ownerWeb: String
  let encryptionKey: String
  let adminIDs: Set<Int>
  let sentryDSN: String?
  let telegramOrigin: String
  let publicOrigin: String
  let migrations: String

  init(_ environment: [String: String], lenient: Bool = false) throws(SettingsError) {
    var reader = SettingsReader(environment, lenient: lenient)
    databaseURL = reader.required("DATABASE_URL", prefixes: ["postgres://", "postgresql://"])
    redisURL = reader.required("REDIS_URL", prefixes: ["redis://", "rediss://"])
    telegramToken = reader.required("TELEGRAM_BOT_TOKEN")
    telegramSecret = reader.optional("TELEGRAM_SECRET_TOKEN")
    jwtSecret = reader.required("JWT_SECRET", atLeast: 16)
    botlinkSecret = reader.optional("OWNER_BOTLINK_SECRET") ?? jwtSecret
    ownerWeb = reader.required("OWNER_WEB_BASE_URL", prefixes: ["http://", "https://"])
    encryptionKey = reader.required("ENCRYPTION_KEY", atLeast: 16)
    adminIDs = Set(reader.required("ADMIN_USER_IDS").split(separator: ",").compactMap { Int($0) })
    sentryDSN = reader.optional("SENTRY_DSN")
    telegramOrigin = reader.optional("TELEGRAM_API_ORIGIN") ?? "https://api.telegram.org"
    publicOrigin = reader.required("CORE_PUBLIC_ORIGIN", prefixes: ["http://", "https://"])
    migrations = reader.required("MIGRATIONS_DIR")
    try reader.finish()
  }
}

struct WorkerSettings: Sendable {
  let databaseURL: String
  let redisURL: String

  init(_ environment: [String: String]) throws(SettingsError) {
    var reader = SettingsReader(environment, lenient: false)
    databaseURL = reader.required("DATABASE_URL", prefixes: ["postgres://", "postgresql://"])
    redisURL = reader.required("REDIS_URL", prefixes: ["redis://", "rediss://"])
    try reader.finish()
  }
}

struct WebSettings: Sendable {
  let coreOrigin: String

  init(_ environment: [String: String]) throws(SettingsError) {
    var reader = SettingsReader(environment, lenient: false)
    coreOrigin = reader.required("CORE_API_ORIGIN", prefixes: ["http://", "https://"])
    try reader.finish()
  }
}
