public import GonogoCore

/// What zizmor says of the workflows.
public struct Zizmor: AuditRule {
  public static let tool: OutsideTool? = OutsideTool("zizmor", install: "pip install zizmor")

  public static let manual = RuleManual(
    id: "zizmor", severity: .medium, family: "tools",
    title: "zizmor finds fault with a workflow",
    what: """
      Runs `zizmor --offline` over the tree where it is installed and the tree has workflows, and takes its findings \
      over as they are: one for each of its audits and files, with all the places. Its weights stand: high, medium; \
      low and informational are low. A `zizmor.yml` is not heeded, because it may switch every audit off; the project's own \
      comments (`# zizmor: ignore[…]`) are, and how many there are is told.
      """,
    why: "zizmor knows the ways in which workflows are taken over",
    mend: "see the audit's page, which the message names",
    falsifies: "workflows pass static analysis",
    references: ["https://docs.zizmor.sh/audits/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    guard let tool = Self.tool, context.facts(Workflows.self).all.contains(where: { $0.system == .github }),
      try context.has(tool)
    else { return }
    let outcome = try context.run(
      // All: a .gitignore hides a workflow from it that git keeps all the same.
      [
        "zizmor", "--offline", "--no-config", "--collect=all", "--no-progress", "--no-exit-codes", "--format", "json",
        ".",
      ], in: try context.directory { $0.language == .yaml }, milliseconds: 120_000, install: tool.install)
    guard outcome.status == 0, case .array(let items)? = try? JSON.parse(outcome.output) else {
      let said =
        String(decoding: outcome.error, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? "nothing"
      throw CouldNotLook(
        "zizmor ended with status \(outcome.status ?? -1) and said: \(said.prefix(200))", mend: "run zizmor by hand")
    }
    struct Key: Hashable {
      let ident: String
      let path: String
    }
    var groups: [Key: (severity: FindingSeverity, text: String, url: String, places: [TreePlace])] = [:]
    for item in items {
      guard let ident = item["ident"]?.stringValue, case .array(let locations)? = item["locations"] else { continue }
      if case .bool(true)? = item["ignored"] { continue }
      let location = locations.first { $0["symbolic"]?["kind"]?.stringValue == "Primary" } ?? locations.first
      let key = location?["symbolic"]?["key"]?["Local"]
      guard var path = key?["verbatim_path"]?.stringValue ?? key?["given_path"]?.stringValue else { continue }
      if path.hasPrefix("./") { path = String(path.dropFirst(2)) }
      // Of what git ignores, nothing is told.
      guard context.tree[path] != nil else { continue }
      let start = location?["concrete"]?["location"]?["start_point"]
      let place = TreePlace(
        path, line: (start?["row"]?.integerValue ?? 0) + 1, column: (start?["column"]?.integerValue ?? 0) + 1)
      let severity: FindingSeverity =
        switch item["determinations"]?["severity"]?.stringValue {
        case "High": .high
        case "Medium": .medium
        default: .low
        }
      var group =
        groups[Key(ident: ident, path: path)] ?? (
          severity, item["desc"]?.stringValue ?? ident, item["url"]?.stringValue ?? "", []
        )
      group.severity = max(group.severity, severity)
      if !group.places.contains(place) { group.places.append(place) }
      groups[Key(ident: ident, path: path)] = group
    }
    Self.tellExcuses(context.facts(Workflows.self).all.map(\.file), context, &findings)
    for (key, group) in groups.sorted(by: { ($0.key.path, $0.key.ident) < ($1.key.path, $1.key.ident) }) {
      let places = group.places.sorted()
      findings.add(
        "zizmor: \(group.text) (\(key.ident)\(places.count > 1 ? ", \(places.count) places" : ""))", at: places[0],
        subject: key.ident, severity: group.severity, because: "as zizmor weighs it",
        mend: group.url.isEmpty ? nil : "see \(group.url)",
        related: places.dropFirst().map { .init($0, "the same") })
    }
  }

  private static func tellExcuses(_ files: [TreeFile], _ context: AuditContext, _ findings: inout Findings) {
    let places = ToolComments.places(of: "zizmor: ignore[", in: files, context)
    guard let first = places.first else { return }
    findings.add(
      "zizmor: comments excuse what it finds (\(places.count) \(places.count == 1 ? "place" : "places"))", at: first,
      subject: "comments", severity: .low, mend: "see that each still has its reason",
      related: places.dropFirst().map { .init($0, "the same") })
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:7:30",
      in: [
        ".github/workflows/a.yml": """
        on: pull_request
        permissions: {}
        concurrency: { group: a, cancel-in-progress: true }
        jobs:
          a:
            runs-on: ubuntu-24.04
            steps: [{ run: "echo ${{ github.event.pull_request.title }}" }]
        """
      ], "a title pasted into a script"),
    .silent(
      "a text of the repository's own",
      [
        ".github/workflows/a.yml": """
        on: pull_request
        permissions: {}
        concurrency: { group: a, cancel-in-progress: true }
        jobs:
          a:
            runs-on: ubuntu-24.04
            steps: [{ run: echo done }]
        """
      ]),
  ]
}
