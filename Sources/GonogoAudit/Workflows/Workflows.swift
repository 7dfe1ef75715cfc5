import GonogoCore

/// A step of a job, or of a composite action that a step of the job calls.
public struct WorkflowStep: Sendable {
  public let node: Node
  public let file: TreeFile
  /// The place among the job's own steps; the steps of a composite action share that of the step that calls it.
  public let index: Int
  public let name: String?
  public let id: String?
  /// `owner/action@ref`.
  public let uses: String?
  public let condition: String?
  public let workingDirectory: String?
  let script: ShellScript
  public var place: TreePlace { TreePlace(file.path, node.range.start) }
  func place(_ position: SourcePosition) -> TreePlace { TreePlace(file.path, position) }

  /// `continue-on-error: true`, as a literal: an expression may be false.
  var continuesOnError: Node? { node["continue-on-error"].flatMap { $0.text == "true" ? $0 : nil } }

  /// The action without its version, in lower case.
  var action: String? { uses.map { String($0.prefix { $0 != "@" }).lowercased() } }

  func with(_ name: String) -> String? { node["with"]?[name]?.text }
}

/// A job of a workflow.
public struct WorkflowJob: Sendable {
  public let id: String
  public let name: String?
  public let node: Node
  public let place: TreePlace
  public let needs: [String]
  public let condition: Node?
  /// The environment that it deploys to, whose protection rules gate it.
  public let environment: String?
  /// The path of the reusable workflow that it calls, where that is in the repository.
  public let calls: String?
  /// Its own steps and, after each that calls a composite action of the repository, those of the action.
  public let steps: [WorkflowStep]
  /// Whether only tags run it, whatever starts the workflow.
  public let isForTags: Bool
  /// Its name, or its id.
  public var title: String { name ?? id }
}

/// A file of `.github/workflows`, or GitLab's pipeline.
public struct Workflow: Sendable {
  public enum System: Sendable { case github, gitlab }
  public let system: System
  public let file: TreeFile
  public let name: String?
  public let node: Node
  /// `push`, `pull_request` … with what narrows them.
  public let triggers: [String: Node?]
  public let jobs: [WorkflowJob]

  public var title: String { name ?? file.path }
  func job(_ id: String) -> WorkflowJob? { jobs.first { $0.id == id } }
  func place(of node: Node) -> TreePlace { TreePlace(file.path, node.range.start) }

  /// The jobs that must have gone well before a job runs.
  func needed(by job: WorkflowJob) -> [WorkflowJob] {
    var seen: Set<String> = [job.id]
    var open = job.needs
    var result: [WorkflowJob] = []
    while let id = open.popLast() {
      guard seen.insert(id).inserted, let next = self.job(id) else { continue }
      result.append(next)
      open += next.needs
    }
    return result
  }
}

/// The workflows of the tree.
public struct WorkflowSet: Sendable {
  public let all: [Workflow]

  func workflow(at path: String) -> Workflow? { all.first { $0.file.path == path } }

  /// What starts a workflow: its own triggers and, for one that is called, those of its callers.
  func triggers(of workflow: Workflow) -> Set<String> {
    var result: Set<String> = []
    var seen: Set<String> = []
    func visit(_ workflow: Workflow) {
      guard seen.insert(workflow.file.path).inserted else { return }
      for name in workflow.triggers.keys where name != "workflow_call" { result.insert(Self.kind(name, workflow)) }
      for caller in all where caller.jobs.contains(where: { $0.calls == workflow.file.path }) { visit(caller) }
    }
    visit(workflow)
    return result
  }

  /// A push of tags only is told as "tag".
  private static func kind(_ name: String, _ workflow: Workflow) -> String {
    guard name == "push", let node = workflow.triggers["push"] ?? nil, node["tags"] != nil, node["branches"] == nil
    else { return name }
    return "tag"
  }
}

/// GitHub's workflows, the composite actions that they use, and GitLab's pipeline.
public enum Workflows: Collector {
  public static func collect(in context: AuditContext) -> WorkflowSet {
    var all: [Workflow] = []
    for file in context.tree.files(in: .yaml) {
      guard file.directory == ".github/workflows" || file.path == ".gitlab-ci.yml", let text = context.tree.text(file),
        let node = context.yaml(file)?.documents.first, node.entries != nil
      else { continue }
      if file.path == ".gitlab-ci.yml" {
        all.append(GitLabPipeline.read(node, file, text))
      } else if let workflow = github(node, file, text, context) {
        all.append(workflow)
      }
    }
    return WorkflowSet(all: all)
  }

