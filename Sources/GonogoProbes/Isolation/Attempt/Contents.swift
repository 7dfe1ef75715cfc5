/// Policies that depend on what a row says: `deleted_at IS NOT NULL`, `status = 'archived'`. A row that is put in says what
/// its defaults say; here B's row is made to say what each branch asks for, and is then tried again.
extension AttemptMaker {
  /// What a row is made to say.
  struct Content: Hashable {
    let settings: [Comparison.Setting]
    var sql: String { settings.map(\.sql).joined(separator: ", ") }
    var title: String { settings.map(\.sql).joined(separator: " AND ") }
  }

  /// Columns that say whose the row is, or which: to change them is another attempt.
  private func fixedColumns(_ table: TenancyModel.Table) -> Set<String> {
    var fixed = Set(Self.pathColumns(table) + table.tenantColumns + table.userColumns + table.relation.primaryKey)
    for key in table.relation.foreignKeys { fixed.formUnion(key.columns) }
    return fixed
  }

  /// A row that its column's name or value calls public is everybody's to read by design.
  private static func isPublic(_ comparison: Comparison) -> Bool {
    ([comparison.column, comparison.text] + comparison.path).contains { text in
      SQLText.snake(text).split { !$0.isLetter }.contains { word in
        ["public", "published", "publish", "publicly", "listed", "discoverable"].contains(String(word))
      }
    }
  }

  /// The assignments for which the comparisons of an expression hold.
  private func assignments(_ expression: String, _ table: TenancyModel.Table, _ reads: Bool)
    -> [Comparison.Setting]
  {
    let fixed = fixedColumns(table)
    let relation = table.relation
    return Comparison.all(in: expression, columns: relation.columns, of: relation.name).compactMap { comparison in
      guard !fixed.contains(comparison.column), !(reads && Self.isPublic(comparison)),
        let column = relation.column(comparison.column), !column.isGenerated
      else { return nil }
      return comparison.setting(column, catalogue)
    }
  }

  /// - Parameter command: whose policies are read.
  func contents(_ table: TenancyModel.Table, _ command: String, _ name: String) -> [Content] {
    guard table.relation.hasRLS, let role = catalogue.roles[name] else { return [] }
    let mine = table.relation.policies.filter { $0.covers(command) && $0.applies(to: role) }
    var found: [Content] = []
    func add(_ settings: [Comparison.Setting]) {
      if !settings.isEmpty, !found.contains(Content(settings: settings)) { found.append(.init(settings: settings)) }
    }
    let required = mine.filter { !$0.isPermissive }.compactMap(\.using).flatMap {
      assignments($0, table, false)
    }
    for policy in mine where policy.isPermissive {
      guard let using = command == "INSERT" ? policy.check ?? policy.using : policy.using else { continue }
      let single = assignments(using, table, command == "SELECT")
      for item in single { add([item]) }
      // One that asks for several things at a time.
      var seen: Set<String> = []
      let all = (single + (single.isEmpty ? [] : required)).filter { seen.insert($0.column).inserted }
      if all.count > 1 { add(all) }
    }
    return Array(found.prefix(8))
  }

  /// The branches that are not tried, since their names say that everybody may read such rows.
  func publicBranches(_ table: TenancyModel.Table) -> [String] {
    let relation = table.relation
    let expressions = relation.policies.filter { $0.isPermissive && $0.covers("SELECT") }.compactMap(\.using)
    let columns = expressions.flatMap { Comparison.all(in: $0, columns: relation.columns, of: relation.name) }
      .filter(Self.isPublic).map(\.column)
    return Set(columns).sorted().map {
      "\(relation.name): rows that its \($0) makes public were taken to be everybody's to read"
    }
  }

  /// B's row, made to say what the policies ask for, and tried as the strangers try it.
  func contentAttempts(_ target: Target, _ principal: Principal, _ seeder: inout Seeder) -> [Attempt] {
    let relation = target.table.relation
    if principal.isControl || catalogue.isReadOnly || !relation.isTable { return [] }
    var attempts: [Attempt] = []
    for command in ["SELECT", "UPDATE", "DELETE"] where !isClosed(relation, command, principal.role) {
      for content in contents(target.table, command, principal.role) {
        let tries: [Attempt] =
          switch command {
          case "SELECT": select(target, principal)
          case "UPDATE": update(target, principal, seeder)
          default: delete(target, principal)
          }
        for var attempt in tries where ["scan", "by key", "blind"].contains(attempt.kind) {
          attempt.kind = "with \(content.title): \(attempt.kind)"
          attempt.prepare = preparation(target, content)
          // What the branch asks for must still hold of the new row.
          if let touched = touch(target, principal),
            let kept = content.settings.first(where: { touched.hasPrefix("\(SQLText.name($0.column)) = ") })
          {
            attempt.sql = attempt.sql.replacing("SET \(touched)", with: "SET \(kept.sql)")
          }
          attempt.retriesBare = false
          if attempt.check != nil {
            attempt.check = Self.displaced(target)
            attempt.evidence = .changed([.init(relation: relation, condition: target.victimCondition)])
          }
          attempts.append(attempt)
        }
      }
    }
    if !isClosed(relation, "INSERT", principal.role) {
      for content in contents(target.table, "INSERT", principal.role) {
        let columns = Set(content.settings.map(\.column))
        for var attempt in insert(target, principal, &seeder, content: content)
        where attempt.kind.hasSuffix(": insert") {
          // A CHECK that forbids what the branch asks for closes it for good.
          attempt.heldBy = Set(relation.checks.filter { !columns.isDisjoint(with: $0.columns) }.map(\.name))
          attempts.append(attempt)
        }
      }
    }
    return attempts
  }

  /// Whether the row is no longer where ``preparation(_:_:)`` has left it.
  private static func displaced(_ target: Target) -> String {
    "SELECT 1 - count(*) FROM \(target.table.relation.sql) WHERE \(target.victimCondition) AND tableoid::text || ctid::text = current_setting('gonogo.place', true)"
  }

  /// Writes the content past triggers, where the connection may; a CHECK that forbids it closes the branch for good.
  private func preparation(_ target: Target, _ content: Content) -> String {
    let relation = target.table.relation
    let mode = catalogue.maySetReplicationRole
    let body = """
      DECLARE place text;
      BEGIN
        BEGIN
          UPDATE \(relation.sql) SET \(content.sql) WHERE \(target.victimCondition);
          IF NOT FOUND THEN
            RAISE EXCEPTION 'nothing proven: the branch was not tried, for the row could not be changed';
          END IF;
        EXCEPTION WHEN check_violation OR not_null_violation OR string_data_right_truncation
          OR numeric_value_out_of_range THEN NULL;
        END;
        SELECT tableoid::text || ctid::text INTO STRICT place FROM \(relation.sql) WHERE \(target.victimCondition) LIMIT 1;
        PERFORM set_config('gonogo.place', place, true);
      END
      """
    let sql = "DO \(StatementRunner.block(body))"
    return mode
      ? "SET LOCAL session_replication_role = replica; \(sql); SET LOCAL session_replication_role = origin" : sql
  }
}
