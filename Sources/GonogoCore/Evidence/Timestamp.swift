/// Instants as RFC 3339 in UTC, with milliseconds.
public enum Timestamp {
  /// - Parameter milliseconds: since 1970-01-01T00:00:00Z.
  public static func format(_ milliseconds: Int64) -> String {
    let days = floorDivide(milliseconds, 86_400_000)
    let rest = Int(milliseconds - days * 86_400_000)
    let (year, month, day) = civil(days)
    if (0...9999).contains(year) {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(24)
      func put(_ value: Int, _ width: Int, _ end: Unicode.Scalar) {
        var scale = width == 4 ? 1000 : width == 3 ? 100 : 10
        while scale > 0 {
          bytes.append(0x30 + UInt8(value / scale % 10))
          scale /= 10
        }
        bytes.append(UInt8(ascii: end))
      }
      put(year, 4, "-")
      put(month, 2, "-")
      put(day, 2, "T")
      put(rest / 3_600_000, 2, ":")
      put(rest / 60_000 % 60, 2, ":")
      put(rest / 1000 % 60, 2, ".")
      put(rest % 1000, 3, "Z")
      return String(decoding: bytes, as: UTF8.self)
    }
    func pad(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(rest / 3_600_000, 2)):"
      + "\(pad(rest / 60_000 % 60, 2)):\(pad(rest / 1000 % 60, 2)).\(pad(rest % 1000, 3))Z"
  }

  /// Milliseconds of an RFC 3339 instant, or of an ISO 8601 date and time with `Z` or an offset; `nil` where the text is
  /// none, or where it has no offset and so names no instant.
  public static func parse(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    var index = 0
    func number(_ count: Int) -> Int? {
      guard index + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[index..<index + count] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      index += count
      return value
    }
    func take(_ allowed: String) -> Bool {
      guard index < bytes.count, allowed.utf8.contains(bytes[index]) else { return false }
      index += 1
      return true
    }
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("Tt "),
      let hour = number(2), take(":"), let minute = number(2), (1...12).contains(month), day >= 1,
      day <= daysIn(month, of: year), hour < 24, minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if take(":") {
      guard let value = number(2), value <= 60 else { return nil }
      second = value
      if take(".") {
        var scale = 100
        guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else { return nil }
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
          fraction += Int(bytes[index] - 0x30) * scale
          scale /= 10
          index += 1
        }
      }
    }
    var offset = 0
    if !take("Zz") {
      let negative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
      guard take("+-"), let hours = number(2) else { return nil }
      _ = take(":")
      guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * (negative ? -1 : 1)
    }
    guard index == bytes.count else { return nil }
    let seconds = Int64(hour * 3600 + minute * 60 + second - offset * 60)
    return (days(year, month, day) * 86_400 + seconds) * 1000 + Int64(fraction)
  }

  static func daysIn(_ month: Int, of year: Int) -> Int {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Days since 1970-01-01 of a date of the Gregorian calendar, and back (H. Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms").
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let y = Int64(month <= 2 ? year - 1 : year)
    let era = floorDivide(y, 400)
    let yearOfEra = y - era * 400
    let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = floorDivide(z, 146_097)
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = Int(part < 10 ? part + 3 : part - 9)
    return (Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month, Int(dayOfYear - (153 * part + 2) / 5 + 1))
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((-a + b - 1) / b) }
}