  private static func github(
    _ node: Node, _ file: TreeFile, _ text: SourceFile, _ context: AuditContext
  ) -> Workflow? {
    guard let jobs = node["jobs"]?.entries else { return nil }
    var triggers: [String: Node?] = [:]
    if let on = node["on"] {
      for name in on.texts { triggers.updateValue(nil, forKey: name) }
      for entry in on.entries ?? [] { triggers.updateValue(entry.value, forKey: entry.name) }
    }
    return Workflow(
      system: .github, file: file, name: node["name"]?.text, node: node, triggers: triggers,
      jobs: running(jobs).map { entry in
        let job = entry.value
        let uses = job["uses"]?.text
        let environment = job["environment"]
        return WorkflowJob(
          id: entry.name, name: job["name"]?.text, node: job, place: TreePlace(file.path, entry.key.range.start),
          needs: job["needs"]?.texts ?? [], condition: job["if"],
          environment: environment?.text ?? environment?["name"]?.text,
          calls: uses.flatMap { $0.hasPrefix("./") ? String($0.dropFirst(2)) : nil },
          steps: steps(job["steps"], file, text, context, depth: 0), isForTags: isForTags(job["if"]?.text ?? ""))
      })
  }

  /// The jobs without those that are switched off, and without those that wait for one of these and so are skipped: nothing of them runs.
  private static func running(_ jobs: [Node.Entry]) -> [Node.Entry] {
    var off = Set(jobs.filter { isOff($0.value["if"]) }.map(\.name))
    if off.isEmpty { return jobs }
    while true {
      let more = jobs.filter { job in
        let condition = job.value["if"]?.text ?? ""
        return !off.contains(job.name) && (job.value["needs"]?.texts ?? []).contains(where: off.contains)
          && !["always()", "cancelled()", "failure()", "result"].contains(where: condition.contains)
      }
      if more.isEmpty { return jobs.filter { !off.contains($0.name) } }
      off.formUnion(more.map(\.name))
    }
  }

  /// `if: false`, `if: ${{ false }}`.
  private static func isOff(_ condition: Node?) -> Bool {
    condition?.text.map { $0.filter { !" ${}".contains($0) } == "false" } ?? false
  }

  /// Whether a condition lets tags and releases through only; one with alternatives is not taken apart.
  private static func isForTags(_ condition: String) -> Bool {
    let words = condition.filter { $0 != " " && $0 != "\"" && $0 != "'" }
    return !condition.contains("||") && !words.contains("!startsWith")
      && (words.contains("startsWith(github.ref,refs/tags") || words.contains("github.ref_type==tag")
        || words.contains("github.event_name==release"))
  }

  private static func steps(
    _ node: Node?, _ file: TreeFile, _ text: SourceFile, _ context: AuditContext, depth: Int, index outer: Int? = nil
  ) -> [WorkflowStep] {
    var result: [WorkflowStep] = []
    for (number, step) in (node?.elements ?? []).enumerated() where !isOff(step["if"]) {
      let index = outer ?? number
      result.append(
        WorkflowStep(
          node: step, file: file, index: index, name: step["name"]?.text, id: step["id"]?.text,
          uses: step["uses"]?.text, condition: step["if"]?.text, workingDirectory: step["working-directory"]?.text,
          script: ShellScript(step["run"].map { lines(of: $0, in: text) } ?? [])))
      // An action may call another, in no circle that ends.
      guard depth < 5, let uses = step["uses"]?.text, uses.hasPrefix("./") else { continue }
      let folder = uses == "./" ? "" : String(uses.dropFirst(2)).trimmingSlash + "/"
      for name in ["action.yml", "action.yaml"] {
        guard let action = context.tree[folder + name], let actionText = context.tree.text(action),
          let runs = context.yaml(action)?.documents.first?["runs"], runs["using"]?.text == "composite"
        else { continue }
        result += steps(runs["steps"], action, actionText, context, depth: depth + 1, index: index)
      }
    }
    return result
  }

