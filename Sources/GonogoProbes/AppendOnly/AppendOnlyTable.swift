import GonogoCore

/// The table of entries, and whom it grants what.
struct AppendOnlyTable: Sendable {
  struct Column: Sendable {
    let name: String
    let type: String
    /// `S` for texts, `N` for numbers, … (pg_type.typcategory).
    let category: String
    let isRequired: Bool
    let hasSequence: Bool
    let isGenerated: Bool
    /// In a key, an index that is unique or a foreign key: no good to try a change on.
    let isKey: Bool
    let label: String?
  }

  struct Role: Sendable {
    /// As it is shown.
    let name: String
    /// As SQL names it; everybody, `public`, is stood for by a role that has no other right.
    let sql: String
    let isSuperuser: Bool
    let isOwner: Bool
    let isMemberOfOwner: Bool
    let mayInsert: Bool
    /// Columns that it holds UPDATE on.
    let updatable: [String]
    /// Partitions and children that it holds any right on, by their quoted names.
    let children: [String]
  }

  let oid: String
  /// Quoted, with its schema.
  let name: String
  let owner: String
  let estimate: Int
  let hasRLS: Bool
  let columns: [Column]
  /// Holders of grants, without the owner and superusers; `public` for everybody.
  let holders: [String]
  /// Commands of which a rule says DO INSTEAD.
  let rules: [String]
  /// Commands of which no permissive policy speaks, so that row security hides every row.
  let closedByRLS: [String]
  /// Commands with a trigger that may refuse: UPDATE, DELETE, TRUNCATE.
  let triggers: [String]

  /// One row of one JSON text.
  static func query(_ table: String) -> String {
    """
    SELECT jsonb_build_object('oid', c.oid::text, 'name', format('%I.%I', n.nspname, c.relname), 'kind', c.relkind,
      'owner', pg_get_userbyid(c.relowner), 'bytes', coalesce((SELECT sum(pg_relation_size(relid))
        FROM pg_partition_tree(c.oid)), pg_relation_size(c.oid)),
      'rls', c.relrowsecurity,
      'columns', (SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
          'category', t.typcategory, 'required', a.attnotnull AND NOT a.atthasdef,
          'sequence', a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false),
          'generated', a.attgenerated <> '',
          'key', EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND a.attnum = ANY (k.conkey) AND k.contype <> 'n')
            OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey::int2[])),
          'label', (SELECT enumlabel FROM pg_enum e WHERE e.enumtypid = a.atttypid ORDER BY enumsortorder LIMIT 1))
          ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
      'holders', (SELECT coalesce(jsonb_agg(DISTINCT CASE x.grantee WHEN 0 THEN 'public' ELSE r.rolname END), '[]')
        FROM (SELECT (aclexplode(c.relacl)).grantee UNION SELECT (aclexplode(a.attacl)).grantee FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL) x LEFT JOIN pg_roles r ON r.oid = x.grantee
        WHERE x.grantee <> c.relowner AND NOT coalesce(r.rolsuper, false) AND coalesce(r.rolname, '') NOT LIKE 'pg\\_%'),
      'rules', (SELECT coalesce(jsonb_agg(DISTINCT CASE ev_type WHEN '2' THEN 'UPDATE' WHEN '4' THEN 'DELETE' ELSE ev_type::text END), '[]')
        FROM pg_rewrite WHERE ev_class = c.oid AND is_instead AND ev_type IN ('2', '4')),
      'policies', (SELECT coalesce(jsonb_agg(DISTINCT polcmd), '[]') FROM pg_policy WHERE polrelid = c.oid AND polpermissive),
      'triggers', (SELECT coalesce(jsonb_agg(jsonb_build_array(tgtype & 16 > 0, tgtype & 8 > 0, tgtype & 32 > 0)), '[]')
        FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D'))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = to_regclass(\(SQLText.literal(table)))
    """
  }

  init?(_ text: String?) {
    guard let json = text.flatMap({ try? JSON.parse($0) }), let oid = json["oid"]?.stringValue,
      let name = json["name"]?.stringValue, ["r", "p"].contains(json["kind"]?.stringValue)
    else { return nil }
    func strings(_ key: String) -> [String] { (json[key]?.arrayValue ?? []).compactMap(\.stringValue).sorted() }
    self.oid = oid
    self.name = name
    owner = json["owner"]?.stringValue ?? ""
    // The planner's own estimate is none before the first ANALYZE; an entry has some hundred bytes.
    estimate = (json["bytes"]?.integerValue ?? 0) / 100
    hasRLS = json["rls"] == true
    columns = (json["columns"]?.arrayValue ?? []).map { column in
      Column(
        name: column["name"]?.stringValue ?? "", type: column["type"]?.stringValue ?? "",
        category: column["category"]?.stringValue ?? "", isRequired: column["required"] == true,
        hasSequence: column["sequence"] == true, isGenerated: column["generated"] == true,
        isKey: column["key"] == true, label: column["label"]?.stringValue)
    }
    holders = strings("holders")
    rules = strings("rules")
    let policies = strings("policies")
    closedByRLS =
      hasRLS && !policies.contains("*")
      ? [("UPDATE", "w"), ("DELETE", "d")].filter { !policies.contains($0.1) }.map(\.0) : []
    var triggers: Set<String> = []
    for trigger in json["triggers"]?.arrayValue ?? [] {
      for (index, command) in ["UPDATE", "DELETE", "TRUNCATE"].enumerated() where trigger[index] == true {
        triggers.insert(command)
      }
    }
    self.triggers = triggers.sorted()
  }

