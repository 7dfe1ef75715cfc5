import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite struct JQEngineTests {
  @Test func `a thousand expressions compile as one`() throws {
    let engine = JQEngine()
    let handles = (0..<1000).map { engine.register(".n == \($0)") }
    let begin = SystemClock().ticks()
    #expect(engine.prepare().isEmpty)
    #expect(SystemClock().ticks() - begin < 3000)  // each by itself: 15 ms, 15 s in all
    for n in [0, 1, 499, 500, 998, 999] {
      #expect(try engine.evaluate(handles[n], on: ["n": JSON(n)]) == [true])
      #expect(try engine.evaluate(handles[n], on: ["n": JSON(n + 1)]) == [false])
    }
    #expect(engine.register(".n == 5") == handles[5])
  }

  @Test func `the bad ones among many are found, and the rest work`() throws {
    let engine = JQEngine()
    let handles = (0..<200).map { engine.register($0 == 77 ? "nosuch(1)" : $0 == 150 ? ".a |" : ".n == \($0)") }
    let errors = engine.prepare()
    #expect(Set(errors.keys) == [handles[77], handles[150]])
    #expect(errors[handles[77]]?.message.contains("nosuch/1 is not defined") == true)
    #expect(try engine.evaluate(handles[199], on: ["n": 199]) == [true])
    #expect(throws: EngineError.self) { try engine.evaluate(handles[77], on: [:]) }
  }

  @Test(arguments: [
    "1) | (2", "(1", "1]", "\"a", "\"\\(1\"", "\"\\(1))\"", "{", "[1}", ") as $x | (", "1 end) else (2", "1 | . as [$a",
    "\"\\(\"a)\")\" )",
  ]) func `an expression cannot reach beyond itself`(_ text: String) {
    let engine = JQEngine()
    let good = engine.register("true")
    let bad = engine.register(text)
    #expect(Set(engine.prepare().keys) == [bad])
    #expect((try? engine.evaluate(good, on: [:])) == [true])
  }

  @Test(arguments: [
    "\"a(b\" | length == 3", "# a ( comment\ntrue", "\"\\(\"x\" + \"(\")\" == \"x(\"", "true # ends in a comment",
    "\"\\\"(\" | length == 2",
  ])
  func `brackets in strings and comments are none`(_ text: String) throws {
    let engine = JQEngine()
    let handle = engine.register(text)
    let other = engine.register("true")
    #expect(engine.prepare().isEmpty)
    #expect(try engine.evaluate(handle, on: [:]) == [true] && engine.evaluate(other, on: [:]) == [true])
  }

  @Test(arguments: [
    "env.PATH", "env | keys", "input", "[inputs]", "stderr", "debug", "halt", "halt_error", "halt_error(1)",
    "\"a\" | modulemeta", "get_search_list",
  ])
  func `sees the facts and nothing else`(_ text: String) {
    let engine = JQEngine()
    let handle = engine.register(text)
    _ = engine.prepare()
    #expect(throws: EngineError.self) { try engine.evaluate(handle, on: [:]) }
  }

  @Test func `the environment is empty by its other name`() throws {
    let engine = JQEngine()
    let handle = engine.register("$ENV")
    _ = engine.prepare()
    #expect((try? engine.evaluate(handle, on: [:])) ?? [.null] == [.null])
  }

  @Test func `what does not end is stopped, and the next one runs`() throws {
    let engine = JQEngine(milliseconds: 100)
    let endless = ["def f: f; f", "[limit(1; repeat(empty))]", "last(range(infinite))", "until(false; .)"].map(
      engine.register)
    let good = engine.register("1 + 1 == 2")
    #expect(engine.prepare().isEmpty)
    for handle in endless {
      let begin = SystemClock().ticks()
      #expect(throws: EngineError.self) { try engine.evaluate(handle, on: [:]) }
      #expect(SystemClock().ticks() - begin < 5000)
      #expect(try engine.evaluate(good, on: [:]) == [true])
    }
  }

  @Test func `messages quote no part of a value`() {
    let engine = JQEngine()
    let handles = [".t - 1", ".t | tonumber", ".o - 1", "[.t] - .t", ".t | explode | implode - 1"].map(engine.register)
    _ = engine.prepare()
    for handle in handles {
      do {
        _ = try engine.evaluate(handle, on: ["t": "s3cr3t-0123456789-0123456789", "o": ["k": "s3cr3t-0123456789"]])
        Issue.record("gave a value")
      } catch {
        if !error.message.contains("s3cr3t-0123456789-0123456789") {
          #expect(!error.message.contains("s3cr"), "\(error.message)")
        }
      }
    }
  }
}

