import GonogoBind
import Testing

@Suite struct LineReaderTests {
  private func lines(_ text: String) -> [ChecklistLine] { LineReader(Array(text.utf8)).lines() }

  /// A row's text once ended in " - ops -": cells that hold a mark or a dash say nothing, and say it everywhere it is quoted.
  @Test func `cells that say nothing are no part of a row, and marks that disagree are none`() {
    let read = lines(
      """
      | Check | Staging | Production | Owner |
      |---|---|---|---|
      | `NAME` is set | ✅ | ✅ | ops |
      | `OTHER` is set | ✅ | ❌ | - |
      | Backups — nightly | | — | |
      """)
    #expect(read.map(\.raw) == ["`NAME` is set - ops", "`OTHER` is set", "Backups — nightly"])
    #expect(read.map(\.mark) == [.done, nil, nil])
  }

  @Test func `tasks, bullets, steps, rows, boxes and statements are lines`() {
    let read = lines(
      """
      ---
      title: somebody's
      ---
      # Go
      ## Part ✅
      - [x] task
        - bullet
      1. step
      > - [ ] quoted

      | a | b |
      |---|---|
      | [x] | `NAME` |

      ```sql
      -- a comment; with a semicolon
      CREATE INDEX i ON t (a);
      SELECT ';' || $$ ; $$;
      ```
      ```bash
      # Head ✅
      [x] boxed
      make it
      ```
      **File**: `x.ts`
      """)
    #expect(
      read.map(\.kind) == [
        .heading, .task, .bullet, .step, .task, .row, .statement, .statement, .box, .command, .paragraph,
      ])
    #expect(read.map(\.number) == [5, 6, 7, 8, 9, 13, 17, 18, 22, 23, 25])
    #expect(read[2].parents == ["task"] && read[1].children == ["bullet"])
    #expect(read[1].ticked == true && read[4].indent == nil && read[2].indent == 4)
    #expect(read[5].ticked == true && read[5].codes == ["NAME"])
    #expect(read[8].section.last == "Head" && read[8].ticked == true)
    #expect(read[0].mark == .done)
  }

  @Test func `boxes with a dash, assignments and continued lines inside fences are lines`() {
    let read = lines(
      """
      ```ini
      # Core
      - [ ] APP_ENV=production
      ```
      ```env
      APP_DEBUG=false  # never true
      ```
      ```bash
      kubectl exec -n shop db-0 -- \\
        psql -c "SELECT 1;"
      NODE_ENV=production
      ```
      ```
      a tree of files, APP_ENV=x
      ```
      """)
    #expect(read.map(\.kind) == [.box, .assignment, .command, .assignment])
    #expect(read.map(\.number) == [3, 6, 9, 11] && read[2].lastLine == 10)
    #expect(read[0].section == ["Core"] && read[1].text == "APP_DEBUG=false")
    #expect(read[2].codes == [#"kubectl exec -n shop db-0 -- psql -c "SELECT 1;""#])
  }

  @Test func `pictures at the head and typographic apostrophes say nothing`() {
    #expect(lines("- [ ] 🔄 Run migrations\n- [ ] Don’t\n").map(\.text) == ["Run migrations", "Don't"])
  }

  @Test func `a bound that Markdown takes for a quotation is read whole`() {
    #expect(lines("- >25% error rate\n- >99% uptime\n").map(\.text) == [">25% error rate", ">99% uptime"])
    #expect(lines("- > a real quotation\n").isEmpty)
  }

  @Test func `line ends of Windows change nothing`() {
    let text = "- [ ] a\n\n```sql\nCREATE INDEX i ON t (a);\nCREATE INDEX j ON t (b);\n```\n"
    let windows = lines(text.replacing("\n", with: "\r\n"))
    #expect(windows.map(\.kind) == lines(text).map(\.kind) && windows.map(\.number) == [1, 4, 5])
    #expect(windows.map(\.text) == lines(text).map(\.text))
  }

  @Test func `an item over several lines is one line`() {
    let read = lines("- [ ] **A-1** first\n  second\n\n  third\n")
    #expect(read.count == 1 && read[0].lastLine == 2 && read[0].text == "A-1 first second")
  }

  @Test func `marks, emphasis and links go, backticks are kept for codes`() {
    let line = lines("- ⚠️ **Use** [the guide](x.md) with `A` and `B` ❌\n")[0]
    #expect(line.text == "Use the guide with A and B" && line.codes == ["A", "B"] && line.mark == .warning)
  }
}

/// What `--against` adds.
@Suite struct RepositoryFactsTests {
  private func blocks(_ line: String, _ change: (inout RepositoryFacts) -> Void) -> [String]? {
    var options = Binder.Options()
    var facts = RepositoryFacts()
    change(&facts)
    options.facts = facts
    let binder = Binder(Array(line.utf8), options: options)
    #expect(binder.dropped.isEmpty)
    return binder.lines.last?.proposal?.blocks
  }

  @Test func `lines that name nothing are filled from the repository`() {
    #expect(blocks("- [ ] Webhook secrets set") { _ in } == nil)
    #expect(
      blocks("- [ ] Webhook secrets set") { $0.variables = ["PAY_WEBHOOK_SECRET", "DATABASE_URL"] }
        == ["env:\n  required: [PAY_WEBHOOK_SECRET]"])
    #expect(blocks("- [ ] Run smoke tests") { $0.commands = ["make all"] } == nil)
    #expect(
      blocks("- [ ] Run smoke tests") { $0.commands = ["npm run smoke"] }?.first?.contains("run: npm run smoke") == true
    )
    #expect(
      blocks("- [ ] Health checks work") { $0.endpoints = ["/api/health"] }?.first?.contains("${app}/api/health")
        == true)
    #expect(
      blocks("- [x] All edge functions deployed") {
        $0.files = ["supabase/functions/one/index.ts", "supabase/functions/_shared/x.ts"]
      }?.first?.contains("all_of: [{ some: { slug: one, status: ACTIVE } }]") == true)
  }
}
