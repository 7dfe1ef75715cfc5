import GonogoCore

/// Who calls a function that reads a token without verifying it.
enum TokenCallers {
  /// Whether the function is called in other files alone, and each of the calls stands in a function that verifies a token. A function of the same name elsewhere
  /// counts as this one: its callers have to verify as well.
  ///
  /// - Parameters:
  ///   - name: the function's; `nil` for one without.
  ///   - verifying: the functions that verify.
  static func allVerify(
    _ name: String?, _ file: TreeFile, _ verifying: [CodeMatch], _ context: AuditContext
  ) -> Bool {
    guard let name, name.count > 3, let syntax = CodeSyntax(file.language) else { return false }
    let call = context.pattern(#"\b"# + name + #"\b"#)
    let lead = syntax == .python ? ["from ", "import "] : ["import ", "export {", "} from "]
    var isCalled = false
    for other in context.tree.files
    where CodeSyntax(other.language) == syntax && (other == file || CodeScope.isLookedAt(other)) {
      guard let code = CodeText(other, in: context) else { continue }
      guard let hits = (try? call.lineMatches(in: code.code, limit: 200))?.hits else { return false }
      for hit in hits {
        let line = String(decoding: code.code[hit.lineRange], as: UTF8.self).trimmed
        if lead.contains(where: line.hasPrefix) || line == "\(name)," || line == name { continue }
        if other == file {
          if isDefinition(line, name) { continue }
          return false
        }
        guard verifying.contains(where: { $0.file == other && $0.range.contains(hit.match.lowerBound) }) else {
          return false
        }
        isCalled = true
      }
    }
    return isCalled
  }

  private static func isDefinition(_ line: String, _ name: String) -> Bool {
    ["def \(name)", "function \(name)", "const \(name)", "let \(name)"].contains(where: line.contains)
  }
}
