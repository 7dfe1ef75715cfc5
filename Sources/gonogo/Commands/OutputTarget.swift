import Glibc
import GonogoCore
import GonogoReport
import GonogoSystem

/// One `--output FORMAT[=PATH]`, of a command whose forms are of the kind `Format`.
struct OutputTarget<Format: Sendable>: Sendable {
  let name: String
  let format: Format
  /// `nil` is standard output.
  let path: String?

  /// The targets of a command line; `nil` where one is not right, which has then been told.
  ///
  /// - Parameters:
  ///   - formats: what there is, by name; the first is what standard output gets where nothing is asked for.
  ///   - document: the file that was read, which no report may replace.
  static func parse(_ texts: [String], formats: [(name: String, format: Format)], document: String) -> [OutputTarget]? {
    var targets: [OutputTarget] = []
    for text in texts {
      let name = String(text.prefix { $0 != "=" })
      let path = text.contains("=") ? String(text.drop { $0 != "=" }.dropFirst()) : nil
      guard let format = formats.first(where: { $0.name == name })?.format else {
        let names = formats.map(\.name)
        let near = Suggestion.nearest(to: name, in: names)
        Terminal.complain(
          "there is no report format '\(name)'",
          mend: near.map { "did you mean '\($0)'?" } ?? "formats are \(names.joined(separator: ", "))")
        return nil
      }
      if let path {
        let folder = FileSystem.directory(of: path)
        if path.isEmpty || !FileSystem.exists(folder) || !FileSystem.isWritable(folder) {
          Terminal.complain(
            "the report '\(text)' cannot be written: there is no folder '\(folder)' that may be written",
            mend: "make the folder first")
          return nil
        }
        if (try? FileSystem.status(path))?.isDirectory == true {
          Terminal.complain("the report '\(text)' cannot be written: '\(path)' is a folder", mend: "name a file in it")
          return nil
        }
        let real = FileSystem.realPath(path) ?? path
        if real == FileSystem.realPath(document) {
          Terminal.complain("the report '\(text)' would replace the checklist itself", mend: "write it elsewhere")
          return nil
        }
        if targets.contains(where: { $0.path.map { FileSystem.realPath($0) ?? $0 } == real }) {
          Terminal.complain("two reports would be written to '\(path)'", mend: "give each a path of its own")
          return nil
        }
      }
      targets.append(OutputTarget(name: name, format: format, path: path))
    }
    let toStandard = targets.filter { $0.path == nil || $0.path == "-" }
    if toStandard.count > 1 {
      Terminal.complain(
        "only one report can go to standard output, not \(toStandard.map(\.name).joined(separator: " and "))",
        mend: "give the others a path: `--output \(toStandard[1].name)=report.\(toStandard[1].name)`")
      return nil
    }
    if targets.isEmpty, let first = formats.first {
      targets.append(OutputTarget(name: first.name, format: first.format, path: nil))
    }
    return targets.map { $0.path == "-" ? OutputTarget(name: $0.name, format: $0.format, path: nil) : $0 }
  }

  /// - Returns: whether it was written; where not, that has been told.
  func write(_ render: (ReportOptions) -> [UInt8]) -> Bool {
    guard let path else {
      let options = ReportOptions(
        colour: ProcessEnvironment.wantsColour(1), width: ProcessEnvironment.columns(1))
      if Terminal.out(render(options)) || errno == EPIPE { return true }
      Terminal.complain("the \(name) report: \(SystemError("write", "standard output"))")
      return false
    }
    do {
      try FileSystem.writeAtomically(render(ReportOptions()), to: path)
      return true
    } catch {
      Terminal.complain("the \(name) report: \(error.description)", mend: "free some room, or write it elsewhere")
      return false
    }
  }
}

/// Where a report of `gonogo check` goes.
typealias ReportTarget = OutputTarget<any ReportFormat.Type>

extension OutputTarget where Format == any ReportFormat.Type {
  static func parse(_ texts: [String], document: String) -> [ReportTarget]? {
    parse(texts, formats: ReportFormats.all.map { ($0.name, $0) }, document: document)
  }

  func write(_ report: Report) -> Bool { write { format.init(options: $0).render(report) } }
}
