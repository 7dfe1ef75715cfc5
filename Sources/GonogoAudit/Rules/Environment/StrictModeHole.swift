public import GonogoCore

/// A strict mode that lets through at start what its document forbids.
public struct StrictModeHole: AuditRule {
  public static let manual = RuleManual(
    id: "env-strict-hole", severity: .medium, family: "environment",
    title: "A strict mode's document forbids variables that startup does not refuse",
    what: """
      Joins documents that say "when `FLAG=true` … must be unset: `A`, `B`, `C_*`" with the code that asks for the flag and then \
      raises, throws or exits, and names the variables that the code reads and that stand in no such refusal. Both halves must be \
      there: without code that asks for the flag and refuses there is no strict mode, only prose. Variables that nothing reads, \
      and instructions to agents (AGENTS.md, CLAUDE.md), pass.
      """,
    why: "an installation that believes itself strict runs with what it forbids",
    mend: "refuse to start with each of the variables while the flag is on, or take it out of the document",
    falsifies: "the program does not start in strict mode while a forbidden variable is set")

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    for file in context.tree.files(in: .markdown) {
      guard SourcePurpose.of(path: file.path) != .test, !Self.isForAgents(file), let text = context.tree.text(file)
      else { continue }
      for mode in StrictModes.read(file, text) {
        guard let flag = facts[mode.flag], !flag.deployedReads.isEmpty,
          let refusal = StrictModes.refused(mode.flag, in: context)
        else { continue }
        var missing: [String] = []
        for (pattern, _) in mode.forbidden {
          for variable in facts.variables where Self.matches(variable.name, pattern) && !variable.deployedReads.isEmpty
          {
            let isRefused = refusal.names.contains(variable.name)
            if !isRefused, !missing.contains(variable.name), variable.name != mode.flag {
              missing.append(variable.name)
            }
          }
        }
        guard !missing.isEmpty, let place = mode.forbidden.first?.place else { continue }
        findings.add(
          "nothing refuses \(Listing.of(missing)) at start while \(mode.flag) is on, as '\(file.path)' forbids",
          at: refusal.place, subject: mode.flag,
          related: [.init(place, "the document forbids them here")])
      }
    }
  }

  private static func isForAgents(_ file: TreeFile) -> Bool {
    ["agents.md", "claude.md", "gemini.md"].contains(file.name.lowercased())
      || file.directory.split(separator: "/").contains { [".cursor", ".claude", ".agents", "skills"].contains($0) }
  }

  private static func matches(_ name: String, _ pattern: String) -> Bool {
    pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }

  private static let settings = """
    from pydantic_settings import BaseSettings
    class Settings(BaseSettings):
        STRICT_MODE: bool = False
        CHAT_CHANNEL_ID: str | None = None
        CHAT_TOKEN: str | None = None
        CI_HOOK_URL: str | None = None

    """
  private static let document = """
    ## Strict mode

    When `STRICT_MODE=true`:

    - Allowed:
      - `CHAT_BOT_NAME`
    - Must be unset:
      - `CHAT_CHANNEL_ID`, `CHAT_TOKEN`
      - `CI_HOOK_*`
    """

  public static let samples: [RuleSample] = [
    .finds(
      "app/config.py:8:19",
      in: [
        "docs/env.md": document,
        "app/config.py": settings + """
          def check(s):
              if getattr(s, "STRICT_MODE", False):
                  if s.CHAT_CHANNEL_ID:
                      raise ValueError("STRICT_MODE forbids it")
          """,
      ], "two of three are not refused"),
    .silent(
      "every one is refused",
      [
        "docs/env.md": document,
        "app/config.py": settings + """
          def check(s):
              if getattr(s, "STRICT_MODE", False):
                  if s.CHAT_CHANNEL_ID or s.CHAT_TOKEN or s.CI_HOOK_URL:
                      raise ValueError("STRICT_MODE forbids it")
          """,
      ]),
    .silent(
      "prose of two variables, each on its own; and no code that refuses",
      [
        "docs/queues.md": """
        - `AGENT_QUEUE`: when true, jobs go to a queue of their own. Example: `AGENT_QUEUE=true`
        - `HELPER_ORIGIN`: where the helper answers. When it is blank the answer is a forbidden failure.
        """,
        "docs/modes.md": "When `AGENT_QUEUE=true`, `HELPER_ORIGIN` must be unset.\n",
        "app/a.py": "import os\nq = os.getenv('AGENT_QUEUE')\no = os.getenv('HELPER_ORIGIN')\n",
      ]),
    .silent(
      "a flag that nothing reads, and a document of another kind",
      ["docs/env.md": document, "docs/b.md": "When `STRICT_MODE=true`, set `CHAT_TOKEN`.\n", "a.py": "import os\n"]),
  ]
}
