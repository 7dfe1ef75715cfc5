/// What `${…}` in a value stands for, as `.env` readers and Compose fill it in.
///
/// Known are `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}`, `${NAME:?message}` and `${NAME?message}`,
/// `${NAME:+other}` and `${NAME+other}` (Compose specification, "Interpolation"; POSIX.1-2017, 2.6.2).
struct Interpolation {
  enum Style {
    /// A Compose file: `$$` is a dollar sign.
    case compose
    /// An unquoted value of a `.env` file: `\$` is a dollar sign.
    case plain
    /// A value in double quotes: escapes are decoded on the way.
    case quoted
  }

  var text = ""
  /// A reference stood in the value.
  var happened = false
  /// Part of the value is a default that is written in the file.
  var defaulted = false
  /// Names without a value and without a default.
  var unresolved: [String] = []

  init(_ source: some StringProtocol, style: Style, lookup: (String) -> String?) {
    text = expand(Array(source.unicodeScalars), style, depth: 0, lookup)
  }

  private mutating func expand(
    _ input: [Unicode.Scalar], _ style: Style, depth: Int, _ lookup: (String) -> String?
  ) -> String {
    var output = String.UnicodeScalarView()
    var index = 0
    while index < input.count {
      let scalar = input[index]
      let next = index + 1 < input.count ? input[index + 1] : nil
      if scalar == "\\", style != .compose, let next {
        if next == "$" {
          output.append("$")
          index += 2
          continue
        }
        if style == .quoted {
          switch next {
          case "n": output.append("\n")
          case "r": output.append("\r")
          case "t": output.append("\t")
          case "\"", "\\": output.append(next)
          default:
            output.append(scalar)
            output.append(next)
          }
          index += 2
          continue
        }
      }
      if scalar == "$", style == .compose, next == "$" {
        output.append("$")
        index += 2
        continue
      }
      if scalar == "$", next == "{", let close = Self.closing(input, from: index + 2),
        let value = braced(Array(input[index + 2..<close]), style, depth: depth, lookup)
      {
        output.append(contentsOf: value.unicodeScalars)
        index = close + 1
        continue
      }
      if scalar == "$", let next, Self.startsName(next) {
        var end = index + 1
        while end < input.count, Self.continuesName(input[end]) { end += 1 }
        let name = Self.string(input[index + 1..<end])
        happened = true
        if let value = lookup(name) {
          output.append(contentsOf: value.unicodeScalars)
        } else {
          unresolved.append(name)
        }
        index = end
        continue
      }
      output.append(scalar)
      index += 1
    }
    return String(output)
  }

  /// The value of what stands between the braces; `nil` where that is no reference.
  private mutating func braced(
    _ inner: [Unicode.Scalar], _ style: Style, depth: Int, _ lookup: (String) -> String?
  ) -> String? {
    guard let first = inner.first, Self.startsName(first), depth < 16 else { return nil }
    var end = 0
    while end < inner.count, Self.continuesName(inner[end]) { end += 1 }
    let name = Self.string(inner[..<end])
    var rest = inner[end...]
    let emptyCounts = rest.first != ":"
    if !emptyCounts { rest = rest.dropFirst() }
    guard let sign = rest.first else {
      guard emptyCounts else { return nil }
      happened = true
      if let value = lookup(name) { return value }
      unresolved.append(name)
      return ""
    }
    guard "-?+".unicodeScalars.contains(sign) else { return nil }
    happened = true
    let found = lookup(name)
    let filled = emptyCounts ? found != nil : found.map { !$0.isEmpty } ?? false
    switch sign {
    case "-":
      if filled { return found }
      defaulted = true
      return expand(Array(rest.dropFirst()), style, depth: depth + 1, lookup)
    case "+": return filled ? expand(Array(rest.dropFirst()), style, depth: depth + 1, lookup) : ""
    default:
      if filled { return found }
      unresolved.append(name)
      return ""
    }
  }

  private static func closing(_ input: [Unicode.Scalar], from start: Int) -> Int? {
    var depth = 1
    var index = start
    while index < input.count {
      if input[index] == "{", input[index - 1] == "$" { depth += 1 }
      if input[index] == "}" {
        depth -= 1
        if depth == 0 { return index }
      }
      index += 1
    }
    return nil
  }

  private static func startsName(_ scalar: Unicode.Scalar) -> Bool {
    ("A"..."Z").contains(scalar) || ("a"..."z").contains(scalar) || scalar == "_"
  }
  private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    startsName(scalar) || ("0"..."9").contains(scalar)
  }
  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