@Suite struct PCREngineTests {
  @Test(arguments: ["^(a+)+$", "^(a|a)*$", "(x+x+)+y", "^(.*?,){30}P"]) func `no pattern hangs`(_ pattern: String)
    throws
  {
    let compiled = try PCREngine().compile(pattern, ignoringCase: false)
    let begin = SystemClock().ticks()
    for text in [
      String(repeating: "a", count: 40) + "b", String(repeating: "x", count: 2000),
      String(repeating: "1,", count: 2000),
    ] {
      _ = try? compiled.firstMatch(in: text)
    }
    #expect(SystemClock().ticks() - begin < 5000)
  }

  @Test func `groups, letters of several bytes, and what is no pattern`() throws {
    let found = try PCREngine().compile("(é+)(x)?(\\w)", ignoringCase: true).firstMatch(in: "aÉÉ漢")
    #expect(found?.groups == ["ÉÉ漢", "ÉÉ", nil, "漢"])
    for bad in ["(", "[", "a{2,1}", "(?<n", "\\C", "(?", "*"] {
      #expect(throws: EngineError.self) { try PCREngine().compile(bad, ignoringCase: false) }
    }
  }
}

@Suite struct SubprocessTests {
  static let environment = ["PATH": "/usr/bin:/bin"]
  static func run(_ script: String, input: [UInt8] = [], milliseconds: Int = 20_000, limit: Int? = nil) throws
    -> Subprocess.Outcome
  {
    Signals.ignorePipe()
    var process = Subprocess(["sh", "-c", script], environment: environment)
    process.input = input
    if let limit { process.limit = limit }
    return try process.run(milliseconds: milliseconds)
  }

  @Test func `status, signal, output, input`() throws {
    #expect(try Self.run("exit 7").status == 7)
    #expect(try Self.run("kill -TERM $$").signal == 15)
    let both = try Self.run("printf a; printf b >&2; pwd > /dev/null")
    #expect(both.output == [0x61] && both.error == [0x62])
    let input = (0..<300_000).map { UInt8($0 % 251) }
    #expect(try Self.run("cat", input: input).output == input)
    // One that does not read its input ends all the same.
    #expect(try Self.run("exit 3", input: input).status == 3)
  }

  @Test func `large output is bounded, and said`() throws {
    let outcome = try Self.run("head -c 3000000 /dev/zero; head -c 100 /dev/zero >&2", limit: 1_000_000)
    #expect(outcome.output.count == 1_000_000 && outcome.truncated && outcome.status == 0 && outcome.error.count == 100)
  }

