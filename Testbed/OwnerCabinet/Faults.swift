import GonogoCore

/// Every way to break the stand-in: each breaks one requirement of the checklist.
enum Fault: String, CaseIterable, Sendable {
  // The session and its cookie.
  case cookieNotHttpOnly = "cookie-not-httponly"
  case cookieNotSecure = "cookie-not-secure"
  case cookieSameSiteNone = "cookie-samesite-none"
  case logoutKeepsSession = "logout-keeps-session"
  case meWithoutCSRFToken = "me-without-csrf-token"
  case meWithoutBots = "me-without-bots"
  case meAnswersAnybody = "me-answers-anybody"
  case botsShowWrongRole = "bots-show-wrong-role"
  // Botlinks.
  case botlinkUsableTwice = "botlink-usable-twice"
  case botlinkKeyWithoutExpiry = "botlink-key-without-expiry"
  case botlinkTenMinutes = "botlink-ten-minutes"
  case botlinkNeverExpires = "botlink-never-expires"
  case botlinkSecretFallsBack = "botlink-secret-falls-back"
  case cabinetLinkAsText = "cabinet-link-as-text"
  // CSRF, rights, tenants.
  case csrfUncheckedOnSettings = "csrf-unchecked-on-settings"
  case csrfUncheckedOnTeam = "csrf-unchecked-on-team"
  case csrfAnyToken = "csrf-any-token"
  case rateLimitOff = "rate-limit-off"
  case viewerMayWriteOrders = "viewer-may-write-orders"
  case managerMayChangeTeam = "manager-may-change-team"
  case otherOwnersCustomersReadable = "other-owners-customers-readable"
  case auditOpenToAll = "audit-open-to-all"
  case ordersWithoutBotID = "orders-without-botid"
  case summaryWithoutBotID = "summary-without-botid"
  case leadsOfEveryBot = "leads-of-every-bot"
  case foreignRowsWritable = "foreign-rows-writable"
  case debugOpenToAll = "debug-open-to-all"
  // The webhook.
  case botTokenOfAnotherBot = "bot-token-of-another-bot"
  case webhookSecretUnchecked = "webhook-secret-unchecked"
  case webhookNotRegistered = "webhook-not-registered"
  // Headers, request ids, logs.
  case contentTypeOptionsMissing = "content-type-options-missing"
  case referrerPolicyMissing = "referrer-policy-missing"
  case permissionsPolicyMissing = "permissions-policy-missing"
  case webHeadersMissing = "web-headers-missing"
  case requestIDMissingOnSuccess = "request-id-missing-on-success"
  case requestIDMissingOnErrors = "request-id-missing-on-errors"
  case errorBodyWithoutRequestID = "error-body-without-request-id"
  case tokenInLog = "token-in-log"
  case logsWithErrors = "logs-with-errors"
  case sentryFilterOff = "sentry-filter-off"
  case redisOutcomeUnknown = "redis-outcome-unknown"
  case connectionLeak = "connection-leak"
  case healthDegraded = "health-degraded"
  // The pages' data.
  case summaryWithoutRevenue = "summary-without-revenue"
  case statusFilterIgnored = "status-filter-ignored"
  case pageIgnored = "page-ignored"
  case limitIgnored = "limit-ignored"
  case calendarIgnoresRange = "calendar-ignores-range"
  case teamHidesOwners = "team-hides-owners"
  case settingsForgotten = "settings-forgotten"
  case auditNotWritten = "audit-not-written"
  case auditSkipsTeam = "audit-skips-team"
  // The web.
  case inboxPageBroken = "inbox-page-broken"
  case proxyAddsCORS = "proxy-adds-cors"
  case webWrongCoreOrigin = "web-wrong-core-origin"
  // The worker.
  case workerNotRunning = "worker-not-running"
  case workerDropsOnSIGTERM = "worker-drops-on-sigterm"
  case workerDoesNotDedup = "worker-does-not-dedup"
  case workerDoesNotAck = "worker-does-not-ack"
  case workerDoesNotClaim = "worker-does-not-claim"
  case workerOtherRedis = "worker-other-redis"
  case usageNotCounted = "usage-not-counted"
  // The database and Redis.
  case migration020NotApplied = "migration-020-not-applied"
  case migrationDropsColumn = "migration-drops-column"
  case indexOrdersMissing = "index-orders-missing"
  case indexEventsSwapped = "index-events-columns-swapped"
  case indexAppointmentsInvalid = "index-appointments-invalid"
  case indexCustomersAscending = "index-customers-ascending"
  case indexDedupNotUnique = "index-dedup-not-unique"
  case indexAdminsNotUnique = "index-admins-not-unique"
  case indexAdminsPartial = "index-admins-partial"
  case permissionsWrongType = "permissions-json-wrong-type"
  case settingsNullable = "settings-json-nullable"
  case amountNotBigint = "order-amount-too-small"
  case auditWithoutRequestID = "audit-request-id-nullable"
  case processedAtMissing = "processed-at-missing"
  case processedAtWithoutZone = "processed-at-without-zone"
  case redisEvicts = "redis-evicts"
  // The environment.
  case startupAcceptsBadEnvironment = "startup-accepts-bad-environment"
  case botlinkSecretUnset = "env-botlink-secret-unset"
  case encryptionKeyPlaceholder = "env-encryption-key-placeholder"
  case secretsEqual = "env-secrets-equal"
  case adminIDsNotNumbers = "env-admin-ids-not-numbers"
  case workerLogLevelUnknown = "env-worker-log-level-unknown"
  case webURLUnset = "env-web-url-unset"
  case environmentChanged = "env-changed-after-deployment"
}

/// The faults that are switched on.
struct Faults: Sendable {
  private let on: Set<Fault>

  init(_ on: Set<Fault> = []) { self.on = on }

  func has(_ fault: Fault) -> Bool { on.contains(fault) }
  var all: [Fault] { Fault.allCases.filter { on.contains($0) } }
}

/// What a fault means: for people, for the matrix, and for provisioning.
struct FaultEntry: Sendable {
  enum File: String, Sendable { case core, worker, web }

  let fault: Fault
  /// What no longer holds.
  let breaks: String
  /// The controls that it must turn red, and no other.
  let red: [String]
  /// Controls that then cannot be decided: their question needs what is broken.
  var blind: [String] = []
  /// Variables set, or removed, in the environment files.
  var environment: [(file: File, name: String, value: String?)] = []
  /// What has drifted in the database since its migrations.
  var drift = ""
  var redis: [String] = []

  init(
    _ fault: Fault, _ breaks: String, red: [String], blind: [String] = [],
    environment: [(file: File, name: String, value: String?)] = [], drift: String = "", redis: [String] = []
  ) {
    self.fault = fault
    self.breaks = breaks
    self.red = red
    self.blind = blind
    self.environment = environment
    self.drift = drift
    self.redis = redis
  }

  var json: JSON {
    ["name": .string(fault.rawValue), "breaks": .string(breaks), "red": JSON(red), "blind": JSON(blind)]
  }
}