  /// One row of one JSON text about a role; none where there is no such role.
  func query(role: String) -> String {
    let grants = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
    let any = grants.dropFirst().map { "has_table_privilege(r.oid, i.oid, '\($0)')" }.joined(separator: " OR ")
    return """
      SELECT jsonb_build_object('super', r.rolsuper, 'owner', r.rolname = \(SQLText.literal(owner)),
        'member', pg_has_role(r.oid, (SELECT oid FROM pg_roles WHERE rolname = \(SQLText.literal(owner))), 'MEMBER'),
        'insert', has_table_privilege(r.oid, \(oid)::oid, 'INSERT') OR has_any_column_privilege(r.oid, \(oid)::oid, 'INSERT'),
        'updatable', (SELECT coalesce(jsonb_agg(attname ORDER BY attnum), '[]') FROM pg_attribute
          WHERE attrelid = \(oid)::oid AND attnum > 0 AND NOT attisdropped AND has_column_privilege(r.oid, \(oid)::oid, attnum, 'UPDATE')),
        'children', (WITH RECURSIVE i(oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = \(oid)::oid
            UNION SELECT h.inhrelid FROM pg_inherits h JOIN i ON h.inhparent = i.oid)
          SELECT coalesce(jsonb_agg(i.oid::regclass::text ORDER BY 1), '[]') FROM i
          WHERE \(any) OR has_any_column_privilege(r.oid, i.oid, 'UPDATE')))
      FROM pg_roles r WHERE rolname = \(SQLText.literal(role))
      """
  }

  func role(_ name: String, sql: String, _ text: String?) -> Role? {
    guard let json = text.flatMap({ try? JSON.parse($0) }) else { return nil }
    func strings(_ key: String) -> [String] { (json[key]?.arrayValue ?? []).compactMap(\.stringValue) }
    return Role(
      name: name, sql: SQLText.name(sql), isSuperuser: json["super"] == true, isOwner: json["owner"] == true,
      isMemberOfOwner: json["member"] == true, mayInsert: json["insert"] == true, updatable: strings("updatable"),
      children: strings("children"))
  }

  /// An entry with a value in every column that needs one; its place comes back. Sequences are not moved, for a gap in their
  /// numbers would look like an entry that was taken away. `nil` where a type is not known.
  var insertion: String? { plainInsertion.map { "\($0) RETURNING tableoid::regclass::text, ctid::text" } }

  /// The same for a role whom a policy does not let see what it writes.
  var plainInsertion: String? {
    var names: [String] = []
    var values: [String] = []
    for column in columns where !column.isGenerated && (column.isRequired || column.hasSequence) {
      guard let value = column.hasSequence ? "-1000001" : column.sample else { return nil }
      names.append(SQLText.name(column.name))
      values.append(value)
    }
    if names.isEmpty { return "INSERT INTO \(name) DEFAULT VALUES" }
    return
      "INSERT INTO \(name) (\(names.joined(separator: ", "))) OVERRIDING SYSTEM VALUE VALUES (\(values.joined(separator: ", ")))"
  }

  /// Columns to try a change on, the most harmless first, and the values to give them.
  func changes(_ role: Role?) -> [(column: String, value: String)] {
    let granted = role.map { Set($0.updatable) } ?? []
    let usable = columns.filter { column in
      !column.isGenerated && (granted.isEmpty || granted.contains(column.name))
    }
    let order = usable.filter { !$0.isKey && !$0.hasSequence } + usable.filter { $0.isKey || $0.hasSequence }
    return order.compactMap { column in column.other.map { (column.name, $0) } }
  }
}

extension AppendOnlyTable.Column {
  /// A value of its type; `nil` where none is known.
  var sample: String? {
    if let label { return SQLText.literal(label) + "::" + type }
    switch category {
    case "S": return "'gonogo'"
    case "N": return "0"
    case "B": return "true"
    case "D": return type == "date" ? "current_date" : type.hasPrefix("time ") ? "localtime" : "now()"
    case "T": return "interval '1 s'"
    case "I": return "'127.0.0.1'"
    case "A": return "'{}'"
    default: break
    }
    switch type {
    case "uuid": return "gen_random_uuid()"
    case "json", "jsonb": return "'{}'"
    case "bytea": return "'\\x00'"
    default: return nil
    }
  }

  /// A value that differs from what is there.
  var other: String? {
    let name = SQLText.name(self.name)
    if label != nil {
      return "(SELECT e FROM unnest(enum_range(NULL::\(type))) e WHERE e IS DISTINCT FROM \(name) LIMIT 1)"
    }
    switch category {
    case "S": return "left(md5(random()::text), 5)"
    case "N": return "coalesce(\(name), 0) + 1"
    case "B": return "NOT coalesce(\(name), false)"
    case "D": return type.hasPrefix("time ") ? "localtime" : "coalesce(\(name), now()) + interval '1 day'"
    case "T": return "coalesce(\(name), interval '0') + interval '1 s'"
    case "I": return "'203.0.113.77'"
    default: break
    }
    switch type {
    case "uuid": return "gen_random_uuid()"
    case "json", "jsonb": return "'{\"gonogo\": true}'"
    case "bytea": return "'\\x676f6e6f676f'"
    default: return isRequired ? nil : "NULL"
    }
  }
}
