import GonogoCore
import GonogoSystem

/// stdout is the result, stderr the rest.
enum Terminal {
  static func out(_ text: String) { _ = FileSystem.writeAll(Array(text.utf8), to: 1) }
  static func out(_ bytes: [UInt8]) -> Bool { FileSystem.writeAll(bytes, to: 1) }
  static func error(_ text: String) { _ = FileSystem.writeAll(Array(text.utf8), to: 2) }

  /// `gonogo: error: …` with its mend.
  static func complain(_ message: String, mend: String? = nil) {
    let style = Style(enabled: ProcessEnvironment.wantsColour(2))
    error("gonogo: \(style.red(style.bold("error"))): \(message)\n")
    if let mend { error("   = mend: \(mend)\n") }
  }

  static func warn(_ message: String, mend: String? = nil) {
    let style = Style(enabled: ProcessEnvironment.wantsColour(2))
    error("gonogo: \(style.yellow(style.bold("warning"))): \(message)\n")
    if let mend { error("   = mend: \(mend)\n") }
  }

  static func diagnostics(_ diagnostics: [Diagnostic], in file: SourceFile) {
    let renderer = DiagnosticRenderer(colour: ProcessEnvironment.wantsColour(2))
    for diagnostic in diagnostics { error(renderer.render(diagnostic, in: file)) }
  }
}
