/// Settings of PostgreSQL and Redis by name, and what a query gives.
enum NamedSettings {
  static let recogniser = Recogniser(
    "named-setting", probes: ["postgres", "redis"],
    manual: """
      "max_connections is at least 100", "`statement_timeout` is 30s": the server's own value, in the unit that the line names. "Redis maxmemory-policy is `noeviction`",
      "Redis: appendonly yes": what CONFIG GET says. "`SELECT count(*) …` returns 0": the query's first value; a count of 0 is of a table that has rows.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] max_connections is at least 100",
        #"""
        postgres: { query: "SELECT setting::numeric FROM pg_settings WHERE name = 'max_connections'" }
        expect: { value: ">= 100" }
        """#),
      Recogniser.Sample(
        "- [ ] `statement_timeout` is 30s",
        #"""
        postgres: { query: "SELECT extract(epoch FROM current_setting('statement_timeout')::interval) * 1000" }
        expect: { value: 30000 }
        """#),
      Recogniser.Sample(
        "- [ ] Redis maxmemory-policy is `noeviction`",
        #"""
        redis: { command: [CONFIG, GET, maxmemory-policy] }
        jq: '.reply | if type == "object" then .["maxmemory-policy"] else .[1] end | . == "noeviction"'
        """#),
      Recogniser.Sample(
        "- [ ] Redis: maxmemory-policy = noeviction, appendonly yes",
        #"""
        redis: { command: [CONFIG, GET, maxmemory-policy] }
        jq: '.reply | if type == "object" then .["maxmemory-policy"] else .[1] end | . == "noeviction"'
        """#,
        #"""
        redis: { command: [CONFIG, GET, appendonly] }
        jq: '.reply | if type == "object" then .["appendonly"] else .[1] end | . == "yes"'
        """#),
      Recogniser.Sample(
        "- [ ] `SELECT count(*) FROM invoices WHERE tenant_id IS NULL` returns 0",
        #"""
        postgres:
          query: "SELECT count(*) FROM invoices WHERE tenant_id IS NULL"
          examined: SELECT count(*) FROM invoices
        expect: { value: 0, examined: ">= 1" }
        """#),
    ],
    lookalikes: [
      "- [ ] Redis is at least fast", "- [ ] max_connections is documented", "- [ ] `my_setting` is 30s",
      "- [ ] `DELETE FROM t` returns 0", "- [ ] Redis maxmemory-policy was discussed", "- [ ] `SELECT 1` works",
    ]
  ) { line, _ in
    if line.kind == .command || line.kind == .statement { return nil }
    if let groups = query.first(in: line.raw), let sql = groups[1], let number = groups[3] {
      if sql.contains(";") { return nil }
      let count = counted.first(in: sql)
      var yaml = "postgres:\n  query: \(YAMLText.quoted(sql))"
      if number == "0", let table = count?[1] { yaml += "\n  examined: SELECT count(*) FROM \(table)" }
      if number == "0", count == nil { return nil }
      return Draft(
        yaml + "\nexpect: { value: \(number)\(number == "0" ? ", examined: \">= 1\"" : "") }", confidence: .high,
        reason: "the query's first value\(number == "0" ? ", of a table that has rows" : "")", carries: [sql])
    }
    if line.says(redis) {
      let settings = redisSetting.all(in: line.text).compactMap { groups in
        groups[1].flatMap { name in groups[2].map { (name.lowercased(), $0) } }
      }
      guard !settings.isEmpty else { return nil }
      return Draft(
        blocks: settings.map { name, value in
          "redis: { command: [CONFIG, GET, \(name)] }\njq: '.reply | if type == \"object\" then .[\"\(name)\"] else .[1] end | . == \"\(value.lowercased())\"'"
        }, confidence: .high, reason: "the server says how it is set; managed ones may forbid CONFIG")
    }
    guard let groups = setting.first(in: line.text), let name = groups[1]?.lowercased(), let number = groups[3] else {
      return nil
    }
    let bound = sign.first { $0.phrase.isFound(in: groups[2] ?? "") }?.sign ?? ""
    let unit = groups[4]?.lowercased() ?? ""
    if let factor = times.first(where: { unit.hasPrefix($0.unit) })?.factor, !unit.isEmpty {
      let value = (Double(number) ?? 0) * factor
      return Draft(
        "postgres: { query: \"SELECT extract(epoch FROM current_setting('\(name)')::interval) * 1000\" }\nexpect: { value: \(bound.isEmpty ? "\(Int(value))" : "\"\(bound) \(Int(value))\"") }",
        confidence: .high, reason: "the server's own setting, in milliseconds, as the role of the check has it",
        carries: ["\(number)\(unit)", "\(number) \(unit)"])
    }
    guard unit.isEmpty else { return nil }
    return Draft(
      "postgres: { query: \"SELECT setting::numeric FROM pg_settings WHERE name = '\(name)'\" }\nexpect: { value: \(bound.isEmpty ? number : "\"\(bound) \(number)\"") }",
      confidence: .high, reason: "the server's own setting")
  }

  private static let redis = Phrase(#"\b(redis|valkey)\b"#)
  private static let redisSetting = Phrase(
    #"\b(maxmemory-policy|appendonly|appendfsync|protected-mode|maxmemory|maxclients|save|timeout|notify-keyspace-events)\b`?\s*(?:is set to|is|set to|=|:|—|-)?\s*`?(allkeys-\w+|volatile-\w+|noeviction|yes|no|always|everysec|\d+\w*)\b"#
  )
  private static let setting = Phrase(
    #"^(?:postgres(?:ql)?:? )?(max_connections|superuser_reserved_connections|shared_buffers|work_mem|statement_timeout|lock_timeout|idle_in_transaction_session_timeout|idle_session_timeout|max_wal_senders|max_replication_slots|log_min_duration_statement|max_worker_processes|autovacuum_max_workers|deadlock_timeout)\s*(?:is|=|set to|равно)?\s*(?:set to )?(at least|at most|>=|<=|>|<|no more than|not less than|more than|less than|не менее|не более|=)?\s*(\d+)\s*(ms|s|secs?|seconds?|min|minutes?|h|hours?)?\.?$"#
  )
  private static let sign: [(phrase: Phrase, sign: String)] = [
    (Phrase(#"at least|>=|not less|не менее"#), ">="), (Phrase(#"at most|<=|no more|не более"#), "<="),
    (Phrase(#">|more than"#), ">"), (Phrase(#"<|less than"#), "<"),
  ]
  private static let times: [(unit: String, factor: Double)] = [
    ("ms", 1), ("mi", 60_000), ("s", 1000), ("h", 3_600_000),
  ]
  private static let query = Phrase(
    #"`(SELECT [^`]+)`\s*(returns|gives|is|=|→|->|возвращает|да[её]т|equals)\s*(\d+)\b"#)
  private static let counted = Phrase(#"^select\s+count\(\*\)\s+from\s+([\w."]+)"#)
}
