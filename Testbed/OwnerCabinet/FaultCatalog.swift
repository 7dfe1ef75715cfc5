/// The list behind `testbed faults` and the matrix.
enum FaultCatalog {
  static let all: [FaultEntry] = sessions + rights + answers + worker + stores + environment

  static func entry(_ fault: Fault) -> FaultEntry? { all.first { $0.fault == fault } }

  private static let sessions: [FaultEntry] = [
    FaultEntry(.cookieNotHttpOnly, "the session cookie is readable by scripts", red: ["SEC-1"]),
    FaultEntry(.cookieNotSecure, "the session cookie goes over plain HTTP", red: ["SEC-1"]),
    FaultEntry(.cookieSameSiteNone, "the session cookie is sent from other sites", red: ["SEC-1"]),
    FaultEntry(.logoutKeepsSession, "a session survives its logout", red: ["RED-4"]),
    FaultEntry(.meWithoutCSRFToken, "/auth/me gives no CSRF token", red: ["AUTH-1"]),
    FaultEntry(.meWithoutBots, "/auth/me lists no bots", red: ["AUTH-1"]),
    FaultEntry(.meAnswersAnybody, "/auth/me answers without a session", red: ["AUTH-2"]),
    FaultEntry(.botsShowWrongRole, "the list of bots calls everybody an owner", red: ["BOT-1"]),
    FaultEntry(.botlinkUsableTwice, "a botlink logs in twice: no NX on its key", red: ["SEC-10"]),
    FaultEntry(.botlinkKeyWithoutExpiry, "used botlinks stay in Redis for ever: no EX on their key", red: ["RED-3"]),
    FaultEntry(.botlinkTenMinutes, "a botlink holds ten minutes", red: ["RED-3", "SEC-11"]),
    FaultEntry(.botlinkNeverExpires, "a botlink's expiry is not looked at", red: ["SEC-12"]),
    FaultEntry(.botlinkSecretFallsBack, "botlinks signed with JWT_SECRET are taken too", red: ["SEC-13"]),
    FaultEntry(.cabinetLinkAsText, "/cabinet answers with a bare link, no button", red: ["TG-4"]),
  ]

  private static let rights: [FaultEntry] = [
    FaultEntry(.csrfUncheckedOnSettings, "changing settings needs no CSRF token", red: ["SEC-2"]),
    FaultEntry(.csrfUncheckedOnTeam, "removing a member needs no CSRF token", red: ["SEC-2"]),
    FaultEntry(.csrfAnyToken, "any CSRF token will do", red: ["SEC-2"]),
    FaultEntry(.rateLimitOff, "the auth endpoints answer without limit", red: ["SEC-3"]),
    FaultEntry(.viewerMayWriteOrders, "a viewer may change orders", red: ["SEC-4"]),
    FaultEntry(.managerMayChangeTeam, "a manager may change the team", red: ["SEC-5"]),
    FaultEntry(.otherOwnersCustomersReadable, "the customers of any bot are readable", red: ["SEC-6"]),
    FaultEntry(.auditOpenToAll, "the audit log of any bot is readable", red: ["SEC-6"]),
    FaultEntry(.ordersWithoutBotID, "orders are listed without botId", red: ["SEC-7"]),
    FaultEntry(.summaryWithoutBotID, "the summary answers without botId", red: ["SEC-7"]),
    FaultEntry(.leadsOfEveryBot, "the list of leads holds those of every bot", red: ["SEC-8", "PAGE-3"]),
    FaultEntry(.foreignRowsWritable, "a row of another bot can be changed by its id", red: ["SEC-9"]),
    FaultEntry(.debugOpenToAll, "the debug endpoint answers everybody", red: ["RED-2"]),
    FaultEntry(.botTokenOfAnotherBot, "the bot's token is that of another bot", red: ["TG-1"]),
    FaultEntry(.webhookSecretUnchecked, "updates are taken without the secret token", red: ["TG-3"]),
    FaultEntry(.webhookNotRegistered, "the webhook is not registered with Telegram", red: ["TG-2"]),
  ]

