import GonogoCore

/// The functions of templates that are computed here: Go's own, Sprig's (https://masterminds.github.io/sprig/) and Helm's, as far
/// as charts use them. Every other one gives something that is not known.
enum HelmFunctions {
  static func call(_ name: String, _ arguments: [HelmValue]) -> HelmValue {
    if let value = conditions(name, arguments) { return value }
    if let value = collections(name, arguments) { return value }
    // A text with a part that is not known stays one; what is asked of it is not known.
    if arguments.contains(where: \.isUnknown) { return unknown(name, arguments) }
    return texts(name, arguments) ?? numbers(name, arguments) ?? .unknown
  }

  /// A block that is not known keeps its place: it is indented like any other.
  private static func unknown(_ name: String, _ arguments: [HelmValue]) -> HelmValue {
    guard name == "nindent" || name == "indent" else { return .unknown }
    return texts(name, arguments.map { $0.isUnknown ? HelmValue(.string($0.printed)) : $0 }) ?? .unknown
  }

  // MARK: Conditions

  private static func conditions(_ name: String, _ arguments: [HelmValue]) -> HelmValue? {
    switch name {
    case "and", "or":
      // The first that decides, else the last, as in Go.
      for argument in arguments {
        guard let truth = argument.truth else {
          // Another one that decides by itself does so wherever it stands.
          let decides = arguments.contains { $0.truth == (name == "or") }
          return decides ? HelmValue(.bool(name == "or")) : .unknown
        }
        if truth == (name == "or") { return argument }
      }
      return arguments.last ?? .null
    case "not": return arguments.first?.truth.map { HelmValue(.bool(!$0)) } ?? .unknown
    case "empty": return arguments.first?.truth.map { HelmValue(.bool(!$0)) } ?? .unknown
    case "default":
      guard arguments.count == 2 else { return arguments.first ?? .unknown }
      guard let truth = arguments[1].truth else { return .unknown }
      return truth ? arguments[1] : arguments[0]
    case "coalesce":
      for argument in arguments {
        guard let truth = argument.truth else { return .unknown }
        if truth { return argument }
      }
      return .null
    case "ternary":
      guard arguments.count == 3, let truth = arguments[2].truth else { return .unknown }
      return truth ? arguments[0] : arguments[1]
    case "required": return arguments.last.map { $0.truth == false ? .unknown : $0 } ?? .unknown
    case "eq":
      guard let first = arguments.first.flatMap(plain) else { return .unknown }
      let others = arguments.dropFirst().map(plain)
      if others.contains(first) { return HelmValue(.bool(true)) }
      return others.contains(nil) ? .unknown : HelmValue(.bool(false))
    case "ne":
      guard arguments.count == 2, let left = plain(arguments[0]), let right = plain(arguments[1]) else {
        return .unknown
      }
      return HelmValue(.bool(left != right))
    case "kindIs", "typeIs":
      guard arguments.count == 2, !arguments[1].isUnknown, let wanted = plain(arguments[0]) else { return .unknown }
      return HelmValue(.bool(wanted == kind(arguments[1]) || wanted == "\(kind(arguments[1]))64"))
    case "kindOf", "typeOf": return arguments.first.map { $0.isUnknown ? .unknown : .text(kind($0)) } ?? .unknown
    default: return nil
    }
  }

  /// A scalar as text, for comparisons; `nil` where it is not wholly known.
  private static func plain(_ value: HelmValue) -> String? {
    switch value.content {
    case .unknown, .list, .map: return nil
    case .null: return ""
    default:
      let text = value.printed.string
      return text.contains(HelmText.unknown) ? nil : text
    }
  }

  private static func kind(_ value: HelmValue) -> String {
    switch value.content {
    case .unknown: "unknown"
    case .null: "invalid"
    case .bool: "bool"
    case .number(let text): text.contains(".") ? "float64" : "int"
    case .string: "string"
    case .list: "slice"
    case .map: "map"
    }
  }

  // MARK: Lists and maps

