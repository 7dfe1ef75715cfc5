import GonogoCore

/// Hands what the superuser made to a role that row security can hold, as if that role had run the migrations.
enum ShadowOwner {
  /// The application's login where nobody has named one.
  static let standIn = "gonogo_application"

  /// Relations, functions, types and schemas of the application's own; what belongs to an extension stays.
  static func statement(_ role: String) -> String {
    """
    DO $give$ DECLARE o record; BEGIN
      FOR o IN
        SELECT format('ALTER SCHEMA %I OWNER TO %I', n.nspname, \(PostgresSQL.literal(role))) AS sql FROM pg_namespace n
          WHERE \(own("n.oid", "pg_namespace")) AND (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = n.nspowner)
        UNION ALL SELECT format('ALTER %s %s OWNER TO %I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
            WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.oid::regclass, \(PostgresSQL.literal(role)))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          AND \(own("c.oid", "pg_class")) AND (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = c.relowner)
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))
        UNION ALL SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, \(PostgresSQL.literal(role)))
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE \(own("p.oid", "pg_proc")) AND p.prokind IN ('f', 'p')
          AND (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = p.proowner)
        UNION ALL SELECT format('ALTER TYPE %s OWNER TO %I', t.oid::regtype, \(PostgresSQL.literal(role)))
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE \(own("t.oid", "pg_type")) AND t.typtype IN ('e', 'd')
          AND (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = t.typowner)
      LOOP EXECUTE o.sql; END LOOP; END $give$
    """
  }

  private static func own(_ object: String, _ catalogue: String) -> String {
    "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalogue)'::regclass AND e.objid = \(object) AND e.deptype = 'e')"
  }

  /// - Returns: what the server said, where it would not.
  static func give(
    to role: String, _ connection: ShadowConnection, _ home: ShadowHome, _ deadline: PostgresDeadline
  ) throws(ShadowConnection.Break) -> String? {
    let literal = PostgresSQL.literal(role)
    let there = try connection.rows("SELECT 1 FROM pg_roles WHERE rolname = \(literal)", deadline: deadline)
    if there.isEmpty {
      let made = "CREATE ROLE \(PostgresSQL.identifier(role)) LOGIN"
      if let failure = try connection.run(made, deadline: deadline) { return "\(made): \(failure.message)" }
      if !home.isCluster { home.made(role: role) }
    }
    if let failure = try connection.run(statement(role), deadline: deadline) {
      return "giving everything to \(role): \(failure.message)\(failure.context.map { " (\($0))" } ?? "")"
    }
    return nil
  }

  /// Whether nobody whom row security holds has been given anything: no grant, and every table a superuser's.
  static func isNeeded(_ connection: ShadowConnection, _ deadline: PostgresDeadline)
    throws(ShadowConnection.Break) -> Bool
  {
    let rows = try connection.rows(
      """
      SELECT count(*) > 0 AND bool_and(o.rolsuper) AND NOT bool_or(EXISTS (
          SELECT FROM aclexplode(c.relacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
          WHERE NOT coalesce(g.rolsuper OR g.rolbypassrls, false)))
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
      WHERE c.relkind IN ('r', 'p') AND \(own("c.oid", "pg_class"))
      """, deadline: deadline)
    return rows.first?.first == "t"
  }
}