  @Test func `at the deadline the whole group dies`() throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/pid"
    #expect(throws: Subprocess.Failure.timedOut(milliseconds: 300)) {
      try Self.run("sleep 60 & echo $! > \(file); wait", milliseconds: 300)
    }
    let pid =
      String(decoding: try FileSystem.read(file), as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    // Killed, it may wait for its parent to notice; running it is not.
    let state = (try? FileSystem.read("/proc/\(pid)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(state.isEmpty || state.contains(") Z ") || state.contains(") X "))
  }

  @Test func `one that leaves a daemon with its output behind has ended`() throws {
    let begin = SystemClock().ticks()
    #expect(try Self.run("sleep 5 & echo done", milliseconds: 30_000).output == Array("done\n".utf8))
    #expect(SystemClock().ticks() - begin < 4000)
  }

  @Test func `what is not there, or may not run, is told so`() throws {
    for program in ["gonogo-no-such-program", "/etc/passwd", "/no/such/program"] {
      #expect(throws: Subprocess.Failure.self) {
        try Subprocess([program], environment: Self.environment).run(milliseconds: 1000)
      }
    }
    #expect(Subprocess.find("sh", path: "/usr/bin:/bin") != nil && Subprocess.find("gonogo-no-such-program") == nil)
  }

  @Test func `two hundred runs leave no descriptor open`() async throws {
    func count() throws -> Int { try FileSystem.list("/proc/self/fd").count }
    _ = try Self.run("true")
    let before = try count()
    for _ in 0..<200 { _ = try Subprocess(["/bin/true"], environment: [:]).run(milliseconds: 20_000) }
    // Other tests of this process open and close theirs meanwhile.
    #expect(try count() < before + 100)
  }

  @Test func `programs started together do not hold one another's pipes`() async throws {
    let begin = SystemClock().ticks()
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<24 {
        group.addTask(executorPreference: ProbeExecutor()) {
          _ = try? Self.run(index % 6 == 0 ? "sleep 1" : "echo \(index)")
        }
      }
    }
    #expect(SystemClock().ticks() - begin < 15_000)
  }
}

@Suite struct FileSystemTests {
  @Test func `a file is replaced at once, its mode kept, a link written through`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("old", to: "a.md")
    _ = try Subprocess(["chmod", "0640", path], environment: SubprocessTests.environment).run(milliseconds: 20_000)
    _ = try Subprocess(["ln", "-s", "a.md", "\(directory.path)/link.md"], environment: SubprocessTests.environment).run(
      milliseconds: 20_000)
    try FileSystem.writeAtomically(Array("new".utf8), to: "\(directory.path)/link.md")
    #expect(try FileSystem.read(path) == Array("new".utf8))
    #expect(try FileSystem.status(path).mode == 0o640)
    #expect(try FileSystem.status("\(directory.path)/link.md", followLinks: false).isLink)
    #expect(try FileSystem.list(directory.path) == ["a.md", "link.md"])
  }

  /// The limit on a file's size (`ulimit -f`) stands for a full disk: it is the shell's and its children's alone.
  @Test(.enabled(if: FileSystem.exists(GonogoBinary.path), "the tool is not built"))
  func `a disk that is full leaves the old file, and nothing beside it`() throws {
    let directory = try TemporaryDirectory()
    let text =
      "- [ ] **A-1** a\n  ```yaml gonogo\n  command: 'true'\n  expect: { exit: 0 }\n  ```\n"
      + String(repeating: "text\n", count: 40_000)
    let path = try directory.write(text, to: "a.md")
    let script = "trap '' XFSZ; ulimit -f 8; '\(GonogoBinary.path)' check --write --no-store a.md; echo status $?"
    var process = Subprocess(["sh", "-c", script], environment: SubprocessTests.environment, directory: directory.path)
    process.limit = 1 << 20
    let outcome = try process.run(milliseconds: 60_000)
    #expect(try FileSystem.read(path) == Array(text.utf8), "\(String(decoding: outcome.error, as: UTF8.self))")
    #expect(try FileSystem.list(directory.path).filter { $0.contains(".gonogo-") }.isEmpty)
  }

  @Test func `a directory that may not be written, and one that is not there, are told`() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: SystemError.self) { try FileSystem.writeAtomically([1], to: "\(directory.path)/no/such") }
    #expect(throws: SystemError.self) { try FileSystem.read(directory.path) }
    try directory.write("12345", to: "f")
    #expect(throws: SystemError.self) { try FileSystem.read("\(directory.path)/f", limit: 4) }
  }
}