  private static func collections(_ name: String, _ arguments: [HelmValue]) -> HelmValue? {
    switch name {
    case "toYaml", "toYamlPretty":
      guard let value = arguments.last else { return .unknown }
      return value.isUnknown ? .unknown : HelmValue(.string(value.yaml), from: value.origin)
    case "list", "tuple": return HelmValue(.list(arguments))
    case "dict":
      var entries: [(key: String, value: HelmValue)] = []
      for index in stride(from: 0, to: arguments.count - 1, by: 2) {
        guard let key = plain(arguments[index]) else { return .unknown }
        entries.append((key, arguments[index + 1]))
      }
      return HelmValue(.map(entries))
    case "get", "index":
      var value = arguments.first ?? .unknown
      for argument in arguments.dropFirst() {
        guard let key = plain(argument) else { return .unknown }
        if case .list(let items) = value.content {
          guard let index = Int(key), items.indices.contains(index) else { return .unknown }
          value = items[index]
        } else {
          value = value[key]
        }
      }
      return value
    case "hasKey":
      guard arguments.count == 2, let key = plain(arguments[1]), case .map(let entries) = arguments[0].content else {
        return .unknown
      }
      return HelmValue(.bool(entries.contains { $0.key == key }))
    case "dig":
      guard arguments.count >= 3, var value = arguments.last else { return .unknown }
      for argument in arguments.dropLast(2) {
        guard let key = plain(argument) else { return .unknown }
        value = value[key]
      }
      if case .null = value.content { return arguments[arguments.count - 2] }
      return value
    case "keys":
      guard arguments.count == 1, case .map(let entries) = arguments[0].content else { return .unknown }
      return HelmValue(.list(entries.map { .text($0.key) }))
    case "has":
      guard arguments.count == 2, let wanted = plain(arguments[0]), case .list(let items) = arguments[1].content else {
        return .unknown
      }
      return HelmValue(.bool(items.contains { plain($0) == wanted }))
    case "first", "last":
      guard arguments.count == 1, case .list(let items) = arguments[0].content else { return .unknown }
      return (name == "first" ? items.first : items.last) ?? .null
    case "concat":
      var all: [HelmValue] = []
      for argument in arguments {
        guard case .list(let items) = argument.content else { return .unknown }
        all += items
      }
      return HelmValue(.list(all))
    case "append":
      guard arguments.count == 2, case .list(let items) = arguments[0].content else { return .unknown }
      return HelmValue(.list(items + [arguments[1]]))
    case "merge", "mergeOverwrite":
      // `merge` lets the first win, `mergeOverwrite` the last.
      guard !arguments.contains(where: \.isUnknown), let first = arguments.first else { return .unknown }
      return arguments.dropFirst().reduce(first) { result, next in
        name == "merge" ? next.overlaid(by: result) : result.overlaid(by: next)
      }
    case "deepCopy": return arguments.first ?? .unknown
    case "join":
      guard arguments.count == 2, let between = plain(arguments[0]), case .list(let items) = arguments[1].content
      else { return .unknown }
      var result = HelmText()
      for (index, item) in items.enumerated() {
        if index > 0 { result += HelmText(between, from: nil) }
        result += item.printed
      }
      return HelmValue(.string(result))
    case "len":
      switch arguments.first?.content {
      case .list(let items): return HelmValue(.number("\(items.count)"))
      case .map(let entries): return HelmValue(.number("\(entries.count)"))
      case .string(let text): return HelmValue(.number("\(text.string.utf8.count)"))
      default: return .unknown
      }
    default: return nil
    }
  }

  // MARK: Texts

