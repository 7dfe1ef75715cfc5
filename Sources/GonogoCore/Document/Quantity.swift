/// Durations and sizes as authors write them. Facts hold milliseconds and bytes; these turn `24h` and `2MiB` into them.
public enum Quantity {
  /// Units of time, in milliseconds. A month and a year have no fixed length and are not taken.
  static let durations: [(String, Double)] = [
    ("ms", 1), ("s", 1000), ("min", 60_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
  ]
  /// Units of size, in bytes: decimal and binary (IEC 80000-13) apart.
  static let sizes: [(String, Double)] = [
    ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1_048_576),
    ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("B", 1),
  ]

  /// Milliseconds of a duration such as `500ms`, `10s`, `1.5h`; `nil` where the text is none.
  public static func milliseconds(_ text: String) -> Double? { scaled(text, durations) }

  /// A plain number, a duration (in ms), a size (in bytes) or a percentage (as the number before the sign).
  public static func number(_ text: String) -> Double? {
    let trimmed = trim(text)
    if let plain = finite(trimmed) { return plain }
    if trimmed.hasSuffix("%") { return finite(String(trimmed.dropLast())) }
    return scaled(trimmed, durations) ?? scaled(trimmed, sizes)
  }

  private static func scaled(_ text: String, _ units: [(String, Double)]) -> Double? {
    let trimmed = trim(text)
    let split = trimmed.firstIndex { !($0.isNumber || $0 == "." || $0 == "-") } ?? trimmed.endIndex
    guard let amount = finite(String(trimmed[..<split])) else { return nil }
    let unit = trim(String(trimmed[split...]))
    return units.first { $0.0 == unit }.map { amount * $0.1 }
  }

  private static func finite(_ text: String) -> Double? {
    guard let first = text.first, first.isASCII, first.isNumber || first == "-" || first == ".",
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  private static func trim(_ text: String) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// A duration for people: `340 ms`, `12.4 s`, `3 min 20 s`.
  public static func describe(milliseconds: Int) -> String {
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds < 60_000 { return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
    return "\(milliseconds / 60_000) min \(milliseconds % 60_000 / 1000) s"
  }
}
