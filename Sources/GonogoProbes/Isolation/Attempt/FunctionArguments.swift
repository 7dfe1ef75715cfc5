import GonogoCore

/// What functions are called with.
extension ProofSession {
  struct Call {
    let sql: String
    /// Gives the number of lines that tell something of B, besides what was passed in.
    let counting: String
    /// What it answers, as one number.
    var answer = ""
    /// How many lines of it say anything but a key of B's.
    var saying = ""
    /// The same arguments with keys that nobody has, where one of them is B's.
    var absent: [String?]?

    init(_ function: Catalogue.Function, _ values: [String?], absent: [String?]?, keys: [String] = []) {
      let arguments = zip(values, function.argumentTypes).map { value, type in
        value.map { "\(SQLText.literal($0))::\(type)" } ?? "NULL::\(type)"
      }.joined(separator: ", ")
      if function.kind == "p" {
        sql = "CALL \(function.sql)(\(arguments))"
        counting = ""
        return
      }
      var line = "coalesce(f::text, '')"
      let passed = values.compactMap { $0 }
      // Keys that stand inside of an array or of an object were passed in, too.
      let inside = keys.filter { key in passed.contains { $0 != key && $0.contains(key) } }
      for value in Set(passed + inside).sorted() where value.count > 5 {
        line = "replace(\(line), \(SQLText.literal(value)), '')"
      }
      let call = "\(function.sql)(\(arguments)) f"
      sql = "SELECT * FROM \(function.sql)(\(arguments))"
      counting = "SELECT count(*) FROM (SELECT \(line) AS line FROM \(call)) x WHERE \(AttemptMaker.marked("x.line"))"
      answer =
        "SELECT hashtext(coalesce(string_agg(x.line, ',' ORDER BY x.line), ''))::bigint FROM (SELECT \(line) AS line FROM \(call)) x"
      let known = keys.map { SQLText.literal($0) }.joined(separator: ", ")
      saying =
        "SELECT count(*) FROM \(call) WHERE translate(coalesce(f::text, ''), '(,)', '') <> ''"
        + (known.isEmpty ? "" : " AND f::text NOT IN (\(known))")
      self.absent = absent
    }
  }

  /// Every key of B's that is known: one that is given back tells that there is such a thing, and no more.
  var keysOfB: [String] {
    let users = [SeedRow.Person.member, .admin, .spare].map { seeder.user(.b, $0) }
    let rows = targets.values.flatMap { target in
      target.table.relation.primaryKey.compactMap { target.victim.text($0) }
    }
    return Set(users + [seeder.tenantKeys[.b]].compactMap { $0 } + rows).filter { $0.count > 5 }.sorted()
  }

  /// A key of the same kind as one of B's, that nobody has.
  private func absent(_ value: String) -> String {
    if value.contains("@") { return "nobody@example.test" }
    if value.hasPrefix(SeedLabel.b.uuidPrefix) { return SeedValues.uuid(.b, 0xFFFF_FFFF) }
    if Int(value) != nil { return String(SeedLabel.b.integerBase + 9_999_999) }
    return SeedLabel.b.textPrefix + "nobody"
  }

  /// The ways to call a function with B's keys.
  ///
  /// - Parameter secrets: whether it is called with what only B's own people know, as well.
  func calls(_ function: Catalogue.Function, secrets: Bool = false) -> [Call]? {
    let source = FunctionSource(function.source)
    let mentioned = mentionedTables(function)
    let isGivenSQL = isGivenSQL(function)
    let most = isGivenSQL ? 120 : function.isDefiner ? 36 : 12
    var lists: [[String?]] = []
    for (place, oid) in function.argumentTypeOIDs.enumerated() {
      let name = place < function.argumentNames.count ? SQLText.snake(function.argumentNames[place]) : ""
      let argument = FunctionSource.argument(function, place)
      var list = structured(name, oid, function.argumentTypes[place], source, argument, mentioned)
      if list.isEmpty { list = candidates(name, oid, function.argumentTypes[place], mentioned) }
      if isText(oid) {
        var first = source.literals(argument).filter { !$0.isEmpty }.map(Optional.some)
        first += values(of: source.columns(argument) + source.conflicting, in: mentioned, secrets: secrets)
        if isGivenSQL { first = statements(mentioned).map(Optional.some) + first }
        list = first + list
      }
      if source.isOptional(argument) { list.append(nil) }
      var seen: Set<String> = []
      lists.append(list.filter { seen.insert($0 ?? "\u{0}").inserted })
    }
    var combinations: [[String?]] = [[]]
    for list in lists {
      if list.isEmpty { return nil }
      combinations = combinations.flatMap { head in list.map { head + [$0] } }
      if combinations.count > most { combinations = Array(combinations.prefix(most)) }
    }
    let keys = keysOfB
    let known = Set(keys + [seeder.email(.b, .member)])
    return combinations.map { values in
      var isOfB = false
      let replaced = values.map { value in
        value.map { text -> String in
          if known.contains(text) || text.hasPrefix(SeedLabel.b.textPrefix) {
            isOfB = true
            return absent(text)
          }
          guard text.hasPrefix("{") || text.hasPrefix("(") else { return text }
          var other = text
          for key in keys where text.contains(key) { other = other.replacing(key, with: absent(key)) }
          if other != text { isOfB = true }
          return other
        }
      }
      return Call(function, values, absent: isOfB ? replaced : nil, keys: keys)
    }
  }

