public import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// A first checklist for a repository that has none: from the audit's inventory and findings, every line bound.
public struct FirstChecklist: Sendable {
  public let text: String
  /// How many lines have which kind of binding, in the order of the probes' names; `attest` is a person's word.
  public let kinds: [(name: String, count: Int)]
  /// The variables that the targets are taken from.
  public let variables: [String]
  /// Ids of the lines that need nothing outside: they look at files, at the environment, or at a scratch database.
  public let alone: [String]
  /// Lines that the parser or the planner had something to say about, and that are not in the text: each with what that was.
  public let dropped: [(line: String, message: String)]

  /// - Parameters:
  ///   - name: what the repository is called.
  ///   - rules: those that looked, in their order.
  public init(_ facts: RepositoryFacts, findings: [Finding], rules: [RuleManual], name: String) {
    var sections = FirstSections.all(facts, findings, rules)
    let front = FrontMatterText(existing: [], declared: [], declaredPrincipals: [])
    let messages = BindingTrial(sections.flatMap(\.lines).map(\.blocks), front: front, given: [:]).messages()
    var dropped: [(line: String, message: String)] = []
    var index = 0
    for place in sections.indices {
      sections[place].lines = sections[place].lines.filter { line in
        defer { index += 1 }
        guard let message = messages[index] else { return true }
        dropped.append((line.text, message))
        return false
      }
    }
    self.dropped = dropped
    sections.removeAll { $0.lines.isEmpty }

    let blocks = sections.flatMap(\.lines).flatMap(\.blocks)
    let targets = blocks.reduce(into: Set<String>()) { $0.formUnion(TargetCatalogue.needed(by: $1)) }
    variables = TargetCatalogue.all.filter { targets.contains($0.name) }.map(\.variable)
    var head = front.lines(targets: targets, principals: [], given: [:])
    head.insert("title: \(YAMLText.quoted("Go-live of \(name)"))", at: 2)
    var body = [
      "", "# Go-live of \(name)", "",
      "`gonogo init` wrote this from what is in the repository. It is yours: change it, leave out what does not apply, add what only you know.",
      "`gonogo check GO-LIVE.md` looks, and answers GO or NO-GO.",
    ]
    var kinds: [String: Int] = [:]
    var alone: [String] = []
    for section in sections {
      body += ["", "## \(section.title)", ""]
      if let lead = section.lead { body += [lead, ""] }
      for (number, line) in section.lines.enumerated() {
        let id = "\(section.prefix)-\(number + 1)"
        body.append("- [ ] **\(id)** \(line.text)")
        for block in line.blocks {
          body.append("  ```yaml gonogo")
          body += YAMLText.indented(block, by: 2).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
          body.append("  ```")
          let probe = String(block.prefix { $0 != ":" })
          kinds[probe, default: 0] += 1
          if ["files", "env", "shadow", "isolation"].contains(probe) { alone.append(id) }
        }
      }
    }
    text = (head + body).joined(separator: "\n") + "\n"
    self.alone = alone
    self.kinds = kinds.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// What the parser or the planner says of the whole; empty where they say nothing.
  public var faults: [String] {
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(Array(text.utf8), name: "GO-LIVE.md", sink: sink)
    let planner = Planner(
      registry: BuiltinProbes.registry, engines: Engines(patterns: PCREngine(), queries: JQEngine()),
      processEnvironment: [:])
    _ = planner.plan(checklist, options: Planner.Options(), sink: sink)
    return sink.sorted.map(\.message)
  }
}

/// Checklists that a repository has already.
public enum ExistingChecklists {
  private static let name = Phrase(
    #"(^|/)[^/]*(check-?list|go[-_ ]?live|launch|production[-_ ]?read(y|iness)|prod[-_]?check|чек-?лист)[^/]*\.(md|markdown)$"#
  )
  private static let box = Phrase(#"(?m)^\s*(?:[-*+]|\d+\.)\s+\[[ xX]\]"#)

  /// Paths from the root, of Markdown that is called like a checklist and has boxes, the nearest to the root first.
  ///
  /// - Parameter text: gives a file's text.
  public static func find(_ files: Set<String>, text: (String) -> String?) -> [String] {
    files.filter { name.isFound(in: $0) && !RepositoryReader.isElsewhere($0) && !$0.hasPrefix(".github/") }
      .filter { path in text(path).map { box.all(in: $0).count >= 3 } ?? false }
      .sorted { ($0.split(separator: "/").count, $0) < ($1.split(separator: "/").count, $1) }
  }
}
