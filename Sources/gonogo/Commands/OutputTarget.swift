import Glibc
import GonogoCore
import GonogoReport
import GonogoSystem

/// One `--output FORMAT[=PATH]`.
struct OutputTarget {
  let format: any ReportFormat.Type
  /// `nil` is standard output.
  let path: String?

  /// The targets of a command line; `nil` where one is not right, which has then been told.
  static func parse(_ texts: [String], document: String) -> [OutputTarget]? {
    var targets: [OutputTarget] = []
    for text in texts {
      let name = String(text.prefix { $0 != "=" })
      let path = text.contains("=") ? String(text.drop { $0 != "=" }.dropFirst()) : nil
      guard let format = ReportFormats.named(name) else {
        let names = ReportFormats.all.map { $0.name }
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
      targets.append(OutputTarget(format: format, path: path))
    }
    let toStandard = targets.filter { $0.path == nil || $0.path == "-" }
    if toStandard.count > 1 {
      Terminal.complain(
        "only one report can go to standard output, not \(toStandard.map { $0.format.name }.joined(separator: " and "))",
        mend: "give the others a path: `--output \(toStandard[1].format.name)=report.\(toStandard[1].format.name)`")
      return nil
    }
    if toStandard.isEmpty, targets.isEmpty { targets.append(OutputTarget(format: TextReport.self, path: nil)) }
    return targets.map { $0.path == "-" ? OutputTarget(format: $0.format, path: nil) : $0 }
  }

  /// - Returns: whether it was written; where not, that has been told.
  func write(_ report: Report) -> Bool {
    guard let path else {
      let options = ReportOptions(
        colour: ProcessEnvironment.wantsColour(1), width: ProcessEnvironment.columns(1))
      if Terminal.out(format.init(options: options).render(report)) || errno == EPIPE { return true }
      Terminal.complain("the \(format.name) report: \(SystemError("write", "standard output"))")
      return false
    }
    do {
      try FileSystem.writeAtomically(format.init(options: ReportOptions()).render(report), to: path)
      return true
    } catch {
      Terminal.complain(
        "the \(format.name) report: \(error.description)", mend: "free some room, or write it elsewhere")
      return false
    }
  }
}
