/// Reads the catalogue, in a dozen statements whatever the number of tables.
struct CatalogueReader {
  let connection: IsolationConnection

  private static let separator: Character = "\u{1f}"

  func read() throws(IsolationFailure) -> Catalogue {
    var catalogue = Catalogue()
    let head = try connection.run(
      """
      SELECT current_setting('server_version_num'), current_database(), current_user,
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
        (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
      """)[0]
    catalogue.version = Int(head[0] ?? "") ?? 0
    catalogue.database = head[1] ?? ""
    catalogue.user = head[2] ?? ""
    catalogue.isSuperuser = head[3] == "t"
    catalogue.isReadOnly = head[4] == "t"
    catalogue.seesEverything = head[5] == "t"
    catalogue.maySetReplicationRole = catalogue.isSuperuser
    if !catalogue.isSuperuser, catalogue.version >= 150000 {
      let may = try connection.run("SELECT has_parameter_privilege('session_replication_role', 'SET')")
      catalogue.maySetReplicationRole = may.first?.first == "t"
    }
    try readRoles(&catalogue)
    try readRelations(&catalogue)
    try readColumns(&catalogue)
    try readConstraints(&catalogue)
    try readRules(&catalogue)
    try readRewriteRules(&catalogue)
    try readFunctions(&catalogue)
    try readTypes(&catalogue)
    try readDefaults(&catalogue)
    return catalogue
  }

  private static let schemas =
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
  private static func ofExtension(_ catalog: String, _ oid: String) -> String {
    "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalog)'::regclass AND e.objid = \(oid) AND e.deptype = 'e')"
  }

  private func split(_ text: String?) -> [String] {
    guard let text, !text.isEmpty else { return [] }
    return text.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
  }