  /// The lines of a script as the file has them, so that everything in it has its own place.
  static func lines(of node: Node, in text: SourceFile) -> [(text: ArraySlice<UInt8>, position: SourcePosition)] {
    guard let scalar = node.scalar else { return [] }
    let start = node.range.start
    if scalar.style != .block {
      let line = text.line(start.line)
      var column = start.column
      // A quoted script is not unescaped; its quotes are left out.
      var body = line.dropFirst(column - 1)
      guard !scalar.text.contains("\n"), node.range.end.line == start.line else {
        return [(ArraySlice(scalar.text.utf8), start)]
      }
      if let quote = body.first, scalar.style == .quoted, quote == 0x22 || quote == 0x27 {
        body = body.dropFirst()
        column += 1
        if let end = body.lastIndex(of: quote) { body = body[..<end] }
        return [(body, SourcePosition(line: start.line, column: column))]
      }
      return [(ArraySlice(scalar.text.utf8), SourcePosition(line: start.line, column: column))]
    }
    // The header (`|`, `>-`) stands on the first line; what follows is deeper than the key.
    var result: [(ArraySlice<UInt8>, SourcePosition)] = []
    var number = start.line + 1
    var indent: Int?
    while number <= text.lineCount {
      let line = text.line(number)
      let blanks = line.prefix { $0 == 0x20 }.count
      if blanks < line.count {
        if indent == nil { indent = blanks }
        if blanks < indent! { break }
      }
      let cut = min(blanks, indent ?? 0)
      result.append((line.dropFirst(cut), SourcePosition(line: number, column: cut + 1)))
      number += 1
    }
    // A folded script is one line for the shell, unless an empty line stands between.
    if text.line(start.line).dropFirst(start.column - 1).first == UInt8(ascii: ">") {
      for index in result.indices.dropLast() where !result[index].0.isEmpty && !result[index + 1].0.isEmpty {
        result[index].0 = ArraySlice(Array(result[index].0) + Array(" \\".utf8))
      }
    }
    return result
  }
}

/// GitLab's pipeline in the same words: stages are needs, `when: manual` is a gate.
enum GitLabPipeline {
  private static let keywords: Set<String> = [
    "stages", "variables", "include", "default", "workflow", "image", "services", "cache", "before_script",
    "after_script", "pages", "spec",
  ]

  static func read(_ node: Node, _ file: TreeFile, _ text: SourceFile) -> Workflow {
    let stages = node["stages"]?.texts ?? ["build", "test", "deploy"]
    let entries = (node.entries ?? []).filter {
      !keywords.contains($0.name) && !$0.name.hasPrefix(".") && $0.value.entries != nil
    }
    func stage(_ job: Node) -> Int { stages.firstIndex(of: job["stage"]?.text ?? "test") ?? 0 }
    return Workflow(
      system: .gitlab, file: file, name: nil, node: node, triggers: ["push": nil],
      jobs: entries.map { entry in
        let job = entry.value
        let own = stage(job)
        let needs =
          job["needs"]?.elements?.compactMap { $0.text ?? $0["job"]?.text }
          ?? entries.filter { stage($0.value) < own }.map(\.name)
        let manual =
          job["when"]?.text == "manual" || (job["rules"]?.elements ?? []).contains { $0["when"]?.text == "manual" }
        let lines = (job["script"]?.elements ?? job["script"].map { [$0] } ?? []).flatMap {
          Workflows.lines(of: $0, in: text)
        }
        return WorkflowJob(
          id: entry.name, name: nil, node: job, place: TreePlace(file.path, entry.key.range.start), needs: needs,
          condition: nil, environment: manual ? job["environment"]?.text ?? "manual" : nil, calls: nil,
          steps: [
            WorkflowStep(
              node: job, file: file, index: 0, name: nil, id: nil, uses: nil, condition: nil, workingDirectory: nil,
              script: ShellScript(lines))
          ], isForTags: isForTags(job))
      })
  }

  /// Whether each rule that lets the job run asks for a tag.
  private static func isForTags(_ job: Node) -> Bool {
    if let only = job["only"] { return (only["refs"] ?? only).texts == ["tags"] }
    let rules = (job["rules"]?.elements ?? []).filter { $0["when"]?.text != "never" }
    return !rules.isEmpty
      && rules.allSatisfy { rule in
        let words = (rule["if"]?.text ?? "").filter { $0 != " " }
        return words.contains("$CI_COMMIT_TAG") && !words.contains("$CI_COMMIT_TAG==") && !words.contains("||")
      }
  }
}

extension String {
  var trimmingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
