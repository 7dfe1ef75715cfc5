import GonogoCore

/// People, bots and rows, the same in every deployment.
///
/// Alice (1001) owns bot-a and views bot-b; Bob (1002) owns bot-b; Mo (1003) manages and Vera (1004) views bot-a; Wendy
/// (1005) owns bot-w, to which tests send updates; bot-d is the drills'. Root (9001) is an admin without a bot.
enum Seed {
  static func apply(to connection: Connection) throws {
    try connection.script(
      """
      INSERT INTO bots (id, name, username) VALUES
        ('cabinet', 'Owner Cabinet', 'owner_cabinet_bot'), ('bot-a', 'Alice''s bakery', 'alice_bakery_bot'),
        ('bot-b', 'Bob''s barbers', 'bob_barbers_bot'), ('bot-w', 'Wendy''s workshop', 'wendy_workshop_bot'),
        ('bot-d', 'Drills', 'drills_bot');
      INSERT INTO bot_settings (bot_id, settings_json) SELECT id, '{"language": "en"}' FROM bots;
      """)
    for (bot, user, role) in [
      ("bot-a", "1001", "owner"), ("bot-b", "1001", "viewer"), ("bot-b", "1002", "owner"),
      ("bot-a", "1003", "manager"), ("bot-a", "1004", "viewer"), ("bot-w", "1005", "owner"),
    ] {
      try connection.query(
        """
        INSERT INTO bot_admins (bot_id, telegram_user_id, role, permissions_json) VALUES ($1, $2::bigint, $3, $4::jsonb)
        """, [bot, user, role, Roles.permissions[role]?.canonicalString])
    }
    for (bot, count, first) in [("bot-a", "25", "30000"), ("bot-b", "5", "40000")] {
      try connection.query(
        """
        INSERT INTO customers (bot_id, telegram_user_id, name, updated_at)
        SELECT $1, $3::bigint + n, $1 || ' customer ' || n, timestamptz '2026-01-01' + n * interval '1 hour'
        FROM generate_series(1, $2::int) AS n
        """, [bot, count, first])
      try connection.query(
        """
        INSERT INTO orders (bot_id, item, amount_cents, created_at)
        SELECT $1, $1 || ' order ' || n, 100 * n, timestamptz '2026-01-01' + n * interval '1 hour'
        FROM generate_series(1, $2::int) AS n
        """, [bot, count])
      try connection.query(
        """
        INSERT INTO leads (bot_id, subject, created_at)
        SELECT $1, $1 || ' lead ' || n, timestamptz '2026-01-01' + n * interval '1 hour'
        FROM generate_series(1, $2::int) AS n
        """, [bot, count])
      try connection.query(
        """
        INSERT INTO appointments (bot_id, title, starts_at)
        SELECT $1, $1 || ' appointment ' || n, timestamptz '2026-03-01 09:00Z' + n * interval '1 day'
        FROM generate_series(1, $2::int) AS n
        """, [bot, count])
      try connection.query(
        """
        INSERT INTO bot_events (bot_id, source_id, kind, payload_json, created_at, processed_at, status)
        SELECT $1, 'seed-' || n, 'message', '{}', timestamptz '2026-01-01' + n * interval '1 hour',
          timestamptz '2026-01-01' + n * interval '1 hour', CASE WHEN n % 2 = 0 THEN 'done' ELSE 'new' END
        FROM generate_series(1, $2::int) AS n
        """, [bot, count])
    }
    try connection.query("ANALYZE")
  }
}
