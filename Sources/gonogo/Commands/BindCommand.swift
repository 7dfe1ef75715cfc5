import GonogoAudit
import GonogoBind
import GonogoCore
import GonogoSystem

/// `gonogo bind`: from prose to probes.
enum BindCommand {
  static let command = Command(
    name: "bind", summary: "proposes for each line of any checklist a binding that parses and plans", operands: "FILE",
    arity: 1...1,
    options: [
      OptionSpec(
        "to", value: "BOUND.md",
        "Write a bound copy: the text byte for byte, blocks under its items, and a section at the end for lines that cannot hold one."
      ),
      OptionSpec("force", "With --to: write over a file that is there."),
      OptionSpec(
        "interactive", short: "i",
        "With --to: ask line by line. What was answered is kept, and asked for no more, however the command ends."),
      OptionSpec("against", value: "DIR", "The repository that the checklist is about: fills targets and paths."),
      OptionSpec(
        "target", value: "NAME=VALUE", repeatable: true,
        "Where to look: `app=https://api.example.org`, `database=${DATABASE_URL}`. May be repeated."),
      OptionSpec(
        "min-confidence", value: "LEVEL", choices: Confidence.allCases.map(\.rawValue),
        "Propose only what is at least so sure: low (default), medium, high."),
      OptionSpec(
        "output", short: "o", value: "FORMAT", choices: ["text", "json", "markdown"],
        "text (default), json or markdown."
      ),
      DocumentLoader.helpOption,
    ],
    discussion: """
      Reads task items, bullets, numbered steps, rows of tables, fenced SQL and shell, and status marks, in English and Russian, also where the
      file went through a wrong encoding. Nothing is invented: every proposal was parsed and planned with the targets that are named, or with
      variables that stand for them. FILE is never changed.

      Exit status: 0 something was proposed (with --to: and the copy written); 3 nothing was; 2 it could not begin.
      """,
    examples: [
      ("gonogo bind CHECKLIST.md", "each proposal with its reason, and what is left"),
      ("gonogo bind CHECKLIST.md --to GO-LIVE.md --against .", "a copy to run"),
      ("gonogo bind CHECKLIST.md --to GO-LIVE.md --interactive", "line by line"),
    ],
    run: { run($0) })

  static func run(_ invocation: Invocation) -> Int32 {
    let path = invocation.operands[0]
    let target = invocation.value("to")
    if let refusal = refusal(invocation, path: path, target: target) {
      Terminal.complain(refusal.message, mend: refusal.mend)
      return ExitStatus.notRun
    }
    let raw: [UInt8]
    var options = Binder.Options()
    do throws(SystemError) {
      raw = try path == "-" ? FileSystem.readStandardInput() : FileSystem.read(path, limit: 16 << 20)
      if let directory = invocation.value("against") {
        do throws(CouldNotLook) { options.facts = try RepositoryReader.read(directory) } catch {
          Terminal.complain("--against: \(error.message)", mend: error.mend)
          return ExitStatus.notRun
        }
        options.root = root(of: directory, from: FileSystem.directory(of: target ?? path))
      }
    } catch {
      Terminal.complain(error.description, mend: error.isNotFound ? "name a file, or a directory, that is there" : nil)
      return ExitStatus.notRun
    }
    for text in invocation.all("target") {
      guard let cut = text.firstIndex(of: "="), Phrases.isTargetName(String(text[..<cut])) else {
        Terminal.complain(
          "--target takes a name and a value, not '\(text)'", mend: "write --target app=https://api.example.org")
        return ExitStatus.notRun
      }
      options.targets[String(text[..<cut])] = String(text[text.index(after: cut)...])
    }
    options.ownNames = [path, target].compactMap { $0 }.filter { $0 != "-" }.map(FileSystem.lastComponent)
    options.minimum = invocation.value("min-confidence").flatMap(Confidence.init(rawValue:)) ?? .low
    let file = path == "-" ? "(standard input)" : path
    let binder = Binder(raw, options: options)
    let report = BindReport(file: file, binder: binder)
    var decisions = report.proposed.map { Decision(line: $0.line.number, blocks: $0.proposal?.annotated ?? []) }
    let dialogue = target.flatMap { target in
      invocation.flag("interactive") ? BindDialogue(binder: binder, file: file, raw: raw, target: target) : nil
    }
    if let dialogue {
      guard let answered = dialogue.run() else { return ExitStatus.undecided }
      decisions = answered
    } else {
      switch invocation.value("output") {
      case "json": Terminal.out(report.json.pretty + "\n")
      case "markdown": Terminal.out(report.markdown)
      default: Terminal.out(report.text)
      }
    }
    if decisions.isEmpty {
      Terminal.warn(
        "nothing was proposed\(target.map { ", and \($0) was not written" } ?? "")",
        mend: "`gonogo probes` lists what can be looked at")
      return ExitStatus.undecided
    }
    if let target, !write(raw, binder, decisions, path: path, target: target) { return ExitStatus.notRun }
    dialogue?.forget()
    return ExitStatus.go
  }

  private static func refusal(_ invocation: Invocation, path: String, target: String?) -> (
    message: String, mend: String
  )? {
    guard let target else {
      if invocation.flag("interactive") { return ("--interactive needs a file to write to", "add --to BOUND.md") }
      return nil
    }
    if path != "-", let source = FileSystem.realPath(path), source == FileSystem.realPath(target) {
      return ("\(target) is the checklist itself, which is never written over", "name another file")
    }
    if FileSystem.exists(target), !invocation.flag("force") {
      return ("\(target) is there already", "name another file, or add --force")
    }
    return nil
  }

  /// Where `directory` is, seen from `document`'s directory: empty where it is the same.
  private static func root(of directory: String, from document: String) -> String {
    guard let to = FileSystem.realPath(directory), let from = FileSystem.realPath(document) else { return "" }
    let there = to.split(separator: "/")
    let here = from.split(separator: "/")
    let common = zip(there, here).prefix { $0 == $1 }.count
    let up = Array(repeating: "..", count: here.count - common) + there.dropFirst(common).map(String.init)
    return up.isEmpty ? "" : up.joined(separator: "/") + "/"
  }

  private static func write(
    _ raw: [UInt8], _ binder: Binder, _ decisions: [Decision], path: String, target: String
  ) -> Bool {
    guard let copy = BoundCopy(raw, binder: binder, decisions: decisions) else {
      Terminal.complain(
        binder.reader.isForeign
          ? "\(path) is UTF-16, so a copy could not keep its bytes"
          : "\(path) begins with front matter that is not Gonogo's, or its own has errors",
        mend: binder.reader.isForeign
          ? "iconv -f UTF-16 -t UTF-8 \(path) > utf8.md, and bind that"
          : "`gonogo plan \(path)` tells; a file can have one front matter")
      return false
    }
    do { try FileSystem.writeAtomically(copy.bytes, to: target) } catch {
      Terminal.complain(error.description)
      return false
    }
    for (line, message) in copy.left {
      Terminal.warn("line \(line) was left out of the copy: \(message)")
    }
    Terminal.error(
      "\(target): \(decisions.count - copy.left.count) lines bound\(copy.appended.isEmpty ? "" : ", \(copy.appended.count) of them in a section at the end"); `gonogo plan \(target)` shows what it would do\n"
    )
    return true
  }
}

/// What a target may be called.
private enum Phrases {
  static func isTargetName(_ name: String) -> Bool {
    guard let first = name.first, first.isLetter, first.isLowercase else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }
}
