import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoAudit
@testable import GonogoProbes

/// Trees that are made to crash an audit, to keep it busy, or to lead it elsewhere.
@Suite struct HostileTreeTests {
  /// Longer than any of these takes on a busy machine, shorter than the quadratic form of each took.
  private static let patience = 60_000

  private func audit(_ files: [String: String]) async -> Audit.Outcome {
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    let audit = Audit(version: "test")
    var outcome = await audit.look(in: context)
    await audit.judge(in: context, directory: "/nowhere", &outcome)
    return outcome
  }

  private func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  /// Each nests deeper than the stack of a thread: the process would be gone.
  @Test func deepNestingIsAnErrorOfTheFile() async {
    let sql = "db/migrations/1_a.sql"
    for (path, text, told) in [
      ("package.json", times("[", 500_000), "nested more than 256 deep"),
      ("package.json", times("{\"a\":", 300_000), "nested more than 256 deep"),
      ("docker-compose.yml", times("[", 500_000), "nested more than 64 deep"),
      (".github/workflows/a.yml", (0..<1_500).map { times(" ", $0) + "a:\n" }.joined(), "nested more than 64 deep"),
      (sql, "SELECT " + times("(", 10_000) + "1" + times(")", 10_000) + ";", "too deep"),
      (sql, "SELECT " + times("1+", 10_000) + "1;", "too deep"),
      (sql, "SELECT " + times("NOT ", 10_000) + "true;", "too deep"),
      (sql, "SELECT " + times("CASE WHEN true THEN ", 5_000) + "1" + times(" END", 5_000) + ";", "too deep"),
      (sql, Array(repeating: "SELECT 1", count: 20_000).joined(separator: " UNION ") + ";", "too deep"),
    ] {
      let outcome = await audit([path: text])
      #expect(outcome.unlooked.contains { $0.message.contains(told) && $0.place?.path == path }, "\(path) \(told)")
    }
  }

