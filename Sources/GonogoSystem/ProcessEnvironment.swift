import CSystem
import Glibc

/// The process's own environment and terminal.
public enum ProcessEnvironment {
  public static var all: [String: String] {
    var result: [String: String] = [:]
    var pointer = environ
    while let entry = pointer.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        result[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      pointer += 1
    }
    return result
  }

  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The width of the terminal behind a descriptor; `COLUMNS` goes before it.
  public static func columns(_ descriptor: Int32) -> Int {
    if let text = getenv("COLUMNS"), let value = Int(String(cString: text)), value > 0 { return value }
    let value = Int(gonogo_terminal_columns(descriptor))
    return value > 0 ? value : 100
  }

  /// NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE go before what the descriptor is (https://no-color.org).
  public static func wantsColour(_ descriptor: Int32) -> Bool {
    func set(_ name: String) -> Bool { getenv(name).map { $0.pointee != 0 } ?? false }
    if set("NO_COLOR") { return false }
    for name in ["FORCE_COLOR", "CLICOLOR_FORCE"] where set(name) && String(cString: getenv(name)) != "0" {
      return true
    }
    if getenv("TERM").map({ String(cString: $0) }) == "dumb" { return false }
    return isTerminal(descriptor)
  }
}