  private func readRoles(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcanlogin, pg_has_role(current_user, r.oid, 'MEMBER'),
        (SELECT string_agg(m.rolname, E'\\x1f') FROM pg_roles m
         WHERE m.oid = r.oid OR NOT r.rolsuper AND pg_has_role(r.oid, m.oid, 'USAGE'))
      FROM pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname
      """)
    for row in rows {
      let name = row[0] ?? ""
      catalogue.roles[name] = .init(
        name: name, isSuperuser: row[1] == "t", bypassesRLS: row[2] == "t", canLogin: row[3] == "t",
        isReachable: row[4] == "t", memberships: Set(split(row[5])))
    }
    // Before version 16 every membership allowed SET ROLE. PostgreSQL's own roles give their power by inheritance, too.
    let mode = catalogue.version >= 160000 ? "SET" : "MEMBER"
    let switches = try connection.run(
      """
      SELECT r.rolname, x.rolname FROM pg_roles r, pg_roles x
      WHERE r.oid <> x.oid AND NOT r.rolsuper AND r.rolname !~ '^pg_' AND (pg_has_role(r.oid, x.oid, '\(mode)')
        OR x.rolname ~ '^pg_' AND pg_has_role(r.oid, x.oid, 'USAGE')) ORDER BY 1, 2
      """)
    for row in switches { catalogue.roles[row[0] ?? ""]?.switches.insert(row[1] ?? "") }
    let grants = try connection.run(
      """
      SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid
      ORDER BY 1, 2
      """)
    catalogue.grantedRoles = grants.map { (member: $0[0] ?? "", role: $0[1] ?? "") }
  }

  private func readRelations(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT c.oid::int8, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity,
        c.relforcerowsecurity, c.relispartition,
        (SELECT i.inhparent::int8 FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1),
        CASE WHEN c.relkind IN ('r', 'm') THEN (pg_relation_size(c.oid) / current_setting('block_size')::int
          * CASE WHEN c.relpages > 0 AND c.reltuples > 0 THEN c.reltuples / c.relpages ELSE 100 END)::int8
          ELSE c.reltuples::int8 END, array_to_string(c.reloptions, E'\\x1f'), \(Self.ofExtension("pg_class", "c.oid")),
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
        CASE WHEN c.relkind = 'v' THEN pg_relation_is_updatable(c.oid, true) ELSE 0 END,
        (SELECT string_agg(DISTINCT d.refobjid::int8::text, E'\\x1f') FROM pg_rewrite w
         JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
           AND d.refobjid <> c.oid WHERE w.ev_class = c.oid), c.relhasrules AND c.relkind IN ('r', 'p')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND \(Self.schemas) ORDER BY n.nspname, c.relname
      """)
    for row in rows {
      var relation = Catalogue.Relation(
        oid: Int(row[0] ?? "") ?? 0, schema: row[1] ?? "", name: row[2] ?? "", kind: row[3] ?? "", owner: row[4] ?? "",
        hasRLS: row[5] == "t", forcesRLS: row[6] == "t", isPartition: row[7] == "t", parent: row[8].flatMap { Int($0) },
        rows: Int(row[9] ?? "") ?? -1, options: split(row[10]), isOfExtension: row[11] == "t", definition: row[12],
        updatable: Int(row[13] ?? "") ?? 0, hasRules: row[15] == "t")
      relation.reads = split(row[14]).compactMap { Int($0) }
      catalogue.index[relation.oid] = catalogue.relations.count
      catalogue.relations.append(relation)
    }
    // Who goes through a partitioned table goes through its partitions.
    let sizes = catalogue.relations.map { max(0, $0.rows) }
    for (place, relation) in catalogue.relations.enumerated() {
      var above = relation.parent.flatMap { catalogue.index[$0] }
      while let next = above {
        catalogue.relations[next].rows = max(0, catalogue.relations[next].rows) + sizes[place]
        above = catalogue.relations[next].parent.flatMap { catalogue.index[$0] }
      }
    }
  }

  private func readColumns(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT a.attrelid::int8, a.attname, a.atttypid::int8, format_type(a.atttypid, a.atttypmod),
        a.attnotnull OR t.typnotnull, a.attidentity, a.attgenerated <> '', pg_get_expr(d.adbin, d.adrelid)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND \(Self.schemas)
      ORDER BY a.attrelid, a.attnum
      """)
    for row in rows {
      guard let place = Int(row[0] ?? "").flatMap({ catalogue.index[$0] }) else { continue }
      catalogue.relations[place].columns.append(
        .init(
          name: row[1] ?? "", typeOID: Int(row[2] ?? "") ?? 0, type: row[3] ?? "", isNotNull: row[4] == "t",
          identity: row[5] ?? "", isGenerated: row[6] == "t", defaultExpression: row[7]))
    }
  }

  private func readConstraints(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let names = { (relation: String, keys: String) in
      """
      (SELECT string_agg(a.attname, E'\\x1f' ORDER BY u.place) FROM unnest(\(keys)) WITH ORDINALITY AS u(number, place)
       JOIN pg_attribute a ON a.attrelid = \(relation) AND a.attnum = u.number)
      """
    }
    let rows = try connection.run(
      """
      SELECT k.conrelid::int8, k.conname, k.contype, \(names("k.conrelid", "k.conkey")), k.confrelid::int8,
        \(names("k.confrelid", "k.confkey")), k.condeferrable, k.confdeltype, k.confupdtype,
        CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND (k.contype <> 'f' OR k.conparentid = 0 OR c.relispartition) AND \(Self.schemas)
      ORDER BY k.conrelid, k.conname
      """)
    for row in rows {
      guard let place = Int(row[0] ?? "").flatMap({ catalogue.index[$0] }) else { continue }
      let columns = split(row[3])
      let name = row[1] ?? ""
      switch row[2] {
      case "f":
        catalogue.relations[place].foreignKeys.append(
          .init(
            name: name, columns: columns, target: Int(row[4] ?? "") ?? 0, targetColumns: split(row[5]),
            isDeferrable: row[6] == "t", onDelete: row[7] ?? "a", onUpdate: row[8] ?? "a"))
      case "c":
        catalogue.relations[place].checks.append(.init(name: name, expression: row[9] ?? "true", columns: columns))
      case "p": catalogue.relations[place].primaryKey = columns
      case "x": catalogue.relations[place].exclusionColumns.formUnion(columns)
      default: break
      }
    }
    let indexes = try connection.run(
      """
      SELECT i.indrelid::int8, i.indisunique AND i.indimmediate IS NOT NULL AND i.indpred IS NULL,
        (SELECT string_agg(coalesce(a.attname, ''), E'\\x1f' ORDER BY k.place)
         FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
         WHERE k.place <= i.indnkeyatts), i.indisunique
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE \(Self.schemas) AND i.indisvalid ORDER BY i.indrelid, i.indexrelid
      """)
    for row in indexes {
      guard let place = Int(row[0] ?? "").flatMap({ catalogue.index[$0] }) else { continue }
      let columns = split(row[2])
      if let first = columns.first, !first.isEmpty { catalogue.relations[place].indexedFirstColumns.insert(first) }
      if row[1] == "t", !columns.contains("") { catalogue.relations[place].uniqueKeys.append(columns) }
      // A unique index on an expression or a part of the rows: its columns get distinct values, too.
      if row[3] == "t", row[1] != "t" || columns.contains("") {
        let plain = columns.filter { !$0.isEmpty }
        catalogue.relations[place].exclusionColumns.formUnion(plain)
        if !plain.isEmpty { catalogue.relations[place].partialKeys.append(plain) }
      }
    }
  }

  private func readRules(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let policies = try connection.run(
      """
      SELECT p.polrelid::int8, p.polname,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
        p.polpermissive,
        (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r) END, E'\\x1f') FROM unnest(p.polroles) r),
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
      FROM pg_policy p ORDER BY p.polrelid, p.polname
      """)
    for row in policies {
      guard let place = Int(row[0] ?? "").flatMap({ catalogue.index[$0] }) else { continue }
      catalogue.relations[place].policies.append(
        .init(
          name: row[1] ?? "", command: row[2] ?? "ALL", isPermissive: row[3] == "t", roles: split(row[4]),
          using: row[5], check: row[6]))
    }
    let triggers = try connection.run(
      """
      SELECT t.tgrelid::int8, t.tgname, t.tgfoid::int8, pg_get_triggerdef(t.oid) FROM pg_trigger t
      WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' ORDER BY t.tgrelid, t.tgname
      """)
    for row in triggers {
      guard let place = Int(row[0] ?? "").flatMap({ catalogue.index[$0] }) else { continue }
      catalogue.relations[place].triggers.append(
        .init(name: row[1] ?? "", function: Int(row[2] ?? "") ?? 0, definition: row[3] ?? ""))
    }
  }

  private func readRewriteRules(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT w.ev_class::int8, w.rulename, pg_get_ruledef(w.oid) FROM pg_rewrite w
      JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE w.rulename <> '_RETURN' AND w.ev_enabled <> 'D' AND \(Self.schemas) ORDER BY 1, 2
      """)
    for row in rows {
      guard let place = Int(row[0] ?? "").flatMap({ catalogue.index[$0] }) else { continue }
      catalogue.relations[place].rules.append(.init(name: row[1] ?? "", definition: row[2] ?? ""))
    }
  }

  private func readFunctions(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT p.oid::int8, n.nspname, p.proname, p.prokind, pg_get_userbyid(p.proowner), p.prosecdef,
        array_to_string(p.proconfig, E'\\x1f'), p.provolatile, l.lanname,
        coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), format_type(p.prorettype, NULL),
        array_to_string(p.proargnames[1:p.pronargs], E'\\x1f'),
        (SELECT string_agg(format_type(t, NULL), E'\\x1f' ORDER BY place) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, place)),
        (SELECT string_agg(t::int8::text, E'\\x1f' ORDER BY place) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, place)),
        \(Self.ofExtension("pg_proc", "p.oid")),
        (SELECT string_agg(coalesce(p.proargnames[place], ''), E'\\x1f' ORDER BY place)
         FROM unnest(p.proargmodes) WITH ORDINALITY AS m(mode, place) WHERE mode IN ('i', 'b', 'v'))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
      WHERE \(Self.schemas) AND p.prokind IN ('f', 'p') ORDER BY n.nspname, p.proname, p.oid
      """)
    for row in rows {
      catalogue.functions.append(
        .init(
          oid: Int(row[0] ?? "") ?? 0, schema: row[1] ?? "", name: row[2] ?? "", kind: row[3] ?? "f",
          owner: row[4] ?? "", isDefiner: row[5] == "t", config: split(row[6]), volatility: row[7] ?? "v",
          language: row[8] ?? "", source: row[9] ?? "", returns: row[10] ?? "",
          argumentNames: row[15] != nil ? split(row[15]) : split(row[11]), argumentTypes: split(row[12]),
          argumentTypeOIDs: split(row[13]).compactMap { Int($0) }, isOfExtension: row[14] == "t"))
    }
  }

  /// What future tables will be open to.
  private func readDefaults(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT pg_get_userbyid(d.defaclrole), n.nspname,
        CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END,
        string_agg(a.privilege_type, E'\\x1f' ORDER BY a.privilege_type)
      FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
      WHERE d.defaclobjtype = 'r' AND a.grantee <> d.defaclrole GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      """)
    for row in rows {
      catalogue.defaultPrivileges.append(
        .init(owner: row[0] ?? "", schema: row[1], grantee: row[2] ?? "", privileges: split(row[3])))
    }
  }

  private func readTypes(_ catalogue: inout Catalogue) throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT t.oid::int8, t.typname, n.nspname, t.typtype, t.typcategory, t.typelem::int8, t.typbasetype::int8,
        CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE '' END,
        (SELECT string_agg(e.enumlabel, E'\\x1f' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
        (SELECT string_agg(pg_get_expr(k.conbin, 0), E'\\x1f') FROM pg_constraint k WHERE k.contypid = t.oid),
        coalesce((SELECT r.rngsubtype::int8 FROM pg_range r WHERE r.rngtypid = t.oid), 0),
        CASE WHEN t.typtype = 'c' THEN (SELECT string_agg(a.attname || E'\\x1e' || a.atttypid::int8 || E'\\x1e' ||
          format_type(a.atttypid, a.atttypmod), E'\\x1f' ORDER BY a.attnum) FROM pg_attribute a
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(toast|temp)'
        AND (n.nspname <> 'pg_catalog' OR t.typtype IN ('b', 'r', 'm'))
      """)
    for row in rows {
      var type = Catalogue.TypeInfo(
        oid: Int(row[0] ?? "") ?? 0, name: row[1] ?? "", schema: row[2] ?? "", kind: row[3] ?? "b",
        category: row[4] ?? "X", element: Int(row[5] ?? "") ?? 0, base: Int(row[6] ?? "") ?? 0, baseText: row[7] ?? "")
      type.labels = split(row[8])
      type.checks = split(row[9])
      type.rangeSubtype = Int(row[10] ?? "") ?? 0
      type.attributes = split(row[11]).compactMap { text in
        let parts = text.split(separator: "\u{1e}").map(String.init)
        return parts.count == 3 ? (parts[0], Int(parts[1]) ?? 0, parts[2]) : nil
      }
      catalogue.types[type.oid] = type
    }
  }
}

/// What the roles under test may do, table by table and column by column.
struct Privileges: Sendable {
  struct Rights: Sendable {
    /// The privileges on the whole table.
    var table: Set<String> = []
    /// Where only columns are granted: their names, by privilege.
    var columns: [String: Set<String>] = [:]
    func may(_ privilege: String) -> Bool { table.contains(privilege) || columns[privilege] != nil }
    /// The columns that may be used so; `nil` for all.
    func limited(_ privilege: String) -> Set<String>? {
      table.contains(privilege) ? nil : columns[privilege] ?? []
    }
  }
  private var rights: [String: [Int: Rights]] = [:]
  /// The functions that a role may execute.
  private(set) var executable: [String: Set<Int>] = [:]
  /// The sequences that a role may set.
  private(set) var settable: [String: [Sequence]] = [:]

  struct Sequence: Sendable, Equatable {
    let schema: String
    let name: String
    /// The table that takes its keys from it.
    let table: String?
    var sql: String { "\(SQLText.name(schema)).\(SQLText.name(name))" }
  }

  func of(_ role: String, _ relation: Int) -> Rights { rights[role]?[relation] ?? Rights() }

  /// The roles that hold any privilege on one of these relations.
  func holders(of relations: Set<Int>) -> Set<String> {
    Set(rights.filter { $0.value.contains { relations.contains($0.key) && !$0.value.table.isEmpty } }.keys)
  }

  static let kinds = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]

  static func read(_ connection: IsolationConnection, roles: [String], relations: [Int]) throws(IsolationFailure)
    -> Privileges
  {
    var result = Privileges()
    if roles.isEmpty || relations.isEmpty { return result }
    let roleList = "ARRAY[\(roles.map { SQLText.literal($0) }.joined(separator: ", "))]::name[]"
    let relationList = "'{\(relations.map(String.init).joined(separator: ","))}'::int8[]::oid[]"
    let columns = kinds.map { "has_table_privilege(r.oid, c.oid, '\($0)')" }.joined(separator: ", ")
    let any = ["SELECT", "INSERT", "UPDATE"].map { "has_any_column_privilege(r.oid, c.oid, '\($0)')" }.joined(
      separator: ", ")
    let rows = try connection.run(
      """
      SELECT r.rolname, c.oid::int8, \(columns), \(any) FROM pg_class c, pg_roles r
      WHERE c.oid = ANY(\(relationList)) AND r.rolname = ANY(\(roleList))
        AND has_schema_privilege(r.oid, c.relnamespace, 'USAGE')
      """)
    var partial: [(String, Int, String)] = []
    for row in rows {
      let role = row[0] ?? ""
      let oid = Int(row[1] ?? "") ?? 0
      var rights = Rights()
      for (index, kind) in kinds.enumerated() where row[2 + index] == "t" { rights.table.insert(kind) }
      for (index, kind) in ["SELECT", "INSERT", "UPDATE"].enumerated()
      where row[2 + kinds.count + index] == "t" && !rights.table.contains(kind) {
        partial.append((role, oid, kind))
      }
      result.rights[role, default: [:]][oid] = rights
    }
    for (role, oid, kind) in partial {
      let names = try connection.run(
        """
        SELECT attname FROM pg_attribute WHERE attrelid = \(oid) AND attnum > 0 AND NOT attisdropped
          AND has_column_privilege(\(SQLText.literal(role))::name, \(oid)::oid, attnum, '\(kind)')
        """)
      result.rights[role, default: [:]][oid, default: Rights()].columns[kind] = Set(names.compactMap { $0[0] })
    }
    let functions = try connection.run(
      """
      SELECT r.rolname, p.oid::int8 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, pg_roles r
      WHERE r.rolname = ANY(\(roleList)) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
      """)
    for row in functions { result.executable[row[0] ?? "", default: []].insert(Int(row[1] ?? "") ?? 0) }
    let sequences = try connection.run(
      """
      SELECT r.rolname, n.nspname, c.relname, t.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i')
      LEFT JOIN pg_class t ON t.oid = d.refobjid, pg_roles r
      WHERE c.relkind = 'S' AND r.rolname = ANY(\(roleList)) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_sequence_privilege(r.oid, c.oid, 'UPDATE')
      ORDER BY 1, 2, 3
      """)
    for row in sequences {
      result.settable[row[0] ?? "", default: []].append(
        .init(schema: row[1] ?? "", name: row[2] ?? "", table: row[3]))
    }
    return result
  }
}