  @Test func theDeepestThatIsReadStandsOnTheSmallestStack() async throws {
    let context = AuditContext(
      tree: SourceTree(texts: [
        "a.json": times("[", 250) + times("]", 250), "a.toml": "a = " + times("[", 120) + times("]", 120) + "\n",
        "a.yml": times("[", 62) + times("]", 62) + "\n",
      ]), now: 0)
    let executor = ProbeExecutor(limit: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: executor) {
        #expect(context.tree["a.json"].flatMap { context.json($0) } != nil)
        #expect(context.tree["a.toml"].flatMap { context.toml($0) } != nil)
        #expect(context.tree["a.yml"].flatMap { context.yaml($0) } != nil)
      }
    }
    #expect(context.troubles.isEmpty)
  }

  @Test func filesThatGrowWhenTheyAreReadDoNot() async {
    let aliases = (1..<20).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]\n"
    }
    let merges = (1..<60).map { "x\($0): &x\($0) {<<: [*x\($0 - 1), *x\($0 - 1)], b\($0): 1}\n" }
    for text in ["a0: &a0 [x]\n" + aliases.joined(), "x0: &x0 {a: 1}\n" + merges.joined()] {
      let outcome = await audit(["docker-compose.yml": text])
      #expect(outcome.unlooked.contains { $0.message.contains("more than 200,000 values") })
    }
    let broken = await audit(["docker-compose.yml": "services: [a\n  b: {\n", ".github/workflows/a.yml": "\u{0}"])
    #expect(broken.unlooked.contains { $0.message.contains("the file is no YAML") && $0.place?.line != nil })
  }

  /// Lines, names, stages and items of one kind by the thousand, each of which took minutes or more.
  @Test(.timeLimit(.minutes(4))) func thousandsOfAKindTakeTheirTimeAndNoMore() async throws {
    let clock = SystemClock()
    let names = 0..<3_000
    let cases: [(name: String, files: [String: String], told: String?)] = [
      ("stages", ["Dockerfile": times("FROM a AS b\n", 2_000)], "more than 500"),
      (
        "names",
        [
          ".env.example": names.map { "VAR_\($0)_KEY=\n" }.joined(),
          "a.ts": names.map { "process.env.VAR_\($0)_KEX\n" }.joined(),
        ], "not all of their names were compared"
      ),
      ("a line", ["CHECKLIST.md": "- [x] " + times("`a` ", 20_000) + "\n"], "longer than 8000 bytes"),
      ("a list", ["CHECKLIST.md": (0..<300).map { times(" ", $0) + "- [x] a\n" }.joined()], nil),
      ("a table", ["CHECKLIST.md": "|a|b|\n|---|---|\n" + times("|x|y|\n", 4_000)], nil),
      ("a row", ["CHECKLIST.md": "|" + times("a|", 20_000) + "\n|" + times("-|", 20_000) + "\n"], "longer than"),
      ("quotes", ["CHECKLIST.md": times("> ", 20_000)], "longer than"),
      ("brackets", ["CHECKLIST.md": times("[", 40_000), "a.sh": times("$(", 20_000)], "longer than"),
      ("minified", ["a.js": times("var a=process.env.A_B||1;", 1_000), "a.ts": "`" + times("${", 20_000)], nil),
    ]
    for (name, files, told) in cases {
      let started = clock.ticks()
      let outcome = await audit(files)
      #expect(clock.ticks() - started < Self.patience, "\(name)")
      if let told { #expect(outcome.unlooked.contains { $0.message.contains(told) }, "\(name)") }
    }
  }

  @Test func aPatternOfASuppressionIsMatchedInTime() {
    let pattern = Glob(times("**/", 40) + "x")
    #expect(!pattern.matches(times("a/", 60) + "y"))
    #expect(pattern.matches(times("a/", 60) + "x"))
    #expect(Glob("**").matches("a/b") && Glob("a/**/b").matches("a/b") && !Glob("a/**/b").matches("a/c"))
  }

  /// What lies on the disk and is no file: nothing of it is opened, followed or waited for.
  @Test(.timeLimit(.minutes(2))) func linksPipesSocketsAndGiants() async throws {
    let folder = try SourceTreeTests.Folder()
    let secret = try SourceTreeTests.Folder()
    try secret.write("outside.env", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")
    try folder.write("src/a.ts", "const a = 1\n")
    for (target, name) in [
      (".", "ring"), ("..", "src/up"), ("/", "src/root"), ("nowhere", "dangling.yml"), (secret.path, "out"),
      ("\(secret.path)/outside.env", ".env"), ("/dev/zero", "compose.yml"), ("/dev/stdin", "Dockerfile"),
    ] { try #require(symlink(target, "\(folder.path)/\(name)") == 0) }
    for name in ["docker-compose.yml", "package.json", "a.sql", "README.md"] {
      try #require(mkfifo("\(folder.path)/\(name)", 0o600) == 0)
    }
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array("\(folder.path)/s.yml".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    for name in [".env.local", "big.yaml", "big.sql", "big.ts", "big.json"] {
      let large = open("\(folder.path)/\(name)", O_CREAT | O_WRONLY, 0o600)
      #expect(ftruncate(large, 1 << 30) == 0)
      close(large)
    }
    let odd = "new\nline \u{1b}[31m.ts"
    try folder.write(odd, "const b = 1\n")
    let result = try await Audit(version: "test").run(directory: folder.path)
    #expect(result.findings.allSatisfy { !$0.message.contains("wJalr") && !$0.place.path.contains("outside") })
    let tree = try SourceTree(directory: folder.path)
    #expect(!tree.files.contains { $0.path.hasPrefix("out/") || $0.path.hasPrefix("src/root/") })
    #expect(tree["new\\x0aline \\x1b[31m.ts"] != nil)
    #expect(tree[".env"].flatMap { tree.unread($0) } == .link)
    let files = try #require(result.inventory.first { $0.name == "files" })
    #expect(files.summary.contains("5 larger than 2 MB") && files.summary.contains("5 a device, a pipe or a socket"))
  }

  @Test func filesThatGoWhileTheyAreLookedAtAreNotRead() async throws {
    let folder = try SourceTreeTests.Folder()
    try folder.write("a.ts", "const a = 1\n")
    try folder.write("b.ts", "app.use(cors({ origin: '*', credentials: true }))\n")
    try folder.write("compose.yml", "services: {}\n")
    try folder.write("c.ts", "const c = 1\n")
    let tree = try SourceTree(directory: folder.path)
    try FileSystem.remove("\(folder.path)/a.ts")
    try FileSystem.remove("\(folder.path)/compose.yml")
    try FileSystem.remove("\(folder.path)/c.ts")
    // In place of a file there may be a pipe by now, which nobody writes to.
    try #require(mkfifo("\(folder.path)/compose.yml", 0o600) == 0)
    try #require(symlink("/etc/passwd", "\(folder.path)/c.ts") == 0)
    let outcome = await Audit(version: "test").look(in: AuditContext(tree: tree, now: 0))
    #expect(tree.unread(try #require(tree["a.ts"])) == .unreadable)
    #expect(tree.unread(try #require(tree["c.ts"])) == .unreadable)
    #expect(outcome.unlooked.contains { $0.place?.path == "compose.yml" })
  }

  @Test func thousandsOfFilesAreListedOnce() async throws {
    let folder = try SourceTreeTests.Folder()
    for part in 0..<4 {
      try FileSystem.makeDirectory("\(folder.path)/\(part)")
      for index in 0..<1_000 { try FileSystem.writeNew([], to: "\(folder.path)/\(part)/\(index)") }
    }
    let result = try await Audit(version: "test").run(directory: folder.path)
    #expect(result.inventory.first { $0.name == "files" }?.count == 4_000)
    #expect(result.findings.isEmpty && result.unlooked.isEmpty)
  }

  // MARK: Outside tools

  @Test(.enabled(if: CodeTests.hasTool, CodeTests.why)) func codeHasNoSayInWhatIsLookedAt() async throws {
    let folder = try SourceTreeTests.Folder()
    try folder.write(".ignore", "*\n")
    try folder.write(".rgignore", "*\n")
    try folder.write("sgconfig.yml", "ruleDirs: [nowhere]\ncustomLanguages: { x: { libraryPath: ./x.so } }\n")
    try folder.write(
      "a.js", "// ast-grep-ignore\napp.use(cors({ origin: '*', credentials: true }))\n")
    let context = AuditContext(tree: try SourceTree(directory: folder.path), now: 0)
    #expect(try context.matches("object", of: CorsAnyWithCredentials.self).map(\.place.description) == ["a.js:2:14"])
  }

  @Test func aProjectsOwnConfigurationOfAToolIsReducedToFacts() {
    let context = AuditContext(
      tree: SourceTree(texts: [
        ".github/actionlint.yaml": """
        self-hosted-runner:
          labels: [big, "x: y"]
        config-variables: [REGION]
        paths:
          .github/workflows/**: { ignore: ['.*'] }
        """
      ]), now: 0)
    let text = Actionlint.configuration(in: context)
    #expect(text == "self-hosted-runner:\n  labels: [\"big\",\"x: y\"]\nconfig-variables: [\"REGION\"]\n")
    #expect(
      Squawk.command(["a.sql"], configuration: "own.toml") == [
        "squawk", "--reporter", "json", "--config", "own.toml", "a.sql",
      ])
  }

  @Test(.enabled(if: Zizmor.tool?.isInstalled == true, "zizmor is not installed: pip install zizmor"))
  func aConfigurationOfZizmorSilencesNothing() async throws {
    let sample = try #require(Zizmor.samples.first { !$0.places.isEmpty })
    let folder = try SourceTreeTests.Folder()
    for (path, text) in sample.files { try folder.write(path, text) }
    try folder.write(".github/zizmor.yml", "rules:\n  template-injection: { disable: true }\n")
    try folder.write(".gitignore", ".github\n")
    let context = AuditContext(tree: try SourceTree(directory: folder.path), now: 0)
    let seen = await Audit.examine(Zizmor.self, in: context)
    #expect(seen.findings.map(\.place.description) == sample.places)
  }

  @Test func commentsThatExcuseAreCounted() throws {
    let context = AuditContext(
      tree: SourceTree(texts: ["a.yml": "a: 1\nb: 2 # zizmor: ignore[x]\n"]), now: 0)
    let file = try #require(context.tree["a.yml"])
    #expect(ToolComments.places(of: "zizmor: ignore[", in: [file], context).map(\.description) == ["a.yml:2:8"])
  }
}
