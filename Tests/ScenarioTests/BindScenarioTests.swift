import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// `gonogo bind` as a user meets it.
@Suite struct BindScenarioTests {
  private static let checklist = """
    # Launch
    - [ ] The runbook is written (`RUNBOOK.md`)
    - [ ] `true` is no command that is known
    - [ ] **Technical Lead Review**
    - [ ] The mood is good

    """

  @Test func `a copy runs, and its colours are the repository's`() throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(Self.checklist, to: "LIST.md")
    let bound = try GonogoBinary.run(["bind", "LIST.md", "--to", "GO-LIVE.md"], in: directory.path)
    #expect(bound.status == 0, "\(bound.error)")
    #expect(String(decoding: try FileSystem.read(source), as: UTF8.self) == Self.checklist)
    let red = try GonogoBinary.run(["check", "GO-LIVE.md", "--only", "**/*runbook*"], in: directory.path)
    #expect(red.status == 1, "\(red.output)")
    try directory.write("# Runbook\n", to: "RUNBOOK.md")
    let green = try GonogoBinary.run(["check", "GO-LIVE.md", "--only", "**/*runbook*"], in: directory.path)
    #expect(green.status == 0, "\(green.output)")
    let whole = try GonogoBinary.run(["check", "GO-LIVE.md"], in: directory.path)
    #expect(whole.status == 3 && whole.output.contains("waits for the word of"), "\(whole.output)")
  }

  @Test func `the source and a file that is there are not written over`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    try directory.write("mine", to: "THERE.md")
    #expect(try GonogoBinary.run(["bind", "LIST.md", "--to", "LIST.md", "--force"], in: directory.path).status == 2)
    let refused = try GonogoBinary.run(["bind", "LIST.md", "--to", "THERE.md"], in: directory.path)
    #expect(refused.status == 2 && refused.error.contains("--force"))
    #expect(try FileSystem.read("\(directory.path)/THERE.md") == Array("mine".utf8))
    #expect(try GonogoBinary.run(["bind", "LIST.md", "--to", "THERE.md", "--force"], in: directory.path).status == 0)
  }

  @Test func `nothing proposed is status 3, and a wrong option status 2`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("- [ ] The mood is good\n", to: "LIST.md")
    #expect(try GonogoBinary.run(["bind", "LIST.md"], in: directory.path).status == 3)
    #expect(try GonogoBinary.run(["bind", "LIST.md", "--target", "nothing"], in: directory.path).status == 2)
    #expect(try GonogoBinary.run(["bind", "LIST.md", "--interactive"], in: directory.path).status == 2)
    #expect(try GonogoBinary.run(["bind", "NONE.md"], in: directory.path).status == 2)
  }

  @Test func `json says for each line what was proposed and why`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    let json = try JSON.parse(try GonogoBinary.run(["bind", "LIST.md", "-o", "json"], in: directory.path).output)
    #expect(json["schema"] == "gonogo.bind/1" && json["proposed"] == 2 && json["left"] == 2)
    #expect(json["lines"]?[0]?["proposal"]?["recogniser"] == "named-file")
    #expect(json["lines"]?[3]?["proposal"] == nil)
    let sure = try GonogoBinary.run(
      ["bind", "LIST.md", "-o", "markdown", "--min-confidence", "high"], in: directory.path)
    #expect(sure.status == 0 && sure.output.contains("**line 2** (high, `named-file`)"))
  }

  @Test func `answers are kept, whatever ends the asking, and asked for no more`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    let arguments = ["bind", "LIST.md", "--to", "GO-LIVE.md", "--interactive"]
    // The input ends in the middle, as it does when somebody goes.
    let begun = try GonogoBinary.run(arguments, in: directory.path, input: "a\nx\n")
    #expect(begun.status == 3 && !FileSystem.exists("\(directory.path)/GO-LIVE.md"))
    #expect(begun.output.contains("[2/4]"))
    let edited = try directory.write(
      "#!/bin/sh\nprintf 'command: make smoke\\nexpect: { exit: 0 }\\n' > \"$1\"\n", to: "ed.sh")
    let done = try GonogoBinary.run(
      arguments, in: directory.path, environment: ["EDITOR": "sh \(edited)"], input: "e\nl\np\nrelease manager\n")
    #expect(done.status == 0, "\(done.output)\(done.error)")
    #expect(!done.output.contains("[1/4]"))
    let text = String(decoding: try FileSystem.read("\(directory.path)/GO-LIVE.md"), as: UTF8.self)
    #expect(
      text.contains("files: RUNBOOK.md") && text.contains("command: make smoke")
        && text.contains("attest: \"release manager\""))
    #expect(!text.contains("technical lead"))
    #expect(try FileSystem.list(directory.path).sorted() == ["GO-LIVE.md", "LIST.md", "ed.sh"])
  }

  @Test func `Ctrl-C in a terminal keeps what was answered`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    // A pseudo-terminal, whose line discipline makes a signal of the character 003.
    let stopped = try GonogoBinary.shell(
      """
      { echo a; until [ -e GO-LIVE.md.answers.json ]; do sleep 0.05; done; printf '\\003'; sleep 1; } |
        script -qec "$GONOGO bind LIST.md --to GO-LIVE.md --interactive" typescript
      """, in: directory.path)
    #expect(stopped.status == 130, "\(stopped.output)\(stopped.error)")
    #expect(!FileSystem.exists("\(directory.path)/GO-LIVE.md"))
    let done = try GonogoBinary.run(
      ["bind", "LIST.md", "--to", "GO-LIVE.md", "--interactive"], in: directory.path, input: "l\nl\nl\n")
    #expect(done.status == 0 && !done.output.contains("[1/4]"), "\(done.output)")
    let text = String(decoding: try FileSystem.read("\(directory.path)/GO-LIVE.md"), as: UTF8.self)
    #expect(text.contains("files: RUNBOOK.md"))
  }

  /// A pseudo-terminal in which an editor is open when Ctrl-C comes; `rest` is answered behind it.
  private static func interrupted(editor: String, rest: String, in directory: TemporaryDirectory) throws
    -> GonogoBinary.Result
  {
    try directory.write(checklist, to: "LIST.md")
    try directory.write(editor, to: "ed.sh")
    return try GonogoBinary.shell(
      """
      { echo a; until [ -e GO-LIVE.md.answers.json ]; do sleep 0.05; done; echo e
        until [ -e editing ]; do sleep 0.05; done; printf '\\003'
        until [ -e ended ]; do sleep 0.05; done; printf '\(rest)'; sleep 1; } |
        script -qec "exec $GONOGO bind LIST.md --to GO-LIVE.md --interactive" typescript
      """, in: directory.path, environment: ["EDITOR": "sh ed.sh", "TERM": "xterm"])
  }

  @Test func `Ctrl-C in an editor that goes on is the editor's, and its block is kept`() throws {
    let directory = try TemporaryDirectory()
    // As vi does: it is told of the signal, and stays.
    let done = try Self.interrupted(
      editor: """
        trap 'printf "command: make smoke\\nexpect: { exit: 0 }\\n" > "$1"; touch ended; exit 0' INT
        touch editing
        while :; do sleep 0.05; done

        """, rest: #"l\nl\n"#, in: directory)
    #expect(done.status == 0, "\(done.output)\(done.error)")
    let text = String(decoding: try FileSystem.read("\(directory.path)/GO-LIVE.md"), as: UTF8.self)
    #expect(text.contains("files: RUNBOOK.md") && text.contains("command: make smoke"), "\(done.output)")
  }

  @Test func `Ctrl-C that ends the editor leaves the binding as it was, and asks again`() throws {
    let directory = try TemporaryDirectory()
    let done = try Self.interrupted(
      editor: "(sleep 1; touch ended) & touch editing; exec sleep 30\n", rest: #"l\nl\nl\n"#, in: directory)
    #expect(done.status == 0 && done.output.contains("did not end well"), "\(done.output)\(done.error)")
    let text = String(decoding: try FileSystem.read("\(directory.path)/GO-LIVE.md"), as: UTF8.self)
    #expect(text.contains("files: RUNBOOK.md"), "\(done.output)")
  }

  @Test func `a block that does not plan is said to, with its line, and cannot be accepted`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    try directory.write(
      "printf 'files: a.md\\n---\\nfiles: b.md\\nexpcet: { exists: true }\\n' > \"$1\"\n", to: "ed.sh")
    let asked = try GonogoBinary.run(
      ["bind", "LIST.md", "--to", "GO-LIVE.md", "--interactive"], in: directory.path,
      environment: ["EDITOR": "sh ed.sh"], input: "e\na\nq\n")
    #expect(asked.status == 3)
    #expect(asked.output.ranges(of: "does not plan, line 4").count == 2, "\(asked.output)")
    #expect(asked.output.contains("mend:") && !asked.output.contains("[2/4]"))
    let failing = try GonogoBinary.run(
      ["bind", "LIST.md", "--to", "GO-LIVE.md", "--interactive"], in: directory.path,
      environment: ["EDITOR": "false"], input: "e\na\nq\n")
    #expect(failing.output.contains("did not end well") && failing.output.contains("[2/4]"), "\(failing.output)")
  }

  @Test func `a terminal of 40 columns holds every line that is said, and no escape is written without leave`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    let narrow = try GonogoBinary.shell(
      """
      { sleep 0.3; echo x; echo q; sleep 0.5; } |
        script -qec "stty cols 40; $GONOGO bind LIST.md --to GO-LIVE.md --interactive" typescript
      """, in: directory.path, environment: ["NO_COLOR": "1", "TERM": "xterm", "COLUMNS": ""])
    let lines = narrow.output.split(whereSeparator: \.isNewline)
    #expect(lines.contains { $0.hasPrefix("a/e/p/l/q: ") }, "\(narrow.output)")
    #expect(lines.allSatisfy { $0.count <= 40 }, "\(narrow.output)")
    #expect(!narrow.output.contains("\u{1B}"))
  }

  @Test func `answers for another text are not used, and not lost`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.checklist, to: "LIST.md")
    let arguments = ["bind", "LIST.md", "--to", "GO-LIVE.md", "--interactive"]
    _ = try GonogoBinary.run(arguments, in: directory.path, input: "a\n")
    let kept = try FileSystem.read("\(directory.path)/GO-LIVE.md.answers.json")
    try directory.write("# Another\n" + Self.checklist, to: "LIST.md")
    let again = try GonogoBinary.run(arguments, in: directory.path, input: "q\n")
    #expect(again.error.contains("another text") && again.output.contains("[1/4]"), "\(again.error)")
    #expect(try FileSystem.read("\(directory.path)/GO-LIVE.md.answers.json.old") == kept)
  }

  @Test func `what cannot apply to the repository is dropped, and what it lacks is said`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "# Launch\n- [ ] Redis connection tested\n- [ ] The runbook is written (`RUNBOOK.md`)\n", to: "LIST.md")
    try directory.write("{}", to: "app/package.json")
    let without = try GonogoBinary.run(["bind", "LIST.md", "--against", "app"], in: directory.path)
    #expect(
      without.output.contains("LIST.md:2: dropped[redis]: nothing in the repository uses Redis"), "\(without.output)")
    #expect(without.output.contains("the repository has no"), "\(without.output)")
    try directory.write(#"{"dependencies": {"ioredis": "5.4.1"}}"#, to: "app/package.json")
    try directory.write("# Runbook\n", to: "app/RUNBOOK.md")
    let with = try GonogoBinary.run(["bind", "LIST.md", "--against", "app"], in: directory.path)
    #expect(with.output.contains("redis: { command: [PING] }") && !with.output.contains("dropped["), "\(with.output)")
    #expect(!with.output.contains("the repository has no"), "\(with.output)")
  }

  @Test func `the repository fills paths and folders`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("- [x] API (`API.md`)\n- [x] All migrations applied\n", to: "docs/LIST.md")
    try directory.write("# API\n", to: "handbook/API.md")
    try directory.write("CREATE TABLE t ();\n", to: "db/migrations/001_a.sql")
    let bound = try GonogoBinary.run(
      ["bind", "docs/LIST.md", "--to", "docs/GO.md", "--against", "."], in: directory.path)
    #expect(bound.status == 0, "\(bound.error)")
    let text = String(decoding: try FileSystem.read("\(directory.path)/docs/GO.md"), as: UTF8.self)
    #expect(text.contains("files: ../handbook/API.md"))
    #expect(text.contains("folder: \"../db/migrations\""))
    #expect(try GonogoBinary.run(["check", "docs/GO.md", "--only", "**api**"], in: directory.path).status == 0)
  }
}
