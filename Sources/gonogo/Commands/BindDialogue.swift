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
    Signals.handle([SIGINT, SIGTERM, SIGHUP]) { number in
      Self.stopped()
      _exit(128 + number)
    }
    var answers = kept()
    let asked = binder.lines.filter { item in
      !item.line.isBound && !item.line.isHistory
        && (item.proposal != nil || [.task, .box, .row].contains(item.line.kind))
    }
    if !answers.isEmpty { Terminal.error("\(answers.count) lines were answered before; they are in \(keptPath)\n") }
    for (index, item) in asked.enumerated() where answers[item.line.number] == nil {
      guard let blocks = ask(item, number: index + 1, of: asked.count) else {
        Self.stopped()
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

  private static func stopped() { Terminal.error("\nstopped; the same command goes on\n") }

  // MARK: Asking

  private func say(_ text: String, indent: Int = 0) {
    let width = max(20, ProcessEnvironment.columns(1)) - indent
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        Terminal.out(line + "\n" + String(repeating: " ", count: indent))
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    Terminal.out(line + "\n")
  }

  private func remark(_ text: String) {
    Terminal.out("   = ")
    say(text, indent: 5)
  }

  /// The blocks for a line, none where it is left; `nil` at the end of the input, or where the person stops.
  private func ask(_ item: BoundLine, number: Int, of count: Int) -> [String]? {
    var blocks = item.proposal?.annotated ?? []
    Terminal.out("\n")
    say("[\(number)/\(count)] \(file):\(item.line.number): \(item.line.text)")
    if let proposal = item.proposal {
      remark("\(proposal.confidence.rawValue)[\(proposal.recogniser)]: \(proposal.reason)")
    } else if !item.nearest.isEmpty {
      remark("nothing was found; nearest probes: \(item.nearest.joined(separator: ", "))")
    }
    while true {
      if !blocks.isEmpty {
        Terminal.out(blocks.map { "    " + $0.replacing("\n", with: "\n    ") }.joined(separator: "\n\n") + "\n")
      }
      let choices = (blocks.isEmpty ? [] : ["[a]ccept"]) + ["[e]dit", "[p]erson's word", "[l]eave", "[q]uit"]
      let question = choices.joined(separator: ", ") + ": "
      let letters = (blocks.isEmpty ? "" : "a/") + "e/p/l/q: "
      Terminal.out(question.count < ProcessEnvironment.columns(1) ? question : letters)
      guard let answer = readLine()?.lowercased() else { return nil }
      switch answer.first {
      case "a" where !blocks.isEmpty:
        if refused(blocks) { continue }
        return blocks
      case "l": return []
      case "q": return nil
      case "p":
        Terminal.out("whose word decides it: ")
        guard let role = readLine() else { return nil }
        let block = "attest: \"\(role.replacing("\\", with: "").replacing("\"", with: ""))\""
        if role.allSatisfy(\.isWhitespace) { continue }
        if !refused([block]) { return [block] }
      case "e":
        guard let edited = edit(blocks) else { continue }
        blocks = edited
        if !edited.isEmpty, !refused(edited) { return edited }
      default: remark("one letter: \(blocks.isEmpty ? "" : "a, ")e, p, l or q")
      }
    }
  }

  /// Says what is wrong with blocks, if anything is.
  private func refused(_ blocks: [String]) -> Bool {
    guard let fault = binder.fault(of: blocks) else { return false }
    remark("that does not plan\(fault.line.map { ", line \($0)" } ?? ""): \(fault.message)")
    if let mend = fault.mend { remark("mend: \(mend)") }
    return true
  }

  /// The blocks as the person's editor leaves them, with a line `---` between two.
  private func edit(_ blocks: [String]) -> [String]? {
    let environment = ProcessEnvironment.all
    guard let editor = environment["VISUAL"] ?? environment["EDITOR"], !editor.isEmpty else {
      remark("neither VISUAL nor EDITOR is set")
      return nil
    }
    guard let directory = try? FileSystem.makeTemporaryDirectory(prefix: "gonogo-bind") else { return nil }
    defer { try? FileSystem.remove(directory) }
    let path = "\(directory)/binding.yaml"
    guard (try? FileSystem.writeAtomically(Array((blocks.joined(separator: "\n---\n") + "\n").utf8), to: path)) != nil,
      Foreground.run(shell: editor, path) == 0, let bytes = try? FileSystem.read(path)
    else {
      remark("the editor did not end well; the binding is as it was")
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
    guard let bytes = try? FileSystem.read(keptPath) else { return [:] }
    guard let json = try? JSON.parse(String(decoding: bytes, as: UTF8.self)), json["source"]?.stringValue == digest
    else {
      // Their lines are those of another text. They are not thrown away.
      let aside = keptPath + ".old"
      do { try FileSystem.writeAtomically(bytes, to: aside) } catch { Terminal.complain(error.description) }
      Terminal.warn(
        "the answers in \(keptPath) were given for another text of \(file), and are not used",
        mend: "they are kept in \(aside)")
      return [:]
    }
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
