import GonogoCore

/// What the catalogue of some schemas says, as facts. Objects that belong to an extension are the extension's business and
/// are left out (pg_depend, deptype 'e').
struct PostgresCatalogue: Sendable {
  /// By kind (`tables`, `indexes`, …), then by name: plain in the first schema, `schema.name` in the others.
  private(set) var kinds: [String: [String: JSON]] = [:]
  /// The indexes as the catalogue lists them, with their schema.
  private(set) var indexes: [JSON] = []
  /// A standby takes no temporary table.
  let inRecovery: Bool
  let missingSchemas: [String]
  private let schemas: [String]

  static func statements(_ schemas: [String]) -> [PostgresStatement] {
    let list = PostgresValue.parameter(JSON(schemas)) ?? "{}"
    return [searchPath(schemas), PostgresStatement(sql: server, parameters: [list])]
      + lists.map { PostgresStatement(sql: $0.sql, parameters: $0.scoped ? [list] : []) }
  }

  /// Names of the schemas stand without their schema in what the server writes, and are found without it.
  static func searchPath(_ schemas: [String]) -> PostgresStatement {
    PostgresStatement(
      sql:
        "SELECT set_config('search_path', $1 || coalesce(', ' || nullif(current_setting('search_path'), ''), ''), true)",
      parameters: [schemas.map(PostgresSQL.identifier).joined(separator: ", ")])
  }

  /// - Parameter tables: the answers to ``statements(_:)``, in their order.
  init(_ tables: [PostgresTable], schemas: [String]) {
    self.schemas = schemas
    let server = tables[1].rows.first?.first ?? .null
    inRecovery = server["recovery"] == true
    missingSchemas = (server["missing"]?.arrayValue ?? []).compactMap(\.stringValue)
    for (index, list) in Self.lists.enumerated() {
      let rows = tables[index + 2].rows.first?.first?.arrayValue ?? []
      if list.kind == "indexes" { indexes = rows }
      var names = rows.map(name)
      // Constraints and triggers have names of their table only: those that clash are named with it.
      let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
      for (place, row) in rows.enumerated() where counts[names[place], default: 0] > 1 {
        if let table = row["table"]?.stringValue { names[place] = "\(table).\(names[place])" }
      }
      var objects: [String: JSON] = [:]
      for (place, row) in rows.enumerated() {
        guard var members = row.objectValue else { continue }
        members["name"] = nil
        if list.scoped, row["schema"]?.stringValue == schemas.first { members["schema"] = nil }
        objects[names[place]] = list.kind == "indexes" ? Self.indexFact(members) : .object(members)
      }
      kinds[list.kind] = objects
    }
  }

  func name(_ row: JSON) -> String {
    let name = row["name"]?.stringValue ?? ""
    guard let schema = row["schema"]?.stringValue, schemas.contains(schema), schema != schemas.first else {
      return name
    }
    return "\(schema).\(name)"
  }

  /// The schema of the first table called so, in the order of the schemas.
  func schema(ofTable table: String) -> String? {
    for schema in schemas {
      let key = schema == schemas.first ? table : "\(schema).\(table)"
      if kinds["tables"]?[key] != nil || kinds["views"]?[key] != nil { return schema }
    }
    return nil
  }

  var facts: [String: JSON] { kinds.mapValues { .object($0) } }

  private static func indexFact(_ members: [String: JSON]) -> JSON {
    var fact = members
    let keys = members["keys"]?.arrayValue ?? []
    fact["keys"] = nil
    fact["columns"] = .array(keys.map { $0["text"] ?? .null })
    fact["order"] = .array(keys.map { .string(PostgresIndexShape.order($0)) })
    fact["expressions"] = .array(keys.filter { $0["expression"] == true }.map { $0["text"] ?? .null })
    return .object(fact)
  }

  private static let server = """
    SELECT jsonb_build_object('recovery', pg_is_in_recovery(), 'missing',
      (SELECT coalesce(jsonb_agg(s), '[]') FROM unnest($1::text[]) s
        WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = s)))
    """

  private static func foreign(_ catalogue: String, _ oid: String) -> String {
    "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalogue)'::regclass AND e.objid = \(oid) AND e.deptype = 'e')"
  }

  /// Also asked of a temporary table, for what a wanted index would be.
  static let indexObject = """
    jsonb_build_object('schema', n.nspname, 'name', c.relname, 'table', t.relname, 'method', m.amname,
      'unique', i.indisunique, 'primary', i.indisprimary, 'valid', i.indisvalid, 'ready', i.indisready,
      'constraint', EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')),
      'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
      'predicate', pg_get_expr(i.indpred, i.indrelid, true),
      'keys', (SELECT jsonb_agg(jsonb_build_object('text', pg_get_indexdef(i.indexrelid, k, true),
          'expression', i.indkey[k - 1] = 0, 'option', i.indoption[k - 1], 'class', oc.opcname,
          'default_class', oc.opcdefault, 'collation', (SELECT co.collname FROM pg_collation co
            WHERE co.oid = i.indcollation[k - 1] AND co.collname <> 'default')) ORDER BY k)
        FROM generate_series(1, i.indnkeyatts) k JOIN pg_opclass oc ON oc.oid = i.indclass[k - 1]),
      'include', (SELECT coalesce(jsonb_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k), '[]')
        FROM generate_series(i.indnkeyatts + 1, i.indnatts) k))
    """
  static let indexTables = """
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam
    """