  private static func texts(_ name: String, _ arguments: [HelmValue]) -> HelmValue? {
    guard let last = arguments.last else { return nil }
    let text = last.printed
    func number(_ value: HelmValue) -> Int { Int(plain(value) ?? "") ?? 0 }
    func changed(_ change: (String) -> String) -> HelmValue {
      HelmValue(.string(text.mapped(change)), from: last.origin)
    }
    let first = arguments.count > 1 ? plain(arguments[0]) ?? "" : ""
    switch name {
    case "quote":
      var result = HelmText()
      for (index, argument) in arguments.enumerated() {
        if index > 0 { result += HelmText(" ", from: nil) }
        let inner = argument.printed.string.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
          .replacing("\n", with: "\\n")
        result += HelmText("\"\(inner)\"", from: argument.printed.origin)
      }
      return HelmValue(.string(result), from: last.origin)
    case "squote": return changed { "'\($0.replacing("'", with: "''"))'" }
    case "toString", "trim", "trimAll", "nospace":
      return changed { name == "toString" ? $0 : name == "nospace" ? $0.filter { !$0.isWhitespace } : $0.trimmed }
    case "indent": return HelmValue(.string(text.indented(number(arguments[0]))))
    case "nindent":
      var result = HelmText("\n", from: nil)
      result += text.indented(number(arguments[0]))
      return HelmValue(.string(result))
    case "trimSuffix": return changed { $0.hasSuffix(first) ? String($0.dropLast(first.count)) : $0 }
    case "trimPrefix": return changed { $0.hasPrefix(first) ? String($0.dropFirst(first.count)) : $0 }
    case "trunc":
      let count = number(arguments[0])
      return changed { count >= 0 ? String($0.prefix(count)) : String($0.suffix(-count)) }
    case "replace":
      guard arguments.count == 3, let with = plain(arguments[1]), !first.isEmpty else { return .unknown }
      return changed { $0.replacing(first, with: with) }
    case "upper": return changed { $0.uppercased() }
    case "lower": return changed { $0.lowercased() }
    case "title", "kebabcase", "snakecase", "camelcase", "untitle": return .unknown
    case "contains": return HelmValue(.bool(first.isEmpty || text.string.contains(first)))
    case "hasPrefix": return HelmValue(.bool(text.string.hasPrefix(first)))
    case "hasSuffix": return HelmValue(.bool(text.string.hasSuffix(first)))
    case "splitList":
      guard !first.isEmpty else { return .unknown }
      return HelmValue(
        .list(text.string.split(separator: first, omittingEmptySubsequences: false).map { .text(String($0)) }))
    case "print": return HelmValue(.string(arguments.reduce(into: HelmText()) { $0 += $1.printed }))
    case "printf": return formatted(arguments)
    default: return nil
    }
  }

  private static func formatted(_ arguments: [HelmValue]) -> HelmValue {
    guard let format = arguments.first.flatMap(plain) else { return .unknown }
    var result = HelmText()
    var rest = arguments.dropFirst()
    var literal = ""
    var characters = format[...]
    while let character = characters.popFirst() {
      guard character == "%", let verb = characters.popFirst() else {
        literal.append(character)
        continue
      }
      if verb == "%" {
        literal.append("%")
        continue
      }
      guard "sdvq".contains(verb), let argument = rest.popFirst() else { return .unknown }
      result += HelmText(literal, from: nil)
      literal = ""
      result += verb == "q" ? argument.printed.mapped { "\"\($0)\"" } : argument.printed
    }
    result += HelmText(literal, from: nil)
    return HelmValue(.string(result))
  }

  // MARK: Numbers

  private static func numbers(_ name: String, _ arguments: [HelmValue]) -> HelmValue? {
    let values = arguments.map { Double(plain($0) ?? "") }
    func all() -> [Double]? { values.contains(nil) ? nil : values.compactMap { $0 } }
    func written(_ value: Double) -> HelmValue {
      guard value.magnitude < 1e15 else { return .unknown }
      return HelmValue(.number(value == value.rounded() ? "\(Int(value))" : "\(value)"))
    }
    switch name {
    case "int", "int64", "atoi":
      return values.first.flatMap { $0 }.map { written($0.rounded(.towardZero)) } ?? written(0)
    case "float64": return values.first.flatMap { $0 }.map(written) ?? written(0)
    case "add": return all().map { written($0.reduce(0, +)) }
    case "mul": return all().map { written($0.reduce(1, *)) }
    case "sub": return all().flatMap { $0.count == 2 ? written($0[0] - $0[1]) : nil }
    case "add1": return all().flatMap { $0.count == 1 ? written($0[0] + 1) : nil }
    case "lt", "le", "gt", "ge":
      guard let pair = all(), pair.count == 2 else { return .unknown }
      let holds =
        switch name {
        case "lt": pair[0] < pair[1]
        case "le": pair[0] <= pair[1]
        case "gt": pair[0] > pair[1]
        default: pair[0] >= pair[1]
        }
      return HelmValue(.bool(holds))
    default: return nil
    }
  }
}
