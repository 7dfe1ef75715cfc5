import GonogoCore

/// A Dockerfile, read (https://docs.docker.com/reference/dockerfile/).
public struct Dockerfile: Sendable {
  public struct Instruction: Sendable {
    /// In capitals.
    public let name: String
    /// What follows, its lines joined.
    public let text: String
    public let line: Int
    public let column: Int
  }

  public struct Stage: Sendable {
    /// The image or the stage that it begins with, variables resolved by the defaults of `ARG`; `nil` where one has none.
    public let base: String?
    /// The name after `AS`, in lower case.
    public let name: String?
    public let from: Instruction
    public var instructions: [Instruction] = []
  }

  /// The most stages; people write ten.
  static let stageLimit = 500

  public let file: TreeFile
  public private(set) var purpose: DeploymentPurpose
  public internal(set) var stages: [Stage] = []
  /// Arguments before the first stage, with their defaults.
  var arguments: [String: String] = [:]

  func place(_ instruction: Instruction) -> TreePlace {
    TreePlace(file.path, line: instruction.line, column: instruction.column)
  }

  /// The last stage and those it is made from, that one first; ends with the one that begins with an image.
  public var lineage: [Stage] { lineage(of: nil) }

  /// The lineage of a stage by its name; of the last one where there is none of that name.
  func lineage(of target: String?) -> [Stage] {
    guard var stage = stages.last(where: { $0.name == target?.lowercased() && target != nil }) ?? stages.last else {
      return []
    }
    var result = [stage]
    while let base = stage.base?.lowercased(),
      let parent = stages.first(where: { $0.name == base }), parent.from.line < stage.from.line
    {
      result.append(parent)
      stage = parent
    }
    return result
  }

  /// The text with `$NAME`, `${NAME}` and `${NAME:-default}` resolved; `nil` where one is not known.
  func resolve(_ text: String) -> String? {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let braced = rest.hasPrefix("{")
      if braced { rest = rest.dropFirst() }
      let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      rest = rest.dropFirst(name.count)
      var value = arguments[name]
      if braced {
        guard let end = rest.firstIndex(of: "}") else { return nil }
        // `${NAME/a/b}`, `${NAME%.*}`: what comes out of that is not computed.
        if let next = rest.first, next != "}", next != ":" { return nil }
        if value == nil, rest.hasPrefix(":-") { value = String(rest[..<end].dropFirst(2)) }
        rest = rest[rest.index(after: end)...]
      }
      guard let value else { return nil }
      result += value
    }
    return result + rest
  }

  static func read(_ file: TreeFile, _ text: SourceFile) -> Dockerfile {
    var result = Dockerfile(file: file, purpose: .of(path: file.path))
    var number = 1
    var heredocs: [String] = []
    while number <= text.lineCount {
      let start = number
      var line = String(decoding: text.line(number), as: UTF8.self)
      number += 1
      // The lines of a here-document are the program's, not instructions.
      if let end = heredocs.first {
        if line.trimmed == end { heredocs.removeFirst() }
        continue
      }
      let body = line.trimmed
      if body.isEmpty || body.hasPrefix("#") { continue }
      let column = line.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count + 1
      var joined = body
      while joined.hasSuffix("\\"), number <= text.lineCount {
        joined.removeLast()
        line = String(decoding: text.line(number), as: UTF8.self).trimmed
        number += 1
        if line.hasPrefix("#") || line.isEmpty {
          joined += "\\"
          continue
        }
        joined += line
      }
      let name = joined.prefix { $0 != " " && $0 != "\t" }.uppercased()
      let rest = String(joined.dropFirst(name.count)).trimmed
      if name == "RUN" || name == "COPY" || name == "ADD" {
        for part in rest.split(separator: " ") where part.hasPrefix("<<") {
          let word = part.dropFirst(2).filter { $0 != "-" && $0 != "\"" && $0 != "'" }
          if !word.isEmpty { heredocs.append(word) }
        }
      }
      result.take(Instruction(name: name, text: rest, line: start, column: column))
    }
    // Nobody who goes live has a debugger in the image.
    let debuggers = ["xdebug", "blackfire", "debugpy", "dlv debug", "delve"]
    let runs = result.lineage.flatMap(\.instructions).filter { $0.name == "RUN" }
    if runs.contains(where: { run in debuggers.contains { run.text.lowercased().contains($0) } }) {
      result.purpose = .development
    }
    return result
  }

  private mutating func take(_ instruction: Instruction) {
    if instruction.name == "FROM" {
      let words = instruction.text.split(separator: " ").map(String.init).filter { !$0.hasPrefix("--") }
      guard let image = words.first else { return }
      let name = words.count >= 3 && words[1].lowercased() == "as" ? words[2].lowercased() : nil
      stages.append(Stage(base: resolve(image), name: name, from: instruction))
    } else if stages.isEmpty {
      guard instruction.name == "ARG", let equals = instruction.text.firstIndex(of: "=") else { return }
      // An argument made of another whose value is not known is not known either.
      let value = instruction.text[instruction.text.index(after: equals)...].filter { $0 != "\"" && $0 != "'" }
      arguments[String(instruction.text[..<equals])] = resolve(String(value))
    } else {
      stages[stages.count - 1].instructions.append(instruction)
    }
  }
}

extension AuditContext {
  /// Whether a name without a version is a stage of another Dockerfile: a front end of BuildKit that includes files puts them together.
  func isStage(_ base: String, elsewhereThan dockerfile: Dockerfile) -> Bool {
    if base.contains(":") || base.contains("/") || base.contains("@") { return false }
    return facts(Dockerfiles.self).contains { other in
      other.file != dockerfile.file && other.stages.contains { $0.name == base.lowercased() }
    }
  }
}

/// The Dockerfiles of the tree that have a stage.
public enum Dockerfiles: Collector {
  public static func collect(in context: AuditContext) -> [Dockerfile] {
    context.tree.files(in: .dockerfile).compactMap { file in
      guard let text = context.tree.text(file) else { return nil }
      let dockerfile = Dockerfile.read(file, text)
      // A template is no Dockerfile yet; what is made of it may be in the tree as well.
      if dockerfile.stages.contains(where: { $0.from.text.contains("{{") }) || text.hasLine(beginning: "{%") {
        return nil
      }
      if dockerfile.stages.count > Dockerfile.stageLimit {
        context.couldNotLook(
          CouldNotLook(
            "the file was not read: it has \(dockerfile.stages.count) stages, more than \(Dockerfile.stageLimit)",
            at: TreePlace(file.path), mend: "nothing in it was judged"))
        return nil
      }
      return dockerfile.stages.isEmpty ? nil : dockerfile
    }
  }
}