  private static let lists: [(kind: String, scoped: Bool, sql: String)] = [
    (
      "tables", true,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
        'kind', CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' ELSE 'table' END,
        'row_estimate', c.reltuples::bigint,
        'rls', jsonb_build_object('enabled', c.relrowsecurity, 'forced', c.relforcerowsecurity),
        'columns', (SELECT coalesce(jsonb_object_agg(a.attname, jsonb_build_object('type', format_type(a.atttypid, a.atttypmod),
            'nullable', NOT a.attnotnull,
            'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
            'generated', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
            'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END)), '{}')
          FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        'primary_key', (SELECT coalesce(jsonb_agg(a.attname ORDER BY k.place), '[]')
          FROM pg_constraint p, unnest(p.conkey) WITH ORDINALITY k(number, place), pg_attribute a
          WHERE p.conrelid = c.oid AND p.contype = 'p' AND a.attrelid = c.oid AND a.attnum = k.number),
        'policies', (SELECT coalesce(jsonb_object_agg(p.polname, jsonb_build_object(
            'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete'
              ELSE 'all' END,
            'permissive', p.polpermissive, 'using', pg_get_expr(p.polqual, p.polrelid),
            'check', pg_get_expr(p.polwithcheck, p.polrelid),
            'roles', (SELECT jsonb_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END ORDER BY 1)
              FROM unnest(p.polroles) r))), '{}') FROM pg_policy p WHERE p.polrelid = c.oid))), '[]')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'f') AND \(foreign("pg_class", "c.oid"))
      """
    ),
    (
      "views", true,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
        'kind', CASE c.relkind WHEN 'm' THEN 'materialized' ELSE 'view' END,
        'security_invoker', coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on',
          'security_invoker=1'], false))), '[]')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('v', 'm') AND \(foreign("pg_class", "c.oid"))
      """
    ),
    (
      "indexes", true,
      """
      SELECT coalesce(jsonb_agg(\(indexObject)), '[]') \(indexTables)
      WHERE n.nspname = ANY ($1::text[]) AND \(foreign("pg_class", "t.oid"))
      """
    ),
    (
      "functions", true,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname,
        'name', p.proname || '(' || oidvectortypes(p.proargtypes) || ')', 'language', l.lanname,
        'security_definer', p.prosecdef, 'owner', pg_get_userbyid(p.proowner),
        'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
        'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'function' END,
        'returns', pg_get_function_result(p.oid),
        'search_path', (SELECT substr(s, 13) FROM unnest(p.proconfig) s WHERE s LIKE 'search\\_path=%'),
        'public_execute', has_function_privilege('public', p.oid, 'execute'))), '[]')
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
      WHERE n.nspname = ANY ($1::text[]) AND \(foreign("pg_proc", "p.oid"))
      """
    ),
    (
      "extensions", false,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('name', e.extname, 'version', e.extversion,
        'schema', e.extnamespace::regnamespace::text)), '[]') FROM pg_extension e
      """
    ),
    (
      "roles", false,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('name', r.rolname, 'superuser', r.rolsuper, 'bypassrls', r.rolbypassrls,
        'login', r.rolcanlogin, 'createdb', r.rolcreatedb, 'createrole', r.rolcreaterole, 'replication', r.rolreplication,
        'inherit', r.rolinherit, 'connection_limit', r.rolconnlimit,
        'member_of', (SELECT coalesce(jsonb_agg(DISTINCT pg_get_userbyid(m.roleid)), '[]') FROM pg_auth_members m
          WHERE m.member = r.oid))), '[]')
      FROM pg_roles r WHERE r.rolname NOT LIKE 'pg\\_%'
      """
    ),
    (
      "constraints", true,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', k.conname, 'table', t.relname,
        'type', CASE k.contype WHEN 'p' THEN 'primary_key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign_key'
          WHEN 'c' THEN 'check' WHEN 'x' THEN 'exclude' WHEN 'n' THEN 'not_null' ELSE 'trigger' END,
        'definition', pg_get_constraintdef(k.oid, true), 'validated', k.convalidated)), '[]')
      FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = k.connamespace
      WHERE n.nspname = ANY ($1::text[]) AND \(foreign("pg_class", "t.oid"))
      """
    ),
    (
      "triggers", true,
      """
      SELECT coalesce(jsonb_agg(jsonb_build_object('schema', n.nspname, 'name', g.tgname, 'table', t.relname,
        'enabled', g.tgenabled <> 'D', 'function', g.tgfoid::regproc::text,
        'definition', pg_get_triggerdef(g.oid, true))), '[]')
      FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE n.nspname = ANY ($1::text[]) AND NOT g.tgisinternal AND \(foreign("pg_class", "t.oid"))
      """
    ),
  ]
}
