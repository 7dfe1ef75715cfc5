import GonogoCore
import GonogoSystem
import Synchronization

/// Takes events from the stream, in a consumer group, and makes customers, leads, orders and appointments of them.
final class Worker: Sendable {
  private let faults: Faults
  private let log: Log
  private let database: Database
  private let redis: Redis
  private let consumer: String
  private let stopping = Mutex(false)

  /// Milliseconds after which another consumer's event is taken over.
  private static let abandoned = 400

  init(settings: WorkerSettings, faults: Faults, log: Log, consumer: String) throws {
    self.faults = faults
    self.log = log
    self.consumer = consumer
    database = Database(settings.databaseURL, application: "owner-cabinet-worker", limit: 2)
    redis = try Redis(settings.redisURL)
  }

  /// What is in hand is finished; nothing more is taken.
  func stop() { stopping.withLock { $0 = true } }

  private var isStopping: Bool { stopping.withLock { $0 } }

  func run() throws {
    do { try redis.command("XGROUP", "CREATE", "events", "workers", "0", "MKSTREAM") } catch {
      if !error.message.hasPrefix("BUSYGROUP") { throw error }
    }
    log.write(.info, "ready")
    let clock = SystemClock()
    var claimed = clock.ticks()
    while !isStopping {
      if !faults.has(.workerDoesNotClaim), clock.ticks() - claimed > Int64(Self.abandoned) {
        claimed = clock.ticks()
        try work(claim())
      }
      let reply = try redis.command(
        "XREADGROUP", "GROUP", "workers", consumer, "COUNT", "100", "BLOCK", "100", "STREAMS", "events", ">")
      try work(reply.list.first?.list.last?.list ?? [])
    }
    log.write(.info, "stopped")
  }

  /// The entries that a consumer which is gone took and never finished.
  private func claim() throws -> [RedisReply] {
    try redis.command(
      "XAUTOCLAIM", "events", "workers", consumer, String(Self.abandoned), "0", "COUNT", "100"
    ).list.dropFirst().first?.list ?? []
  }

  private func work(_ entries: [RedisReply]) throws {
    for (index, entry) in entries.enumerated() {
      if isStopping, faults.has(.workerDropsOnSIGTERM) {
        // The fault: what is in hand counts as done.
        for rest in entries[index...] {
          if let id = rest.list.first?.text { try redis.command("XACK", "events", "workers", id) }
        }
        return
      }
      guard let id = entry.list.first?.text, let words = entry.list.last?.list, words.count >= 2 else { continue }
      var fields: [String: String] = [:]
      for at in stride(from: 0, to: words.count - 1, by: 2) { fields[words[at].text ?? ""] = words[at + 1].text ?? "" }
      do {
        try process(fields)
        if !faults.has(.workerDoesNotAck) { try redis.command("XACK", "events", "workers", id) }
      } catch let error as DatabaseError {
        // Not acknowledged: it is taken again.
        log.write(.warn, "event-failed", ["entry": .string(id), "error": .string(error.description)])
      }
    }
  }

  private func process(_ fields: [String: String]) throws {
    try database.use { connection in
      try connection.transaction { connection in
        guard
          let event = try connection.query(
            "SELECT id, bot_id, source_id, kind, payload_json FROM bot_events WHERE id = $1::bigint",
            [fields["event_id"]]
          ).first, let bot = event["bot_id"], let id = event["id"]
        else { return }
        let fresh = try connection.query(
          """
          INSERT INTO event_dedup (bot_id, source_id) SELECT $1, $2
          WHERE NOT EXISTS (SELECT 1 FROM event_dedup WHERE bot_id = $1 AND source_id = $2)
          ON CONFLICT DO NOTHING RETURNING bot_id
          """, [bot, event["source_id"]])
        if !fresh.isEmpty || faults.has(.workerDoesNotDedup) {
          try apply(event["kind"] ?? "", try JSON.parse(event["payload_json"] ?? "{}"), bot: bot, to: connection)
        }
        try connection.query("UPDATE bot_events SET processed_at = now() WHERE id = $1::bigint", [id])
      }
    }
  }

  private func apply(_ kind: String, _ payload: JSON, bot: String, to connection: Connection) throws {
    let sender = payload["message"]?["from"]
    let customer = try connection.query(
      """
      INSERT INTO customers (bot_id, telegram_user_id, name) VALUES ($1, $2::bigint, $3)
      ON CONFLICT (bot_id, telegram_user_id) DO UPDATE SET name = excluded.name, updated_at = now() RETURNING id
      """,
      [bot, String(sender?["id"]?.integerValue ?? 0), sender?["first_name"]?.stringValue ?? "unknown"]
    ).first?["id"]
    let words = (payload["message"]?["text"]?.stringValue ?? "").split(separator: " ", maxSplits: 2).map(String.init)
    switch kind {
    case "order":
      let amount = words.count > 1 ? max(0, Int(words[1]) ?? 0) : 0
      try connection.query(
        "INSERT INTO orders (bot_id, customer_id, item, amount_cents) VALUES ($1, $2::bigint, $3, $4::bigint)",
        [bot, customer, words.count > 2 ? words[2] : "something", String(amount)])
    case "lead":
      try connection.query(
        "INSERT INTO leads (bot_id, customer_id, subject) VALUES ($1, $2::bigint, $3)",
        [bot, customer, words.dropFirst().joined(separator: " ")])
    case "appointment" where words.count > 1 && Timestamp.parse(words[1]) != nil:
      try connection.query(
        "INSERT INTO appointments (bot_id, customer_id, title, starts_at) VALUES ($1, $2::bigint, $3, $4::timestamptz)",
        [bot, customer, words.count > 2 ? words[2] : "appointment", words[1]])
    default: break
    }
    if !faults.has(.usageNotCounted) { try count(kind, bot: bot, on: connection) }
  }

  /// Counting must not stop the event itself.
  private func count(_ kind: String, bot: String, on connection: Connection) throws {
    try connection.query("SAVEPOINT usage")
    do throws(DatabaseError) {
      try connection.query(
        """
        INSERT INTO bot_usage_daily AS u (bot_id, day, events, orders, leads, appointments)
        VALUES ($1, (now() AT TIME ZONE 'UTC')::date, 1, ($2 = 'order')::int, ($2 = 'lead')::int,
          ($2 = 'appointment')::int)
        ON CONFLICT (bot_id, day) DO UPDATE SET events = u.events + 1, orders = u.orders + excluded.orders,
          leads = u.leads + excluded.leads, appointments = u.appointments + excluded.appointments
        """, [bot, kind])
    } catch {
      try connection.query("ROLLBACK TO SAVEPOINT usage")
      log.write(.warn, "usage-not-counted", ["error": .string(error.description)])
    }
  }
}
