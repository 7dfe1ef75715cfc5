import GonogoCore

/// Functions that bear the name of one of `pg_catalog`'s.
enum LockShadows {
  struct Shadow: Sendable {
    let function: String
    let schema: String
    /// A call that names no schema, with these argument types, runs this one.
    let wins: Bool
    let isDefiner: Bool
    /// Roles beside the owner that may execute it.
    let callers: [String]

    var json: JSON {
      [
        "function": .string(function), "schema": .string(schema), "wins": .bool(wins), "definer": .bool(isDefiner),
        "callers": JSON(callers),
        "reason": .string(
          wins
            ? "a call without a schema, with these argument types, runs this one and not pg_catalog's"
            : "pg_catalog comes first on this login's search_path: this one is run where it is called with its schema, as a remote procedure is"
        ),
        "mend": .string("ALTER FUNCTION \(function) RENAME TO …, and let callers say pg_catalog's with its schema"),
      ]
    }
  }

  /// Functions outside pg_catalog, of no extension, that may be called as one of pg_catalog's is. One that takes a type of
  /// the application's own is an overload, and in nobody's way.
  ///
  /// "pg_function_is_visible: … the function is visible if … no function of the same name and argument data type(s) appears
  /// earlier in the search path" (PostgreSQL, 9.26).
  static func query(_ schemas: [String]) -> String {
    let more = schemas.map(SQLText.literal).joined(separator: ", ")
    return """
      SELECT pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
        n.nspname, pg_catalog.pg_function_is_visible(p.oid), p.prosecdef,
        coalesce((SELECT pg_catalog.string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'public'
            ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END, ',')
          FROM pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
          WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner), ''),
        pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, (SELECT pg_catalog.string_agg(
          pg_catalog.format_type(t, NULL), ', ' ORDER BY i) FROM pg_catalog.unnest(p.proargtypes::oid[]) WITH ORDINALITY u(t, i)))
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE (n.nspname = ANY (pg_catalog.current_schemas(false)) OR n.nspname IN ('public'\(more.isEmpty ? "" : ", \(more)")))
        AND n.nspname <> 'pg_catalog' AND p.prokind IN ('f', 'a', 'w') AND p.prorettype <> 'pg_catalog.trigger'::regtype
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass
          AND d.objid = p.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proargtypes::oid[]) t JOIN pg_catalog.pg_type y ON y.oid = t
          WHERE y.typnamespace <> 'pg_catalog'::regnamespace)
        AND EXISTS (SELECT FROM pg_catalog.pg_proc c WHERE c.pronamespace = 'pg_catalog'::regnamespace
          AND c.proname = p.proname AND c.prokind = p.prokind
          AND p.pronargs - p.pronargdefaults <= CASE WHEN c.provariadic <> 0 THEN 100 ELSE c.pronargs END
          AND c.pronargs - c.pronargdefaults - (c.provariadic <> 0)::int <= p.pronargs)
      ORDER BY 1
      """
  }

  /// Rows of ``query(_:)``; with the name that `allow:` may use, which has types and no names of arguments.
  static func read(_ rows: [[String?]]) -> [(shadow: Shadow, signature: String)] {
    rows.compactMap { row in
      guard row.count == 6, let function = row[0], let schema = row[1], let signature = row[5] else { return nil }
      let shadow = Shadow(
        function: function, schema: schema, wins: row[2] == "t", isDefiner: row[3] == "t",
        callers: (row[4] ?? "").split(separator: ",").map(String.init))
      return (shadow, signature)
    }
  }
}
