import Glibc
import GonogoBind
import GonogoCore
import GonogoSystem

/// Line by line in the terminal. Every answer is on the disk before the next question, beside the copy that is to be written,
/// so that however the command ends nothing is asked twice.
struct BindDialogue {
  let binder: Binder
  let file: String
  let raw: [UInt8]
  let target: String

  private var keptPath: String { target + ".answers.json" }
  private var digest: String { Digest.hex(Digest.sha256(raw)) }

  /// What was decided; `nil` where the person stopped, and means to come back.
  func run() -> [Decision]? {
    var answers = kept()
    let asked = binder.lines.filter { item in
      !item.line.isBound && !item.line.isHistory
        && (item.proposal != nil || [.task, .box, .row].contains(item.line.kind))
    }
    if !answers.isEmpty { Terminal.error("\(answers.count) lines were answered before; they are in \(keptPath)\n") }
    for (index, item) in asked.enumerated() where answers[item.line.number] == nil {
      guard let blocks = ask(item, number: index + 1, of: asked.count) else {
        Terminal.error("\nstopped; the same command goes on from here\n")
        return nil
      }
      answers[item.line.number] = blocks
      keep(answers)
    }
    let decisions = answers.filter { !$0.value.isEmpty }.map { Decision(line: $0.key, blocks: $0.value) }
    return decisions.sorted { $0.line < $1.line }
  }

  /// Removes what was kept, once the copy is written.
  func forget() { try? FileSystem.remove(keptPath) }

  // MARK: Asking

  /// The blocks for a line, none where it is left; `nil` at the end of the input, or where the person stops.
  private func ask(_ item: BoundLine, number: Int, of count: Int) -> [String]? {
    var blocks = item.proposal?.annotated ?? []
    Terminal.out("\n[\(number)/\(count)] \(file):\(item.line.number): \(item.line.text)\n")
    if let proposal = item.proposal {
      Terminal.out("   = \(proposal.confidence.rawValue)[\(proposal.recogniser)]: \(proposal.reason)\n")
    } else if !item.nearest.isEmpty {
      Terminal.out("   = nothing was found; nearest probes: \(item.nearest.joined(separator: ", "))\n")
    }
    while true {
      if !blocks.isEmpty {
        Terminal.out(blocks.map { "    " + $0.replacing("\n", with: "\n    ") }.joined(separator: "\n\n") + "\n")
      }
      Terminal.out(
        blocks.isEmpty
          ? "[e]dit, [p]erson's word, [l]eave, [q]uit: " : "[a]ccept, [e]dit, [p]erson's word, [l]eave, [q]uit: ")
      guard let answer = readLine()?.lowercased() else { return nil }
      switch answer.first {
      case "a" where !blocks.isEmpty: return blocks
      case "l": return []
      case "q": return nil
      case "p":
        Terminal.out("whose word decides it: ")
        guard let role = readLine() else { return nil }
        let block = "attest: \"\(role.replacing("\\", with: "").replacing("\"", with: ""))\""
        if role.allSatisfy(\.isWhitespace) { continue }
        if let message = binder.fault(of: [block]) { Terminal.out("   = \(message)\n") } else { return [block] }
      case "e":
        guard let edited = edit(blocks) else { continue }
        if let message = binder.fault(of: edited) {
          Terminal.out("   = that does not plan: \(message)\n")
        }
        blocks = edited
        if !edited.isEmpty, binder.fault(of: edited) == nil { return edited }
      default: Terminal.out("   = one letter: a, e, p, l or q\n")
      }
    }
  }

  /// The blocks as the person's editor leaves them, with a line `---` between two.
  private func edit(_ blocks: [String]) -> [String]? {
    let environment = ProcessEnvironment.all
    guard let editor = environment["VISUAL"] ?? environment["EDITOR"], !editor.isEmpty else {
      Terminal.out("   = EDITOR is not set\n")
      return nil
    }
    guard let directory = try? FileSystem.makeTemporaryDirectory(prefix: "gonogo-bind") else { return nil }
    defer { try? FileSystem.remove(directory) }
    let path = "\(directory)/binding.yaml"
    guard (try? FileSystem.writeAtomically(Array((blocks.joined(separator: "\n---\n") + "\n").utf8), to: path)) != nil,
      Foreground.run(["sh", "-c", "\(editor) \"$1\"", "sh", path]) == 0, let bytes = try? FileSystem.read(path)
    else {
      Terminal.out("   = the editor did not end well\n")
      return nil
    }
    var parts = [""]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "---" { parts.append("") } else { parts[parts.count - 1] += line + "\n" }
    }
    return parts.map { part in
      var text = part
      while text.last == "\n" { text.removeLast() }
      return text
    }.filter { !$0.isEmpty }
  }

  // MARK: Keeping

  private func kept() -> [Int: [String]] {
    guard let bytes = try? FileSystem.read(keptPath),
      let json = try? JSON.parse(String(decoding: bytes, as: UTF8.self)), json["source"]?.stringValue == digest
    else { return [:] }
    var answers: [Int: [String]] = [:]
    for (line, blocks) in json["answers"]?.objectValue ?? [:] {
      if let number = Int(line) { answers[number] = (blocks.arrayValue ?? []).compactMap(\.stringValue) }
    }
    return answers
  }

  private func keep(_ answers: [Int: [String]]) {
    let json: JSON = [
      "source": .string(digest),
      "answers": .object(Dictionary(uniqueKeysWithValues: answers.map { ("\($0.key)", JSON($0.value)) })),
    ]
    do { try FileSystem.writeAtomically(Array((json.pretty + "\n").utf8), to: keptPath) } catch {
      Terminal.warn("the answer could not be kept: \(error.description)")
    }
  }
}

/// A program that has the terminal while it runs.
enum Foreground {
  /// Its exit status; `nil` where it did not start or a signal ended it.
  static func run(_ arguments: [String]) -> Int32? {
    var child: pid_t = 0
    let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    guard posix_spawnp(&child, arguments[0], nil, nil, words, environ) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 { if errno != EINTR { return nil } }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
  }
}
