import GonogoCore
import GonogoSystem

/// A configuration of our own for an outside tool: the audited tree's may name what is to be passed over, or run.
struct ToolConfiguration {
  let path: String
  private let directory: String

  /// - Throws: ``CouldNotLook`` where it cannot be written.
  init(named name: String, _ text: String) throws(CouldNotLook) {
    do throws(SystemError) {
      directory = try Leftovers.makeDirectory(prefix: "gonogo-tool")
      path = "\(directory)/\(name)"
      try FileSystem.writeNew(Array(text.utf8), to: path)
    } catch {
      throw CouldNotLook("the configuration of a tool could not be written: \(error)", mend: "free some room")
    }
  }

  func remove() { Leftovers.remove(directory) }
}

/// The comments by which files tell an outside tool to pass something over.
enum ToolComments {
  static func places(of mark: String, in files: [TreeFile], _ context: AuditContext) -> [TreePlace] {
    var result: [TreePlace] = []
    for file in files {
      guard let text = context.tree.text(file), ByteSearch.contains(mark, in: text.bytes) else { continue }
      for number in 1...text.lineCount {
        let line = Array(text.line(number))
        guard ByteSearch.contains(mark, in: line) else { continue }
        let column = line.indices.first { line[$0...].starts(with: mark.utf8) } ?? 0
        result.append(TreePlace(file.path, line: number, column: column + 1))
      }
    }
    return result
  }
}