  private static let answers: [FaultEntry] = [
    FaultEntry(.contentTypeOptionsMissing, "the core sends no X-Content-Type-Options", red: ["SEC-14"]),
    FaultEntry(.referrerPolicyMissing, "the core sends no Referrer-Policy", red: ["SEC-14"]),
    FaultEntry(.permissionsPolicyMissing, "the core sends no Permissions-Policy", red: ["SEC-14"]),
    FaultEntry(.webHeadersMissing, "the pages have no security headers", red: ["DOM-3"]),
    FaultEntry(.requestIDMissingOnSuccess, "answers have no X-Request-Id", red: ["SEC-15"]),
    FaultEntry(.requestIDMissingOnErrors, "errors have no X-Request-Id", red: ["SEC-15"]),
    FaultEntry(.errorBodyWithoutRequestID, "the bodies of errors have no request_id", red: ["MON-4"]),
    FaultEntry(.tokenInLog, "the log keeps queries, and so login tokens", red: ["SEC-16"]),
    FaultEntry(.logsWithErrors, "the core logs errors", red: ["MON-1"]),
    FaultEntry(.sentryFilterOff, "Sentry is sent cookies and tokens", red: ["SEC-17"]),
    FaultEntry(.redisOutcomeUnknown, "/health does not know how Redis was reached", red: ["MON-2"]),
    FaultEntry(.healthDegraded, "the core says that it is degraded", red: ["DEP-1"]),
    FaultEntry(.connectionLeak, "connections to PostgreSQL are not given back", red: ["MON-3"]),
    FaultEntry(.summaryWithoutRevenue, "the overview lacks the revenue", red: ["PAGE-1"]),
    FaultEntry(.statusFilterIgnored, "the inbox ignores its status filter", red: ["PAGE-2"]),
    FaultEntry(.pageIgnored, "orders ignore the page asked for", red: ["PAGE-3"]),
    FaultEntry(.limitIgnored, "lists ignore their limit", red: ["PAGE-3"]),
    FaultEntry(.calendarIgnoresRange, "the calendar ignores its range", red: ["PAGE-4"]),
    FaultEntry(.teamHidesOwners, "the team page leaves the owners out", red: ["PAGE-5"]),
    FaultEntry(.settingsForgotten, "changing one setting forgets the others", red: ["PAGE-6"]),
    FaultEntry(.auditNotWritten, "changes leave no audit row", red: ["PAGE-7"]),
    FaultEntry(.auditSkipsTeam, "changes of the team leave no audit row", red: ["PAGE-7"]),
    FaultEntry(.inboxPageBroken, "the inbox page does not render", red: ["PAGE-8"]),
    FaultEntry(.proxyAddsCORS, "the proxy lets every origin read", red: ["DOM-2"]),
  ]

  private static let worker: [FaultEntry] = [
    FaultEntry(
      .workerNotRunning, "no worker runs", red: ["DEP-3", "DEP-4", "DEP-5", "DEP-6"], blind: ["DEP-7", "DEP-8"]),
    FaultEntry(.workerDropsOnSIGTERM, "the worker drops what it holds when told to stop", red: ["DEP-8"]),
    FaultEntry(.workerDoesNotDedup, "an event that comes twice counts twice", red: ["DEP-5"]),
    FaultEntry(.workerDoesNotAck, "the worker never acknowledges", red: ["DEP-3"], blind: ["DEP-7", "DEP-8"]),
    FaultEntry(.workerDoesNotClaim, "events of a dead worker stay undone", red: ["DEP-7"], blind: ["DEP-8"]),
    FaultEntry(
      .workerOtherRedis, "the worker listens to another Redis database",
      red: ["ENV-5", "DEP-3", "DEP-4", "DEP-5", "DEP-6"], blind: ["DEP-7", "DEP-8"]),
    FaultEntry(.usageNotCounted, "usage is not counted", red: ["DEP-6"]),
  ]

