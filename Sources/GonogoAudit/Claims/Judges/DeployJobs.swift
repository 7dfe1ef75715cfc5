import GonogoCore

/// Jobs of GitHub's workflows, as far as claims need them.
struct WorkflowJobText: Sendable {
  let file: TreeFile
  let id: String
  let place: TreePlace
  let node: Node
  /// The events that start the workflow.
  let events: Set<String>
  let commands: [(text: String, place: TreePlace)]

  var environment: Node? { node["environment"] }
  var needs: [String] {
    node["needs"].map { $0.elements?.compactMap(\.text) ?? ($0.text.map { [$0] } ?? []) } ?? []
  }
}

/// The jobs of `.github/workflows`.
enum WorkflowJobTexts: Collector {
  static func collect(in context: AuditContext) -> [WorkflowJobText] {
    var result: [WorkflowJobText] = []
    for file in context.tree.files(in: .yaml) where file.directory == ".github/workflows" {
      guard let root = context.yaml(file)?.documents.first, let jobs = root["jobs"]?.entries else { continue }
      let on = root["on"] ?? root["true"]
      let events = Set(
        (on?.entries?.map(\.name) ?? []) + (on?.elements?.compactMap(\.text) ?? []) + (on?.text.map { [$0] } ?? []))
      for job in jobs {
        var commands: [(String, TreePlace)] = []
        for step in job.value["steps"]?.elements ?? [] {
          guard let run = step["run"], let text = run.text else { continue }
          commands.append((text, TreePlace(file.path, run.range.start)))
        }
        result.append(
          WorkflowJobText(
            file: file, id: job.name, place: TreePlace(file.path, job.key.range.start), node: job.value, events: events,
            commands: commands))
      }
    }
    return result
  }

  /// Commands that can only mean that production is changed.
  private static let production = [
    "vercel deploy", "vercel --prod", "netlify deploy", "fly deploy", "flyctl deploy", "railway up", "wrangler deploy",
    "wrangler publish", "kubectl apply", "kubectl rollout", "kubectl set image", "helm upgrade", "gcloud run deploy",
    "serverless deploy",
    "supabase db push",
  ]

  /// Where a job deploys to production; `nil` where it does not, or where that cannot be told.
  static func deploys(_ job: WorkflowJobText) -> (text: String, place: TreePlace)? {
    guard !job.events.isDisjoint(with: ["push", "workflow_dispatch", "release", "workflow_run"]) else { return nil }
    let named = (job.id + " " + job.file.name + " " + (job.node["name"]?.text ?? "")).lowercased()
    if ["preview", "staging", "stage", "dev-", "develop", "test"].contains(where: named.contains) { return nil }
    for command in job.commands {
      for line in command.text.split(whereSeparator: \.isNewline) {
        let trimmed = String(line).trimmed
        if trimmed.hasPrefix("#") || trimmed.hasPrefix("echo") { continue }
        guard let word = production.first(where: { trimmed.contains($0) }) else { continue }
        if word.hasPrefix("vercel") || word.hasPrefix("netlify"), !trimmed.contains("--prod") { continue }
        return (word, command.place)
      }
    }
    return nil
  }
}
