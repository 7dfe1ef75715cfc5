import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// `gonogo check`, as a user meets it.
@Suite struct CheckScenarioTests {
  static func line(_ id: String, _ command: String, extra: String = "") -> String {
    "- [ ] **\(id)** the line \(id)\n  ```yaml gonogo\n  command: \(command)\n  expect: { exit: 0 }\n\(extra)  ```\n"
  }

  @Test(arguments: [("true", 0), ("false", 1), ("gonogo-is-not-there", 3)] as [(String, Int32)])
  func `the exit status is the verdict`(command: String, status: Int32) throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      Self.line("A-1", "[\(command)]".replacing("[true]", with: "'true'").replacing("[false]", with: "'false'")),
      to: "GO.md")
    #expect(try GonogoBinary.run(["check", "GO.md"], in: directory.path).status == status)
  }

  @Test(arguments: [
    ["check"], ["check", "missing.md"], ["check", "GO.md", "--only", "B-1"], ["check", "GO.md", "--nonsense"],
    ["check", "GO.md", "-o", "txt"], ["check", "GO.md", "-o", "json", "-o", "text"], ["chek", "GO.md"],
    ["check", "GO.md", "--environment", "moon"], ["check", "GO.md", "--jobs", "0"], ["check", "EMPTY.md"],
    ["check", "GO.md", "--timeout", "10"], ["check", "GO.md", "-o", "text=no/such/folder/report.txt"],
  ])
  func `what cannot be run is exit status 2, with a reason on standard error and nothing on standard output`(
    arguments: [String]
  ) throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.line("A-1", "'true'"), to: "GO.md")
    try directory.write("# Nothing here\n", to: "EMPTY.md")
    let result = try GonogoBinary.run(arguments, in: directory.path)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.error.contains("error"))
  }

  @Test func `a selection leaves out the rest, says how many, and does not run them`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      Self.line("A-1", "'true'") + Self.line("B-1", "touch ran") + Self.line("B-2", "touch ran"), to: "GO.md")
    let result = try GonogoBinary.run(["check", "GO.md", "--only", "A-*"], in: directory.path)
    #expect(result.status == 0)
    #expect(result.output.contains("2") && !FileSystem.exists("\(directory.path)/ran"))
  }

  @Test func `a dependent of a failed line is skipped with its name, and the rest goes on`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      Self.line("A-1", "'false'") + Self.line("A-2", "touch ran", extra: "  needs: A-1\n") + Self.line("A-3", "'true'"),
      to: "GO.md")
    let result = try GonogoBinary.run(["check", "GO.md"], in: directory.path)
    #expect(result.status == 1)
    #expect(result.output.contains("A-1") && !FileSystem.exists("\(directory.path)/ran"))
    let shown = try GonogoBinary.run(["show", "latest", "-o", "json"], in: directory.path)
    let results = try JSON.parse(shown.output)["results"]?.arrayValue ?? []
    #expect(results.map { $0["evidence"]?["outcome"]?.stringValue } == ["failed", "skipped", "passed"])
    #expect(results[1]["evidence"]?["skip"]?["reason"]?.stringValue == "blocked")
  }

  @Test func `a kill at any moment loses no result that was shown`() throws {
    let directory = try TemporaryDirectory()
    try directory.write((1...60).map { Self.line("K-\($0)", "sleep 0.02") }.joined(), to: "GO.md")
    for delay in ["0.1", "0.2", "0.35"] {
      let result = try GonogoBinary.shell(
        "\"$GONOGO\" check GO.md --jobs 2 2>progress >/dev/null & p=$!; sleep \(delay); kill -9 $p; wait $p 2>/dev/null; true",
        in: directory.path)
      #expect(result.status == 0)
      let progress = String(decoding: (try? FileSystem.read("\(directory.path)/progress")) ?? [], as: UTF8.self)
      let shown = progress.split(separator: "\n").filter { $0.hasPrefix("[") }.count
      let kept = try GonogoBinary.run(["show", "latest", "-o", "json"], in: directory.path)
      guard shown > 0 else { continue }
      let results = try JSON.parse(kept.output)["results"]?.arrayValue ?? []
      #expect(results.count >= shown)
      #expect(try JSON.parse(kept.output)["run"]?["finished"] == .bool(false))
      #expect(try GonogoBinary.run(["verify"], in: directory.path).status == 0)
    }
  }

  @Test func `an interrupt ends cleanly: what was found is kept, the rest is told as not looked at`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      Self.line("A-1", "'true'") + Self.line("A-2", "sleep 30", extra: "  needs: A-1\n  timeout: 60s\n")
        + Self.line("A-3", "'true'", extra: "  needs: A-2\n"), to: "GO.md")
    let result = try GonogoBinary.shell(
      """
      set -m  # else a shell's background job ignores SIGINT
      "$GONOGO" check GO.md -o text=report.txt 2>progress & p=$!
      for i in $(seq 100); do grep -q 'passed A-1' progress && break; sleep 0.05; done
      sleep 0.2; kill -INT $p; wait $p; echo "status $?"
      """, in: directory.path)
    #expect(result.output.contains("status 3"))
    let kept = try GonogoBinary.run(["show", "latest", "-o", "json"], in: directory.path)
    let json = try JSON.parse(kept.output)
    #expect(json["run"]?["interrupted"] == .bool(true))
    let outcomes = json["results"]?.arrayValue?.map { $0["evidence"]?["outcome"]?.stringValue }
    #expect(outcomes == ["passed", "errored", "skipped"])
    let report = String(decoding: try FileSystem.read("\(directory.path)/report.txt"), as: UTF8.self)
    #expect(report.contains("interrupted"))
  }

  @Test func `a store that cannot be written is said before anything runs`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.line("A-1", "touch ran"), to: "GO.md")
    try directory.write("a file where a folder should be", to: "blocked")
    let result = try GonogoBinary.run(["check", "GO.md", "--store", "blocked/store"], in: directory.path)
    #expect(result.status == 2)
    #expect(result.error.contains("blocked") && result.error.contains("mend"))
    #expect(!FileSystem.exists("\(directory.path)/ran"))
  }

  @Test func `write sets the boxes and nothing else`() throws {
    let directory = try TemporaryDirectory()
    let before =
      Self.line("A-1", "'true'")
      + "\r\n- [x] **A-2** no\r\n  ```yaml gonogo\r\n  command: 'false'\r\n  expect: { exit: 0 }\r\n  ```\r\n- [X] unbound\r\n"
    try directory.write(before, to: "GO.md")
    #expect(try GonogoBinary.run(["check", "GO.md", "--write"], in: directory.path).status == 1)
    let after = String(decoding: try FileSystem.read("\(directory.path)/GO.md"), as: UTF8.self)
    #expect(
      after
        == before.replacing("- [ ] **A-1**", with: "- [x] **A-1**").replacing("- [x] **A-2**", with: "- [ ] **A-2**"))
  }

  @Test func `a command says how many runs are between, and diff names what turned`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.line("A-1", "test -e flag") + Self.line("A-2", "test ! -e flag"), to: "GO.md")
    #expect(try GonogoBinary.run(["check", "GO.md"], in: directory.path).status == 1)
    try directory.write("", to: "flag")
    #expect(try GonogoBinary.run(["check", "GO.md"], in: directory.path).status == 1)
    let diff = try GonogoBinary.run(["diff", "latest~1", "latest", "-o", "json"], in: directory.path)
    #expect(diff.status == 1)
    let changes = try JSON.parse(diff.output)["changes"]?.arrayValue ?? []
    #expect(changes.map { $0["turned"]?.stringValue } == ["green", "red"])
  }

  @Test(arguments: [["-o", "json=GO.md"], ["-o", "json=a", "-o", "text=a"], ["-o", "json=."], ["-o", "json=sub"]])
  func `a report never takes the place of the checklist, of another report or of a folder`(arguments: [String]) throws {
    let directory = try TemporaryDirectory()
    let document = Self.line("A-1", "touch ran")
    try directory.write(document, to: "GO.md")
    try FileSystem.makeDirectory("\(directory.path)/sub")
    let result = try GonogoBinary.run(["check", "GO.md"] + arguments, in: directory.path)
    #expect(result.status == 2 && result.error.contains("error"))
    #expect(!FileSystem.exists("\(directory.path)/ran"))
    #expect(String(decoding: try FileSystem.read("\(directory.path)/GO.md"), as: UTF8.self) == document)
  }

  @Test func `a pipe is written to, not replaced; a report that cannot be told is no GO`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.line("A-1", "'true'"), to: "GO.md")
    let result = try GonogoBinary.shell(
      """
      mkfifo pipe; cat pipe > got & "$GONOGO" check GO.md -q -o json=pipe; wait; test -p pipe && grep -q '"verdict"' got && echo told
      "$GONOGO" check GO.md -q > /dev/full; echo "status $?"
      """, in: directory.path)
    #expect(result.output.contains("told"))
    #expect(result.output.contains("status 3"))
  }

  @Test func `when names an environment that is not there`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "---\ngonogo: 1\nenvironments: { prod: { a: b } }\n---\n"
        + Self.line("A-1", "'false'", extra: "  when: { environment: production }\n"), to: "GO.md")
    let result = try GonogoBinary.run(["check", "GO.md"], in: directory.path)
    #expect(result.status == 2 && result.error.contains("unknown-environment"))
    let unknown = try GonogoBinary.run(["check", "GO.md", "-e", "prd"], in: directory.path)
    #expect(unknown.status == 2 && unknown.error.contains("did you mean 'prod'?"))
  }
}