  /// Whether a text that is passed to a function becomes part of a statement that it runs.
  func isGivenSQL(_ function: Catalogue.Function) -> Bool {
    guard function.language == "plpgsql" else { return false }
    let texts = function.argumentTypeOIDs.indices.filter { isText(function.argumentTypeOIDs[$0]) }
    return !texts.isEmpty
      && FunctionSource(function.source).runs(texts.map { FunctionSource.argument(function, $0) })
  }

  /// The tables with a tenant's rows that a function's own body names.
  func mentionedTables(_ function: Catalogue.Function) -> [AttemptMaker.Target] {
    let words = Set(
      FunctionSource(function.source).text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(
        String.init))
    return targets.values.filter { words.contains($0.table.relation.name.lowercased()) }.sorted {
      $0.table.relation.oid < $1.table.relation.oid
    }
  }

  private func isText(_ oid: Int) -> Bool {
    ["text", "varchar", "citext", "bpchar", "name"].contains(catalogue.types[oid]?.name ?? "")
  }

  /// What B's rows have in these columns: a name is no secret, a code that lets in is one.
  private func values(of columns: [String], in tables: [AttemptMaker.Target], secrets: Bool) -> [String?] {
    let hidden = ["token", "code", "secret", "hash", "key", "password", "otp", "pin", "nonce", "signature"]
    return columns.filter { column in
      secrets || !column.split(separator: "_").contains { hidden.contains(String($0)) }
    }.flatMap { column in
      tables.filter { $0.table.relation.column(column) != nil }.compactMap { $0.victim.text(column) }
    }
  }

  /// Statements, and parts of statements, that reach the other tenant's rows wherever a text becomes part of one.
  private func statements(_ mentioned: [AttemptMaker.Target]) -> [String] {
    let all = targets.values.filter { !$0.isLarge }.sorted { $0.table.relation.oid < $1.table.relation.oid }
    let referred = Set(all.flatMap { $0.table.relation.foreignKeys.map(\.target) })
    // What nothing points at can be removed.
    guard
      let target = mentioned.first(where: { !$0.isLarge })
        ?? all.first(where: { !referred.contains($0.table.relation.oid) }) ?? all.first
    else { return [] }
    let relation = target.table.relation
    return [
      "SELECT * FROM \(relation.sql)", "\(relation.name)", "true OR true", "DELETE FROM \(relation.sql)",
      "x' OR true OR '1' = '", "\(relation.schema).\(relation.name)",
    ]
  }

  /// Arrays, objects and rows that hold B's keys.
  private func structured(
    _ name: String, _ oid: Int, _ type: String, _ source: FunctionSource, _ argument: String,
    _ mentioned: [AttemptMaker.Target]
  ) -> [String?] {
    guard let info = catalogue.types[oid] else { return [] }
    func quoted(_ text: String) -> String {
      "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    if info.category == "A" {
      let one = name.hasSuffix("s") ? String(name.dropLast()) : name
      let element = type.hasSuffix("[]") ? String(type.dropLast(2)) : type
      let inner = candidates(one, info.element, element, mentioned).compactMap { $0 }
      return inner.isEmpty ? [] : ["{\(inner.map(quoted).joined(separator: ","))}"]
    }
    if info.kind == "c" {
      let parts = info.attributes.map { attribute in
        (candidates(SQLText.snake(attribute.name), attribute.type, attribute.text, mentioned).first ?? nil).map(quoted)
          ?? ""
      }
      return ["(\(parts.joined(separator: ",")))"]
    }
    guard info.name == "json" || info.name == "jsonb" else { return [] }
    let members = source.members(argument)
    if members.isEmpty { return [] }
    let aliases = ["int": "int4", "integer": "int4", "bigint": "int8", "boolean": "bool", "": "text"]
    let lists = members.map { member -> [String] in
      let wanted = aliases[member.type] ?? member.type
      guard let type = catalogue.types.values.first(where: { $0.name == wanted && $0.kind == "b" }) else {
        return ["1"]
      }
      // An id that is read as a text is a key all the same.
      let isKey = member.key.lowercased().hasSuffix("id") && type.name == "text"
      let uuid = catalogue.types.values.first { $0.name == "uuid" }
      let kind = isKey ? uuid ?? type : type
      return candidates(SQLText.snake(member.key), kind.oid, kind.name, mentioned).compactMap { $0 }
    }
    let count = min(6, lists.map(\.count).max() ?? 0)
    return (0..<count).map { number in
      var object: [String: JSON] = [:]
      for (member, list) in zip(members, lists) where !list.isEmpty {
        object[member.key] = .string(list[min(number, list.count - 1)])
      }
      return JSON.object(object).canonicalString
    }
  }

