import GonogoCore

/// What the tree defines to be run.
struct KnownScripts {
  private var scripts: Set<String> = []
  private var targets: Set<String> = []
  private var hasPackages = false
  private var hasMakefiles = false
  private var openTargets = false

  init(_ context: AuditContext) {
    for file in context.tree.files(named: "package.json") + context.tree.files(named: "deno.json") {
      hasPackages = hasPackages || file.name == "package.json"
      guard case .object(let root)? = context.json(file) else { continue }
      for key in ["scripts", "tasks", "nx"] {
        if case .object(let entries)? = root[key] { scripts.formUnion(entries.keys) }
      }
    }
    for file in context.tree.files(in: .make) {
      guard let text = context.tree.text(file) else { continue }
      hasMakefiles = true
      for number in 1...text.lineCount {
        let line = String(decoding: text.line(number), as: UTF8.self)
        if line.hasPrefix("include ") || line.hasPrefix("-include ") { openTargets = true }
        guard let first = line.unicodeScalars.first, first != "\t", first != "#", first != " ",
          let colon = line.firstIndex(of: ":")
        else { continue }
        let head = line[..<colon]
        if head.contains("=") { continue }
        // `%` and `$(…)` make targets that are not written.
        if head.contains("%") || head.contains("$") { openTargets = true }
        for name in head.split(separator: " ") { targets.insert(String(name)) }
        if head == ".PHONY" {
          for name in line[line.index(after: colon)...].split(separator: " ") { targets.insert(String(name)) }
        }
      }
    }
  }

  /// What a command runs that is not there.
  func missing(_ command: ShellScript.Command, _ document: MarkdownDocument, _ paths: KnownPaths) -> String? {
    func isPlain(_ name: String) -> Bool {
      !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ":-_.".contains($0)) }
        && !name.contains("...")
        && !["x", "script", "command", "name", "xxx", "your-script", "script-name", "task"].contains(name.lowercased())
    }
    switch command.program {
    case "npm", "pnpm", "yarn", "bun":
      // A tree that hardly uses scripts tells of those of another repository.
      guard hasPackages, scripts.count >= 3 else { return nil }
      // With a filter or another directory, it is still some package's.
      // `--if-present`, and a question after its help, know that it may not be there.
      if command.has("--if-present") || command.has("--help") { return nil }
      if command.has("--prefix") || command.has("-C") || command.has("--dir") || command.has("--cwd") { return nil }
      let plain = command.arguments.filter { !$0.hasPrefix("-") }
      guard let index = plain.firstIndex(of: "run"),
        index == plain.startIndex || command.has("--filter") || command.has("-F") || command.has("-w"),
        let name = plain[plain.index(after: index)...].first, isPlain(name), !scripts.contains(name)
      else { return nil }
      // `bun run file.ts` runs a file; npm knows `env` by itself.
      if name.contains(".") || name == "env" { return nil }
      return "\(command.program) run \(name)"
    case "make":
      guard hasMakefiles, !openTargets, command.words.count <= 4, !command.has("-C"), !command.has("-f") else {
        return nil
      }
      let names = command.arguments.filter { !$0.hasPrefix("-") && !$0.contains("=") }
      guard let name = names.first(where: { !targets.contains($0) }), isPlain(name), !paths.exists(name) else {
        return nil
      }
      return "make \(name)"
    case "bash", "sh", "node", "python", "python3":
      guard let name = command.arguments.first,
        name.hasSuffix(".sh") || name.hasSuffix(".py") || name.hasSuffix(".js") || name.hasSuffix(".ts")
      else { return nil }
      return missing(file: name, document, paths)
    default:
      guard let word = command.words.first, word.hasPrefix("./") || word.hasPrefix("scripts/"),
        word.hasSuffix(".sh") || word.hasSuffix(".py")
      else {
        return nil
      }
      return missing(file: word, document, paths)
    }
  }

  /// A script's file, told from any directory: only where a directory of its name is there, and no such file anywhere.
  private func missing(file: String, _ document: MarkdownDocument, _ paths: KnownPaths) -> String? {
    let name = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
    guard name.contains("/"), !name.hasPrefix("/"), !name.contains("$"), !name.contains("<"), !name.contains("*"),
      !name.contains("{"), !name.contains("~"), !name.contains("..")
    else {
      return nil
    }
    let span = MarkdownDocument.Span(
      kind: .code, text: name, line: .init(number: 1, text: "", fence: nil, ticked: nil), column: 1)
    return paths.missing(code: span, in: document).map { _ in file }
  }
}