  private static let stores: [FaultEntry] = [
    FaultEntry(
      .migration020NotApplied, "migration 020 was forgotten",
      red: ["DEP-2", "DEP-6", "TBL-6", "SEC-6", "SEC-7", "MON-1"],
      drift: "DROP TABLE bot_usage_daily; DELETE FROM schema_migrations WHERE version = '020'"),
    FaultEntry(.migrationDropsColumn, "a migration drops a column the last release reads", red: ["RB-2"]),
    FaultEntry(
      .indexOrdersMissing, "the index of the order list is missing", red: ["IDX-2"],
      drift: "DROP INDEX idx_orders_bot_created"),
    FaultEntry(
      .indexEventsSwapped, "the index of the inbox has its columns swapped", red: ["IDX-1"],
      drift: """
        DROP INDEX idx_bot_events_bot_created;
        CREATE INDEX idx_bot_events_bot_created ON bot_events (created_at DESC, bot_id)
        """),
    FaultEntry(
      .indexAppointmentsInvalid, "the index of the calendar is invalid: its build was broken off", red: ["IDX-3"],
      drift: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_appointments_bot_start'::regclass"),
    FaultEntry(
      .indexCustomersAscending, "the index of the customers sorts the other way", red: ["IDX-4"],
      drift: """
        DROP INDEX idx_customers_bot_updated;
        CREATE INDEX idx_customers_bot_updated ON customers (bot_id, updated_at)
        """),
    FaultEntry(
      .indexDedupNotUnique, "the index that stops duplicates is not unique", red: ["IDX-5"],
      drift: """
        DROP INDEX idx_event_dedup_bot_source;
        CREATE INDEX idx_event_dedup_bot_source ON event_dedup (bot_id, source_id)
        """),
    FaultEntry(
      .indexAdminsNotUnique, "a user can be a bot's admin twice", red: ["IDX-6"],
      drift: """
        DROP INDEX idx_bot_admins_bot_user;
        CREATE INDEX idx_bot_admins_bot_user ON bot_admins (bot_id, telegram_user_id)
        """),
    FaultEntry(
      .indexAdminsPartial, "the index of the admins covers only the owners", red: ["IDX-6"],
      drift: """
        DROP INDEX idx_bot_admins_bot_user;
        CREATE UNIQUE INDEX idx_bot_admins_bot_user ON bot_admins (bot_id, telegram_user_id) WHERE role = 'owner'
        """),
    FaultEntry(
      .permissionsWrongType, "permissions_json is json, not jsonb", red: ["TBL-1"],
      drift: """
        ALTER TABLE bot_admins ALTER COLUMN permissions_json DROP DEFAULT,
        ALTER COLUMN permissions_json TYPE json USING permissions_json::json
        """),
    FaultEntry(
      .settingsNullable, "bot_settings.settings_json may be NULL", red: ["TBL-2"],
      drift: "ALTER TABLE bot_settings ALTER COLUMN settings_json DROP NOT NULL"),
    FaultEntry(
      .amountNotBigint, "orders.amount_cents is an integer of four bytes", red: ["TBL-4"],
      drift: "ALTER TABLE orders ALTER COLUMN amount_cents TYPE integer"),
    FaultEntry(
      .auditWithoutRequestID, "an audit row may lack its request_id", red: ["TBL-5"],
      drift: "ALTER TABLE owner_audit_log ALTER COLUMN request_id DROP NOT NULL"),
    FaultEntry(
      .processedAtMissing, "bot_events has no processed_at",
      red: ["DEP-3", "DEP-6", "TBL-3", "SEC-6", "SEC-7", "PAGE-2", "MON-1"],
      blind: ["DEP-4", "DEP-5", "DEP-7", "DEP-8"],
      drift: "ALTER TABLE bot_events DROP COLUMN processed_at"),
    FaultEntry(
      .processedAtWithoutZone, "bot_events.processed_at names no instant: it has no time zone", red: ["TBL-3"],
      drift: "ALTER TABLE bot_events ALTER COLUMN processed_at TYPE timestamp"),
    FaultEntry(
      .redisEvicts, "Redis throws keys away when it is full", red: ["RED-1"],
      redis: ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]),
  ]

  private static let environment: [FaultEntry] = [
    FaultEntry(.startupAcceptsBadEnvironment, "the core starts without its secrets", red: ["ENV-6"]),
    FaultEntry(
      .botlinkSecretUnset, "OWNER_BOTLINK_SECRET is not set, and falls back to JWT_SECRET", red: ["ENV-1", "SEC-13"],
      environment: [(.core, "OWNER_BOTLINK_SECRET", nil)]),
    FaultEntry(
      .encryptionKeyPlaceholder, "ENCRYPTION_KEY is the example's", red: ["ENV-1"],
      environment: [(.core, "ENCRYPTION_KEY", "changeme-changeme-changeme-changeme")]),
    FaultEntry(
      .secretsEqual, "two secrets have one value", red: ["ENV-4"],
      environment: [(.core, "ENCRYPTION_KEY", "${JWT_SECRET}")]),
    FaultEntry(
      .adminIDsNotNumbers, "ADMIN_USER_IDS holds a name", red: ["ENV-1"],
      environment: [(.core, "ADMIN_USER_IDS", "9001,@root")]),
    FaultEntry(
      .workerLogLevelUnknown, "LOG_LEVEL is no level", red: ["ENV-2"],
      environment: [(.worker, "LOG_LEVEL", "loud")]),
    FaultEntry(
      .webURLUnset, "NEXT_PUBLIC_OWNER_WEB_URL is not set", red: ["ENV-3"],
      environment: [(.web, "NEXT_PUBLIC_OWNER_WEB_URL", nil)]),
    FaultEntry(
      .webWrongCoreOrigin, "CORE_API_ORIGIN leads to another service", red: ["DEP-9", "AUTH-1", "TG-5"],
      environment: [(.web, "CORE_API_ORIGIN", "${TELEGRAM_ORIGIN}")]),
    FaultEntry(.environmentChanged, "a variable changed after the deployment was recorded", red: ["RB-3"]),
  ]
}
