/// Which rows to put in, and in which order.
struct SeedPlan {
  /// The tables to fill, referred-to ones first.
  private(set) var order: [Int] = []
  /// Foreign keys that are left NULL at first, by table and name.
  private(set) var postponed: [Int: Set<String>] = [:]
  /// Tables whose ring of keys can neither be left NULL nor deferred.
  private(set) var forced: Set<Int> = []
  /// Tables that are filled before one that they refer to.
  private(set) var early: Set<Int> = []
  /// Tables that a row of this one needs, all the way down.
  private(set) var needs: [Int: Set<Int>] = [:]

  /// Tables without a key of a tenant or user that have members, and what hangs on them: each tenant gets rows of its own, or
  /// two strangers would be members of one group.
  private(set) var split: Set<Int> = []

  private static func groups(_ model: TenancyModel) -> Set<Int> {
    var found: Set<Int> = []
    let endings = ["members", "member", "memberships", "membership", "participants", "collaborators"]
    for table in model.tables where !table.userColumns.isEmpty && table.path != .shared {
      guard let last = SQLText.snake(table.relation.name).split(separator: "_").last, endings.contains(String(last))
      else {
        continue
      }
      for key in used(table, model) where model.table(key.target)?.path == .shared { found.insert(key.target) }
    }
    var grown = !found.isEmpty
    while grown {
      grown = false
      for table in model.tables where table.path == .shared && !found.contains(table.relation.oid) {
        if used(table, model).contains(where: { found.contains($0.target) }) {
          found.insert(table.relation.oid)
          grown = true
        }
      }
    }
    return found
  }

  init(_ model: TenancyModel) {
    split = Self.groups(model)
    var wanted: [Int] = []
    var seen: Set<Int> = []
    func want(_ oid: Int) {
      guard seen.insert(oid).inserted, let table = model.table(oid) else { return }
      wanted.append(oid)
      for key in Self.used(table, model) { want(key.target) }
    }
    for oid in [model.tenantTable, model.usersTable].compactMap({ $0 }) { want(oid) }
    for table in model.memberships { want(table.relation.oid) }
    for table in model.tables where table.isExposed && !table.relation.isPartition {
      if table.path != .shared || Self.isReferred(table, model) { want(table.relation.oid) }
    }
    var remaining = wanted
    var done: Set<Int> = []
    while !remaining.isEmpty {
      var progressed = false
      for oid in remaining {
        guard let table = model.table(oid) else { continue }
        let open = Self.used(table, model).filter {
          $0.target != oid && !done.contains($0.target) && seen.contains($0.target)
            && postponed[oid]?.contains($0.name) != true
        }
        if open.isEmpty {
          order.append(oid)
          done.insert(oid)
          progressed = true
        }
      }
      remaining.removeAll { done.contains($0) }
      if progressed || remaining.isEmpty { continue }
      // A ring: cut it where a key may be NULL, or else where its check can wait, or else by force.
      func open(_ oid: Int) -> [Catalogue.ForeignKey] {
        guard let table = model.table(oid) else { return [] }
        return Self.used(table, model).filter {
          $0.target != oid && !done.contains($0.target) && postponed[oid]?.contains($0.name) != true
        }
      }
      func isNullable(_ oid: Int, _ key: Catalogue.ForeignKey) -> Bool {
        key.columns.contains { model.table(oid)?.relation.column($0)?.isNotNull == false }
      }
      let cuts = remaining.map { oid in (oid: oid, open: open(oid)) }
      if let cut = cuts.first(where: { cut in cut.open.allSatisfy { isNullable(cut.oid, $0) } }) {
        for key in cut.open { postponed[cut.oid, default: []].insert(key.name) }
      } else if let cut = cuts.first(where: { cut in cut.open.contains { isNullable(cut.oid, $0) } }),
        let key = cut.open.first(where: { isNullable(cut.oid, $0) })
      {
        postponed[cut.oid, default: []].insert(key.name)
      } else {
        let deferrable = cuts.first { cut in cut.open.allSatisfy { $0.isDeferrable } }
        guard let cut = deferrable ?? cuts.first else { break }
        if deferrable == nil { forced.insert(cut.oid) }
        early.insert(cut.oid)
        order.append(cut.oid)
        done.insert(cut.oid)
        remaining.removeAll { $0 == cut.oid }
      }
    }
    for oid in order {
      var all: Set<Int> = []
      var open = [oid]
      while let next = open.popLast() {
        guard all.insert(next).inserted, let table = model.table(next) else { continue }
        open += Self.used(table, model).map(\.target)
      }
      needs[oid] = all
    }
  }

  /// The foreign keys that a seeded row fills: those it must, its path, and its users.
  static func used(_ table: TenancyModel.Table, _ model: TenancyModel) -> [Catalogue.ForeignKey] {
    table.relation.foreignKeys.filter { key in
      if model.table(key.target) == nil { return false }
      if key.columns.allSatisfy({ table.relation.column($0)?.isNotNull == true }) { return true }
      if case .parent(let path) = table.path, path.name == key.name { return true }
      return key.columns.contains { table.tenantColumns.contains($0) || table.userColumns.contains($0) }
    }
  }

  /// A table without tenant data that others point at.
  static func isReferred(_ table: TenancyModel.Table, _ model: TenancyModel) -> Bool {
    model.tables.contains { $0.path != .shared && used($0, model).contains { $0.target == table.relation.oid } }
  }
}
