import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// Puts blocks under lines of a document in memory, and takes that through the parser and the planner.
struct BindingTrial {
  /// Each group's item: its line in the document, and the group.
  let owners: [(first: Int, group: Int)]
  let sink = DiagnosticSink()
  private let plan: Plan
  private let count: Int

  init(_ groups: [[String]], front: FrontMatterText, given: [String: String]) {
    var targets: Set<String> = []
    var principals: Set<String> = []
    for block in groups.joined() {
      targets.formUnion(TargetCatalogue.needed(by: block))
      principals.formUnion(TargetCatalogue.principals(of: block))
    }
    var text = front.lines(targets: targets, principals: principals, given: given)
    var owners: [(first: Int, group: Int)] = []
    for (index, blocks) in groups.enumerated() {
      owners.append((text.count + 1, index))
      text.append("- [ ] **B-\(index + 1)** a line")
      for block in blocks {
        text.append("  ```yaml gonogo")
        text += YAMLText.indented(block, by: 2).split(separator: "\n", omittingEmptySubsequences: false).map(
          String.init)
        text.append("  ```")
      }
    }
    let bytes = Array((text.joined(separator: "\n") + "\n").utf8)
    let checklist = ChecklistParser().parse(bytes, name: "proposals", sink: sink)
    let planner = Planner(
      registry: BuiltinProbes.registry, engines: Engines(patterns: PCREngine(), queries: JQEngine()),
      processEnvironment: [:])
    plan = planner.plan(checklist, options: Planner.Options(), sink: sink)
    count = groups.count
    self.owners = owners
  }

  /// Where a line of the document, counted from the group's item, is in the blocks with a line `---` between two.
  static func line(_ offset: Int, of blocks: [String]) -> Int? {
    // Behind the item: a fence, the block's lines, a fence, and so on.
    var place = offset - 1
    var before = 0
    for block in blocks {
      let lines = block.split(separator: "\n", omittingEmptySubsequences: false).count
      if place < 1 { return nil }
      if place <= lines { return before + place }
      place -= lines + 2
      before += lines + 1
    }
    return nil
  }

  /// For each group of blocks what was said of it, or `nil` where nothing was.
  func messages() -> [String?] {
    var messages = [String?](repeating: nil, count: count)
    for diagnostic in sink.sorted {
      let line = diagnostic.range?.start.line ?? 0
      guard let owner = owners.last(where: { $0.first <= line }) else {
        // A fault of the head is a fault of all.
        return messages.map { _ in diagnostic.message }
      }
      messages[owner.group] = messages[owner.group] ?? diagnostic.message
    }
    for step in plan.steps {
      if case .skip(.unbound) = step.action,
        let owner = owners.last(where: { $0.first <= step.control.range.start.line })
      {
        messages[owner.group] = messages[owner.group] ?? "the planner found no binding"
      }
    }
    return messages
  }
}