  /// Bounds that let everything through.
  private func bound(_ stem: String, _ info: Catalogue.TypeInfo?) -> [String]? {
    let words = Set(stem.split(separator: "_").map(String.init))
    func has(_ list: [String]) -> Bool { !words.isDisjoint(with: list) }
    switch info?.category {
    case "N":
      if has(["off", "offset", "skip"]) { return ["0"] }
      if has(["page"]) { return has(["size"]) ? ["1000"] : ["1", "0"] }
      if has(["lim", "limit", "size", "count", "top", "n", "per"]) { return ["1000"] }
      if has(["from", "min", "minimum", "low", "lo", "start", "least", "after", "above", "over"]) {
        return ["0", "1"]
      }
      if has(["to", "max", "maximum", "high", "hi", "until", "most", "below"]), info?.name != "int2" {
        return ["2000000000"]
      }
    case "D":
      if has(["from", "min", "low", "lo", "start", "since", "after", "begin"]) { return ["1970-01-01"] }
      if has(["to", "max", "high", "hi", "end", "until", "before"]) { return ["2099-12-31"] }
    default: break
    }
    return nil
  }

  private func candidates(
    _ name: String, _ oid: Int, _ type: String, _ mentioned: [AttemptMaker.Target]
  ) -> [String?] {
    let info = catalogue.types[oid]
    let stem = ["p_", "_", "in_", "arg_", "v_", "target_", "the_"].reduce(name) {
      $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
    }
    let isKey = info?.name == "uuid" || info?.category == "N" || info?.name == "text" || info?.name == "varchar"
    if let bound = bound(stem, info) { return bound }
    var list: [String?] = []
    if isKey {
      let fits = { (text: String?) -> Bool in
        guard let text else { return false }
        return info?.name == "uuid" ? text.count == 36 : info?.category == "N" ? Int(text) != nil : true
      }
      if let tenant = seeder.tenantKeys[.b], fits(tenant),
        IdentityModel.meaning(of: stem) == .tenant || stem == model.tenantKeyName
      {
        list.append(tenant)
      } else if fits(seeder.user(.b, .member)), Naming.isUserWord(stem) || Naming.userKeys.contains(stem) {
        list.append(seeder.user(.b, .member))
      } else {
        // `p_note_id` is a key of `notes`; a bare `id` may be of any table.
        let word = stem.hasSuffix("_id") ? String(stem.dropLast(3)) : stem
        let named = Set(mentioned.map(\.table.relation.oid))
        let rest = targets.values.filter { !named.contains($0.table.relation.oid) }
        for target in mentioned + rest.sorted(by: { $0.table.relation.oid < $1.table.relation.oid }) {
          let table = SQLText.snake(target.table.relation.name)
          guard let key = target.table.relation.primaryKey.first, target.table.relation.primaryKey.count == 1 else {
            continue
          }
          let text = target.victim.text(key)
          guard fits(text), target.table.relation.column(key)?.typeOID == oid || info?.category == "S" && false else {
            continue
          }
          if table == word || table == word + "s" || table == word + "es"
            || word.hasSuffix("y") && table == word.dropLast() + "ies"
          {
            list = [text]
            break
          }
          if info?.name == "uuid" || stem == "id" { list.append(text) }
        }
        if info?.name == "uuid", list.count != 1 {
          if let tenant = seeder.tenantKeys[.b], fits(tenant) { list.insert(tenant, at: 0) }
          list.append(seeder.user(.b, .member))
        }
        if stem.contains("email") { list = [seeder.email(.b, .member)] }
        if Naming.isRoleColumn(stem) { list = ["admin"] }
      }
    }
    list = Array(list.prefix(6))
    if list.isEmpty {
      var values = seeder.values
      let column = Catalogue.Column(
        name: name, typeOID: oid, type: type, isNotNull: true, identity: "", isGenerated: false, defaultExpression: nil)
      if let text = values.text(for: column, .a, distinct: false) { list = [text] }
      // What is searched for is found by a pattern that anything fits.
      if !list.isEmpty, info?.name == "text" || info?.name == "varchar" { list.append("%") }
    }
    return list
  }
}
