import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// What the tool says of itself.
@Suite struct SelfDescriptionTests {
  @Test func `what is made from the descriptors is current: run make docs`() throws {
    let directory = try TemporaryDirectory()
    let made = try GonogoBinary.shell(
      "\(GonogoBinary.packageRoot)/scripts/make-docs.sh --into '\(directory.path)'", in: directory.path)
    #expect(made.status == 0, "\(made.error)")
    let files = try FileSystem.glob("**", in: directory.path)
    #expect(files.count >= 13)
    for file in files {
      let fresh = try FileSystem.read("\(directory.path)/\(file)")
      let kept = (try? FileSystem.read("\(GonogoBinary.packageRoot)/\(file)")) ?? []
      // Not the bytes themselves: a failure would print them all.
      let isCurrent = fresh == kept
      #expect(isCurrent, "\(file) is out of date: run `make docs`")
    }
  }

  @Test func `every command has a help, and every help an example or none to give`() throws {
    let directory = try TemporaryDirectory()
    let overview = try GonogoBinary.run(["--help"], in: directory.path)
    #expect(overview.status == 0)
    for name in [
      "check", "plan", "list", "runs", "show", "diff", "verify", "explain", "probes", "doctor", "schema", "completions",
      "man", "bind",
    ] {
      #expect(overview.output.contains("  \(name) "))
      let help = try GonogoBinary.run([name, "--help"], in: directory.path)
      #expect(help.status == 0 && help.output.hasPrefix("usage: gonogo \(name)") && help.error.isEmpty)
    }
  }

  @Test func `explain knows every word that a report may use`() throws {
    let directory = try TemporaryDirectory()
    let kinds = ProbeError.Kind.allCases.map(\.rawValue)
    let codes = DiagnosticCode.document.map(\.id)
    for word in kinds + codes + [
      "unbound", "awaits-word", "blocked", "exit-status", "http", "postgres", "env", "sarif", "matches",
    ] {
      let result = try GonogoBinary.run(["explain", word], in: directory.path)
      #expect(result.status == 0 && result.output.utf8.count > 60, "\(word)")
    }
    let unknown = try GonogoBinary.run(["explain", "postgress"], in: directory.path)
    #expect(unknown.status == 2 && unknown.error.contains("did you mean 'postgres'?"))
  }

  @Test func `bash completes commands, options and formats`() throws {
    let directory = try TemporaryDirectory()
    let result = try GonogoBinary.shell(
      """
      source <("$GONOGO" completions bash) || exit 1
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gonogo; echo "${COMPREPLY[*]}"; }
      try gonogo ch; try gonogo check --on; try gonogo check -o sar; try gonogo explain denial
      """, in: directory.path)
    #expect(result.output == "check\n--only\nsarif\ndenial-without-control\n")
    #expect(result.error.isEmpty)
  }

  @Test(
    .enabled(if: Subprocess.find("man") != nil || Subprocess.find("groff") != nil, "neither man nor groff is installed")
  )
  func `the manual page is read without a warning`() throws {
    let directory = try TemporaryDirectory()
    let result = try GonogoBinary.shell(
      "\"$GONOGO\" man > g.1 && if command -v groff >/dev/null; then groff -man -ww -z g.1; else MANROFFOPT=-ww man --warnings -l g.1 >/dev/null; fi",
      in: directory.path)
    #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
  }

  @Test func `the schemas accept what the planner accepts, and refuse what it refuses`() throws {
    let directory = try TemporaryDirectory()
    let schema = try JSON.parse(try GonogoBinary.run(["schema", "binding"], in: directory.path).output)
    let properties = schema["properties"]?.objectValue ?? [:]
    for key in [
      "http", "postgres", "redis", "env", "files", "command", "tls", "dns", "tcp", "results", "expect", "jq", "needs",
      "when", "retry", "within", "timeout", "effect", "cases", "allowed", "attest",
    ] {
      #expect(properties[key] != nil, "\(key)")
    }
    #expect(schema["additionalProperties"] == .bool(false))
    let front = try JSON.parse(try GonogoBinary.run(["schema", "front-matter"], in: directory.path).output)
    #expect(front["properties"]?["environments"] != nil && front["properties"]?["http"] != nil)
  }

  @Test func `explain knows the exit status, the ticks, the keys and every matcher of the reader`() throws {
    let plan = try GonogoBinary.run(
      ["plan", "-"], in: "/tmp",
      input:
        "- [ ] **A-1** x\n  ```yaml gonogo\n  command: 'true'\n  expect: { exit: { equals: 1, zzzzzzzz: 2 } }\n  ```\n")
    let line = try #require(plan.error.split(separator: "\n").first { $0.contains("matchers are") })
    let matchers = line.replacing("matchers are ", with: "|").split(separator: "|").last?.split(separator: ", ") ?? []
    #expect(matchers.count > 10)
    let words =
      [
        "0", "1", "2", "3", "go", "no-go", "undecided", "not-run", "ticked-and-false", "needs", "environments",
        "writes",
      ]
      + matchers.map(String.init)
    for word in words {
      let result = try GonogoBinary.run(["explain", word], in: "/tmp")
      #expect(result.status == 0 && result.output.utf8.count > 40, "\(word)")
    }
    #expect(try GonogoBinary.run(["explain", "when"], in: "/tmp").output.contains("key of a binding"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `the completions are well formed`(shell: String) throws {
    let text = try GonogoBinary.run(["completions", shell], in: "/tmp").output
    #expect(text.contains("gonogo"))
    guard Subprocess.find(shell) != nil else { return }
    var process = Subprocess([shell, "-n"], environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp"])
    process.input = Array(text.utf8)
    let outcome = try process.run(milliseconds: 20_000)
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
  }
}
