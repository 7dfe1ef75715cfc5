import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite struct FilesProbeTests {
  static func tree() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write("first line\nsecond token=abc\r\nthird", to: "a.txt")
    try directory.write("const key = process.env.X || 'fallback'\n", to: "src/app.ts")
    try directory.write("// fine\n", to: "src/deep/er/lib.ts")
    try directory.write("const key = 'fallback'\n", to: "src/node_modules/dep.ts")
    try directory.write("fallback\n", to: "src/app.test.ts")
    try directory.write("fallback", to: ".git/config.ts")
    try directory.write("{\"version\": \"1.2\", \"db\": {\"password\": \"hunter2hunter2\"}}", to: "p.json")
    try directory.write("services:\n  api: { image: 'a@b' }\n", to: "c.yml")
    try directory.write("[tool]\nname = 'x'\n", to: "t.toml")
    try directory.write("\u{0}binary fallback", to: "bin.ts")
    return directory
  }

  static func run(_ binding: String, in directory: TemporaryDirectory, environment: [String: String] = [:]) async
    -> ProbeBench.Ran
  { await ProbeBench.run(binding: binding, environment: environment, directory: directory.path) }

  @Test func `a path alone must exist`() async throws {
    let tree = try Self.tree()
    let there = await Self.run("files: a.txt", in: tree)
    #expect(there.outcome == .passed, "\(there.diagnostics)")
    #expect(there.witness == ["files": 1])
    #expect(there.facts["lines"] == ["first line", "second token=abc", "third"])
    #expect(there.facts["text"]?.stringValue?.hasPrefix("first") == true)
    let file = there.facts["files"]?[0]
    #expect(file?["size"] == 34)
    #expect(file?["sha256"]?.stringValue?.count == 64)
    #expect(file?["mode"] == "0644")
    let gone = await Self.run("files: b.txt", in: tree)
    #expect(gone.mismatches.map(\.path) == ["exists"])
    let lost = await Self.run("files: no/such/b.txt", in: tree)
    #expect(lost.mismatches.map(\.path) == ["exists"])
  }

  @Test func `what must not be there passes only where it could be seen`() async throws {
    let tree = try Self.tree()
    let gone = await Self.run("files: b.txt\nexpect: { exists: false }", in: tree)
    #expect(gone.outcome == .passed)
    #expect(gone.witness == ["directory": 1])
    #expect(await Self.run("files: src/*.map\nexpect: { count: 0 }", in: tree).witness == ["directory": 1])
    #expect(await Self.run("files: a.txt\nexpect: { exists: false }", in: tree).mismatches.count == 1)
  }

  @Test func `a directory that is there and cannot be looked into shows nothing`() async throws {
    let tree = try Self.tree()
    #expect(symlink("ring", "\(tree.path)/ring") == 0)
    for path in ["ring/b.txt", "ring/deep/b.txt", "ring/*.txt", "ring/deep/*.txt"] {
      let ran = await Self.run("files: '\(path)'\nexpect: { exists: false }", in: tree)
      #expect(ran.error != nil && ran.outcome != .passed, "\(path)")
    }
  }

  /// "The directory that would hold it cannot be read" was said of one that was not there.
  @Test(arguments: ["dist/b.txt", "dist/deep/er/b.txt", "dist/**/*.js", "dist/deep/*.js", "a.txt/b.txt"])
  func `what would stand in a directory that is not there is not there`(path: String) async throws {
    let tree = try Self.tree()
    let gone = await Self.run("files: '\(path)'\nexpect: { exists: false }", in: tree)
    #expect(gone.outcome == .passed, "\(gone.diagnostics)")
    #expect(gone.witness == ["directory": 1])
    #expect(await Self.run("files: '\(path)'", in: tree).mismatches.map(\.path) == ["exists"])
    // Of what stands in nothing, nothing can be said.
    #expect(await Self.run("files: { path: '\(path)', no_match: /x/ }", in: tree).error?.kind == .vacuous)
    #expect(await Self.run("files: { path: '\(path)', contains: x }", in: tree).error?.kind == .missing)
  }

  @Test func `globs and what is left out`() async throws {
    let tree = try Self.tree()
    func paths(_ binding: String) async -> JSON {
      let ran = await Self.run("\(binding)\nexpect: { exists: true }", in: tree)
      return .array((ran.facts["files"]?.arrayValue ?? []).compactMap { $0["path"] })
    }
    #expect(await paths("files: '*.txt'") == ["a.txt"])
    #expect(
      await paths("files: '**/*.ts'")
        == ["bin.ts", "src/app.test.ts", "src/app.ts", "src/deep/er/lib.ts", "src/node_modules/dep.ts"])
    #expect(
      await paths("files: { path: 'src/**/*.ts', exclude: [node_modules, '*.test.ts', 'src/deep/**'] }") == [
        "src/app.ts"
      ])
    #expect(await paths("files: { path: ['*.txt', 'src/*/*.ts', a.txt] }") == ["a.txt", "src/node_modules/dep.ts"])
    #expect(await paths("files: src/*/er/*.ts") == ["src/deep/er/lib.ts"])
    #expect(await paths("files: '.git/*.ts'") == [".git/config.ts"])
    #expect(await paths("files: '\(tree.path)/*.txt'") == [.string("\(tree.path)/a.txt")])
  }

  @Test func `no_match names each hit, and is green only over text that was searched`() async throws {
    let tree = try Self.tree()
    let bad = await Self.run(
      "files: { path: 'src/**/*.ts', exclude: [node_modules, '*.test.ts'], no_match: '/\\|\\|\\s*[''\"]/' }", in: tree)
    #expect(bad.mismatches.map(\.path) == ["hits"])
    #expect(
      bad.facts["hits"] == [["path": "src/app.ts", "line": 1, "text": "const key = process.env.X || 'fallback'"]])
    #expect(bad.facts["hit_count"] == 1)
    #expect(bad.facts["searched"] == 2)
    let good = await Self.run("files: { path: 'src/**/*.ts', no_match: /nothing-of-this/ }", in: tree)
    #expect(good.outcome == .passed)
    #expect(good.witness == ["files": 4])
    #expect(await Self.run("files: { path: '*.rs', no_match: /x/ }", in: tree).error?.kind == .vacuous)
    #expect(await Self.run("files: { path: 'gone/*.rs', no_match: /x/ }", in: tree).error?.kind == .vacuous)
    #expect(await Self.run("files: { path: bin.ts, no_match: /x/ }", in: tree).error?.kind == .vacuous)
    let mixed = await Self.run("files: { path: '*.t*', no_match: [/nope/, /fallback/] }", in: tree)
    #expect(mixed.outcome == .passed)
    #expect(mixed.facts["binary"] == 1)
    let several = await Self.run("files: { path: src/app.ts, no_match: [/nope/, /FALLBACK/i] }", in: tree)
    #expect(several.facts["hits"]?[0]?["pattern"] == "FALLBACK")
  }

  @Test func `each line is looked at alone`() async throws {
    let tree = try Self.tree()
    #expect(await Self.run("files: { path: a.txt, no_match: '/line\\s+second/' }", in: tree).outcome == .passed)
    #expect(await Self.run("files: { path: a.txt, matches: '/^second.*abc$/' }", in: tree).outcome == .passed)
  }

  @Test func `a secret that is found is not shown`() async throws {
    let tree = try TemporaryDirectory()
    let canary = "AKIAIOSFODNN7CANARY"
    try tree.write("one\nkey = \(canary) # and \(canary)\n", to: "x.txt")
    try tree.write("KEY=\(canary)\n", to: ".env.production")
    try tree.write("{\"api_key\": \"\(canary)\", \"url\": \"https://u:\(canary)@h/\"}", to: "c.json")
    let hit = await Self.run("files: { path: x.txt, no_match: '/AKIA[A-Z0-9]+/', secret: true }", in: tree)
    #expect(hit.facts["hits"] == [["path": "x.txt", "line": 2, "text": "[redacted]"]])
    #expect(!"\(hit)".contains(canary))
    let env = await Self.run("files: { path: .env.production, no_match: '/AKIA[A-Z0-9]+/' }", in: tree)
    #expect(env.mismatches.count == 1)
    #expect(!"\(env)".contains(canary))
    #expect(!"\(await Self.run("files: .env.production", in: tree))".contains(canary))
    let json = await Self.run("files: c.json\nexpect: { document.api_key: { length: 19 } }", in: tree)
    #expect(json.outcome == .passed)
    #expect(!"\(json)".contains(canary))
  }

  @Test func `contains and matches ask for something in some file`() async throws {
    let tree = try Self.tree()
    let good = await Self.run(
      "files: { path: '*.txt', contains: ['token=${WORD}', third], matches: /^first/ }", in: tree,
      environment: ["WORD": "abc"])
    #expect(good.outcome == .passed, "\(good.diagnostics)")
    #expect(good.facts["match_count"] == 1)
    let bad = await Self.run("files: { path: '*.txt', contains: [first, nowhere], matches: /fourth/ }", in: tree)
    #expect(bad.mismatches.map(\.path) == ["missing", "match_count"])
    #expect(bad.facts["missing"] == ["nowhere"])
    #expect(await Self.run("files: { path: gone.txt, contains: x }", in: tree).error?.kind == .missing)
    let empty = await Self.run("files: { path: a.txt, contains: '${E}' }", in: tree, environment: ["E": ""])
    #expect(empty.error?.kind == .configuration)
  }

  @Test func `JSON, YAML and TOML are documents`() async throws {
    let tree = try Self.tree()
    let json = await Self.run(
      "files: { path: p.json, json: { v: version, none: x.y } }\nexpect: { values.v: '1.2' }", in: tree)
    #expect(json.outcome == .passed)
    #expect(json.facts["values"] == ["v": "1.2", "none": nil])
    #expect(await Self.run("files: c.yml\nexpect: { document.services.api.image: a@b }", in: tree).outcome == .passed)
    #expect(
      await Self.run("files: c.yml\nexpect: { document.services.api.image: other }", in: tree).mismatches.count == 1)
    #expect(await Self.run("files: t.toml\nexpect: { document.tool.name: x }", in: tree).outcome == .passed)
  }

  @Test(arguments: [
    ("json", "{\"a\": 1", "1:8"), ("json", "{\"a\": 1, \"a\": 2}", "1:10"), ("yaml", "a: [", "1:"),
    ("yaml", "a: 1\na: 2", "2:1"), ("toml", "a = 1\na = 2", "2:1"), ("toml", "a = ", "1:5"),
  ]) func `a broken document is told with its place`(format: String, text: String, place: String) async throws {
    let tree = try TemporaryDirectory()
    try tree.write(text, to: "x.\(format)")
    let asked = await Self.run("files: { path: x.\(format), \(format): { a: a } }\nexpect: { values.a: 1 }", in: tree)
    #expect(asked.error?.kind == .malformed)
    #expect(asked.error?.message.contains("x.\(format):\(place)") == true, "\(asked.error?.message ?? "")")
    let plain = await Self.run("files: x.\(format)\nexpect: { document_error: absent }", in: tree)
    #expect(plain.mismatches.first?.found.contains("x.\(format):\(place)") == true)
  }

  @Test func `digest, mode, size and age`() async throws {
    let tree = try TemporaryDirectory()
    let path = try tree.write("abc", to: "x")
    try tree.write("abcd", to: "y")
    chmod(path, 0o600)
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let good = await Self.run(
      "files: { path: x, sha256: \(digest), mode: '0600', size: '>= 3', max_age: 1h, newer_than: '2020-01-01T00:00:00Z' }",
      in: tree)
    #expect(good.outcome == .passed, "\(good.mismatches) \(good.diagnostics)")
    var times = [timeval(tv_sec: 1_600_000_000, tv_usec: 0), timeval(tv_sec: 1_600_000_000, tv_usec: 0)]
    utimes(path, &times)
    let bad = await Self.run(
      "files: { path: x, sha256: \(String(digest.reversed())), mode: 644, size: '> 3', max_age: 1h, newer_than: y }",
      in: tree)
    #expect(
      bad.mismatches.map(\.path) == ["files[0].sha256", "files[0].mode", "files[0].size", "older", "files[0].age_ms"])
    #expect(bad.facts["older"] == ["x"])
    #expect(await Self.run("files: { path: x, newer_than: gone }", in: tree).error?.kind == .missing)
    let each = await Self.run("files: { path: '?', sha256: \(digest) }", in: tree)
    #expect(each.mismatches.map(\.path) == ["files[1].sha256"])
  }

  @Test func `links, rings of links, directories and pipes`() async throws {
    let tree = try Self.tree()
    symlink("..", "\(tree.path)/src/ring")
    symlink("app.ts", "\(tree.path)/src/alias.ts")
    symlink("nowhere", "\(tree.path)/src/dangling.ts")
    mkfifo("\(tree.path)/src/pipe.ts", 0o600)
    let ran = await Self.run(
      "files: { path: 'src/**/*.ts', exclude: [node_modules, deep], matches: /fallback/ }", in: tree)
    #expect(ran.outcome == .passed)
    #expect(
      (ran.facts["files"]?.arrayValue ?? []).compactMap { $0["path"] } == [
        "src/alias.ts", "src/app.test.ts", "src/app.ts",
      ])
    #expect(await Self.run("files: src", in: tree).outcome == .passed)
    #expect(await Self.run("files: { path: src, contains: x }", in: tree).error?.kind == .configuration)
    #expect(await Self.run("files: { path: src/pipe.ts, contains: x }", in: tree).error?.kind == .configuration)
    #expect(await Self.run("files: src/pipe.ts", in: tree).outcome == .passed)
    #expect(await Self.run("files: src/dangling.ts\nexpect: { exists: false }", in: tree).outcome == .passed)
  }

  @Test func `other encodings are searched, and a huge file is refused`() async throws {
    let tree = try TemporaryDirectory()
    let wide = "a secret here\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    try FileSystem.writeAtomically([0xFF, 0xFE] + wide, to: "\(tree.path)/utf16.txt")
    try FileSystem.writeAtomically(Array("caf".utf8) + [0xE9] + Array(" secret\n".utf8), to: "\(tree.path)/latin.txt")
    let ran = await Self.run("files: { path: '*.txt', no_match: /secret/ }", in: tree)
    #expect(ran.facts["hit_count"] == 2)
    try tree.write("", to: "huge.log")
    truncate("\(tree.path)/huge.log", 300 << 20)
    #expect(await Self.run("files: { path: huge.log, contains: x }", in: tree).error?.kind == .tooLarge)
    #expect(await Self.run("files: huge.log\nexpect: { 'files[0].size': '>= 300MiB' }", in: tree).outcome == .passed)
  }

  @Test func `a pattern that never ends is an error`() async throws {
    let tree = try TemporaryDirectory()
    try tree.write(String(repeating: "a", count: 40) + "!\n", to: "x")
    let ran = await Self.run("files: { path: x, no_match: '/^(a+)+$/' }", in: tree)
    #expect(ran.error?.kind == .configuration)
  }

  @Test func `many files are searched quickly`() async throws {
    let tree = try TemporaryDirectory()
    let text = String(repeating: "let value = compute(argument: 12) // a line like others\n", count: 400)
    for index in 0..<500 { try tree.write(text, to: "d\(index % 40)/f\(index).swift") }
    let clock = ContinuousClock()
    let start = clock.now
    let ran = await Self.run("files: { path: '**/*.swift', no_match: '/password\\s*=/' }\ntimeout: 60s", in: tree)
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["files": 500])
    #expect(clock.now - start < .seconds(20))
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `what may not be read is an error unless it is to be ignored`() async throws {
    let tree = try Self.tree()
    chmod("\(tree.path)/a.txt", 0)
    defer { chmod("\(tree.path)/a.txt", 0o644) }
    #expect(await Self.run("files: { path: '*.t*', no_match: /x/ }", in: tree).error?.kind == .denied)
    let ran = await Self.run("files: { path: '*.t*', no_match: /zzz/, unreadable: ignore }", in: tree)
    #expect(ran.outcome == .passed)
    #expect(ran.facts["unreadable"] == 1)
  }

  @Test func `misuse is found before anything runs`() async {
    let bad: [(String, String)] = [
      ("files: {}", "missing-key"), ("files: { path: '' }", "missing-key"),
      ("files: { path: x, no_match: '/(/' }", "bad-pattern"),
      ("files: { path: x, contains: [] }", "empty-expectation"),
      ("files: { path: x, contains: '' }", "empty-expectation"),
      ("files: { path: x, no_match: [] }", "empty-expectation"), ("files: { path: x, sha256: abc }", "wrong-type"),
      ("files: { path: x, mode: rwx }", "wrong-type"), ("files: { path: x, size: big }", "wrong-type"),
      ("files: { path: x, max_age: 3 }", "wrong-type"), ("files: { path: x, contain: y }", "unknown-key"),
      ("files: { path: x, json: { a: b }, yaml: { a: b } }", "wrong-type"),
      ("files: { path: x, json: { a: 'b..' } }", "bad-path"),
      ("files: { path: x, unreadable: skip }", "wrong-type"),
    ]
    for (binding, code) in bad {
      let ran = await ProbeBench.run(binding: binding)
      #expect(ran.results.isEmpty && ran.diagnostics.contains { $0.code.id == code }, "\(binding): \(ran.diagnostics)")
    }
  }
}
