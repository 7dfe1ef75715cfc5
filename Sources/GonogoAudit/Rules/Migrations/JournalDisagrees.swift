import GonogoCore

/// A journal of migrations and the files beside it do not agree.
struct JournalDisagrees: AuditRule {
  static let manual = RuleManual(
    id: "migration-journal-disagrees", severity: .high, family: "migrations",
    title: "A journal of migrations and the files beside it do not agree",
    what: """
      Compares the entries of Drizzle's `meta/_journal.json`, and of a `sqitch.plan`, with the files: an entry without a file, and a \
      numbered file of Drizzle's without an entry, which weighs less. A journal of Drizzle's that nothing in the tree runs, \
      where `drizzle-kit push` makes the tables from the code, passes. One finding a journal.
      """,
    why: """
      an entry without a file ends the run of all migrations; a file without an entry is never run, and nothing says so
      """,
    mend:
      "bring the file back, or generate the migrations again (`drizzle-kit generate`), so that journal and files are of one run",
    falsifies: "all migrations are applied",
    references: ["https://orm.drizzle.team/docs/migrations"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for journal in context.tree.files(named: "_journal.json") where journal.directory.hasSuffix("meta") {
      guard let root = context.jsonNode(journal), root["dialect"] != nil, let entries = root["entries"],
        !Self.isPushed(context)
      else { continue }
      let parts = journal.directory.split(separator: "/").dropLast().map(String.init)
      let folder = parts.joined(separator: "/")
      // Another name for the folder, or a tree that leaves the files out, is no disagreement.
      let files = context.tree.files(in: .sql).filter { $0.directory == folder[...] }
      var tags: Set<String> = []
      var lost: [(place: TreePlace, text: String)] = []
      for entry in entries.elements ?? [] {
        guard let tag = entry["tag"], let name = tag.text else { continue }
        tags.insert(name)
        if context.tree[folder.isEmpty ? "\(name).sql" : "\(folder)/\(name).sql"] == nil {
          lost.append((TreePlace(journal.path, tag.range.start), "the entry '\(name)' has no file"))
        }
      }
      guard !files.isEmpty else { continue }
      let stray = files.filter { file in
        let name = String(file.name.dropLast(4))
        return !tags.contains(name) && name.prefix { $0.isNumber }.count >= 4 && name.contains("_")
      }
      tell(
        lost, stray.map { (TreePlace($0.path), "'\($0.name)' is in no entry of the journal") }, String(journal.path),
        &findings)
    }
    for plan in context.tree.files(named: "sqitch.plan") {
      guard let text = context.tree.text(plan) else { continue }
      let folder = plan.directory.isEmpty ? "" : plan.directory + "/"
      // Another `top_dir` or `deploy_dir` is another place.
      guard context.tree.hasDirectory("\(folder)deploy") else { continue }
      var lost: [(place: TreePlace, text: String)] = []
      for number in 1...max(1, text.lineCount) {
        let line = String(decoding: text.line(number), as: UTF8.self)
        guard let first = line.first, first.isLetter || first.isNumber || first == "_",
          let name = line.split(separator: " ").first, context.tree["\(folder)deploy/\(name).sql"] == nil
        else { continue }
        lost.append((TreePlace(plan.path, line: number), "the entry '\(name)' has no file in deploy/"))
      }
      tell(lost, [], plan.path, &findings)
    }
  }

  /// Whether the tables are pushed from the code, and nothing runs migrations: neither the program nor Drizzle's own function.
  private static func isPushed(_ context: AuditContext) -> Bool {
    func names(_ word: String, _ file: TreeFile) -> Bool {
      context.tree.text(file).map { ByteSearch.contains(word, in: $0.bytes) } ?? false
    }
    guard context.tree.files(named: "package.json").contains(where: { names("drizzle-kit push", $0) }) else {
      return false
    }
    return !context.tree.files.contains { file in
      switch file.language {
      case .typescript, .javascript: names("/migrator", file) || names("drizzle-kit migrate", file)
      case .json where file.name == "package.json", .yaml, .shell, .dockerfile: names("drizzle-kit migrate", file)
      default: false
      }
    }
  }

  private func tell(
    _ lost: [(place: TreePlace, text: String)], _ stray: [(place: TreePlace, text: String)], _ journal: String,
    _ findings: inout Findings
  ) {
    let all = lost + stray
    guard let first = all.first else { return }
    let more = all.count > 1 ? " (and \(all.count - 1) more)" : ""
    findings.add(
      first.text + more, at: first.place, subject: journal, severity: lost.isEmpty ? .medium : nil,
      because: "what the journal does not name is not run",
      mend: lost.isEmpty
        ? "add the file to the journal by generating it (`drizzle-kit generate --custom`), or remove it" : nil,
      related: all.dropFirst().prefix(20).map { .init($0.place, $0.text) })
  }

  static let samples: [RuleSample] = [
    .finds(
      "drizzle/meta/_journal.json:3:21", "other/0002_c.sql:1:1", "db/sqitch.plan:4:1",
      in: [
        "drizzle/meta/_journal.json": """
        {"version": "7", "dialect": "postgresql", "entries": [
          {"idx": 0, "tag": "0000_a"},
          {"idx": 1, "tag": "0001_b"}
        ]}
        """,
        "drizzle/0000_a.sql": "CREATE TABLE a (id int);\n",
        "other/meta/_journal.json": #"{"dialect": "postgresql", "entries": [{"idx": 0, "tag": "0001_a"}]}"#,
        "other/0001_a.sql": "CREATE TABLE a (id int);\n",
        "other/0002_c.sql": "CREATE TABLE c (id int);\n",
        "db/sqitch.plan":
          "%syntax-version=1.0.0\n%project=x\na 2024-01-01T00:00:00Z N <n@acme.test> # a\nb [a] 2024-01-02T00:00:00Z N <n@acme.test> # b\n",
        "db/deploy/a.sql": "CREATE TABLE a (id int);\n",
      ], "an entry without a file, a file without an entry, a plan"),
    .silent(
      "a journal that nobody runs",
      [
        "package.json": #"{"scripts": {"migrate": "drizzle-kit push"}}"#,
        "drizzle/meta/_journal.json": #"{"dialect": "mysql", "entries": [{"tag": "0000_a"}]}"#,
        "drizzle/0000_a.sql": "CREATE TABLE a (id int);\n", "drizzle/0001_b.sql": "CREATE TABLE b (id int);\n",
      ]),
    .silent(
      "all there, a file of another kind, another journal",
      [
        "drizzle/meta/_journal.json": #"{"dialect": "postgresql", "entries": [{"idx": 0, "tag": "0000_a"}]}"#,
        "drizzle/0000_a.sql": "CREATE TABLE a (id int);\n",
        "drizzle/seed.sql": "INSERT INTO a VALUES (1);\n",
        "x/meta/_journal.json": #"{"entries": [{"tag": "gone"}]}"#,
        "y/meta/_journal.json": #"{"dialect": "sqlite", "entries": [{"idx": 0, "tag": "0000_gone"}]}"#,
      ]),
  ]
}
