import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Testing

/// The JSON Schemas, held against what authors write and what the planner refuses.
@Suite struct DocumentSchemaTests {
  static func schema(_ name: String) throws -> SchemaValidator {
    SchemaValidator(try JSON.parse(try GonogoBinary.run(["schema", name], in: "/tmp").output))
  }

  /// The bindings of a line, as the document's reader understands them.
  static func bindings(_ yaml: String) -> [JSON] {
    let indented = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(
      separator: "\n")
    let text = "- [ ] **T-1** line\n  ```yaml gonogo\n\(indented)\n  ```\n"
    return ChecklistParser().parse(Array(text.utf8), name: "test.md", sink: DiagnosticSink()).controls
      .flatMap(\.bindings).map { $0.node.json }
  }

  @Test(arguments: BuiltinProbes.all.map { $0.descriptor.name })
  func `every example of a probe's page is valid under the schema`(name: String) throws {
    let probe = try #require(BuiltinProbes.registry[name])
    let schema = try Self.schema("binding")
    for example in probe.descriptor.examples {
      let bindings = Self.bindings(example.yaml)
      #expect(!bindings.isEmpty, "\(example.title)")
      for binding in bindings { #expect(schema.faults(in: binding) == [], "\(example.title)") }
    }
  }

  @Test func `the checklist of the example is valid under the schemas`() throws {
    let path = "\(GonogoBinary.packageRoot)/Examples/OwnerCabinet/GO-LIVE.md"
    let checklist = ChecklistParser().parse(try FileSystem.read(path), name: "GO-LIVE.md", sink: DiagnosticSink())
    let front = try #require(checklist.frontMatter)
    #expect(try Self.schema("front-matter").faults(in: front.json) == [])
    let schema = try Self.schema("binding")
    for control in checklist.controls {
      for binding in control.bindings { #expect(schema.faults(in: binding.node.json) == [], "\(control.id)") }
    }
  }

  @Test(arguments: [
    "command: 'true'\nexpect: { exit: 0 }\nunknown: 1", "command: { run: 'true', nonsense: 1 }\nexpect: { exit: 0 }",
    "expect: { exit: 0 }", "command: 'true'\nattest: dpo", "command: 'true'\nexpect: {}",
    "command: 'true'\nexpect: { exit: 0 }\nretry: many", "command: 'true'\nexpect: { exit: 0 }\ntimeout: 10",
    "command: 'true'\nexpect: { exit: 0 }\nseverity: mild", "command: 'true'\nexpect: { stdout: { type: strin } }",
  ])
  func `what the planner refuses for its form, the schema refuses`(yaml: String) throws {
    let schema = try Self.schema("binding")
    for binding in Self.bindings(yaml) { #expect(schema.faults(in: binding) != []) }
    #expect(!Self.bindings(yaml).isEmpty)
  }

  @Test(arguments: [
    "attest: dpo", "command: 'true'\nexpect: { exit: 0 }\nneeds: A-1\ntags: [a, b]\nwhen: { environment: production }",
    "command: make\nexpect:\n  exit: { any_of: [0, \">= 3\"] }\n  lines: { each: { matches: /x/ }, length: \">= 1\" }\n  json.rows[0].id: exists",
    "command: make ${x}\ncases: [{ x: 1 }]\njq: [.exit == 0]\nwithin: 1.5h\nevery: 500ms\neffect: writes",
    "command: make\ncases: table\nexpect: { exit: 0 }\nallowed: { command: make, expect: { exit: 0 } }",
    "command: make\ncontrol: A-1\nexpect: { exit: 0 }",
  ])
  func `what an author may write, the schema takes`(yaml: String) throws {
    let bindings = Self.bindings(yaml)
    let schema = try Self.schema("binding")
    for binding in bindings { #expect(schema.faults(in: binding) == []) }
  }

  @Test func `a block outside of every item may name its line`() throws {
    #expect(
      try Self.schema("binding").faults(in: ["command": "make", "control": "A-1", "expect": ["exit": 0]]) == [])
  }

  @Test func `the front matter's schema takes what the reader takes`() throws {
    let good: JSON = [
      "gonogo": 1, "title": "Launch", "timeout": "5s", "public": ["CORE_URL"], "vars": ["region": "eu"],
      "environments": ["production": ["core": "https://x", "port": 8080, "protected": true]],
      "principals": ["alice": ["vars": ["id": 7]]],
    ]
    let schema = try Self.schema("front-matter")
    #expect(schema.faults(in: good) == [])
    #expect(schema.faults(in: ["title": "x"]) != [])
    #expect(schema.faults(in: ["gonogo": 1, "enviroments": [:]]) != [])
    #expect(schema.faults(in: ["gonogo": 1, "principals": ["a": ["nobody": 1]]]) != [])
  }

  /// The text between the first line that is `open` and the next that is `close`, for each such pair.
  static func fences(_ text: String, _ open: String, _ close: String) -> [String] {
    var found: [String] = []
    var inside: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if inside == nil, line == open {
        inside = []
      } else if let lines = inside, line == close {
        found.append(lines.joined(separator: "\n") + "\n")
        inside = nil
      } else {
        inside?.append(line)
      }
    }
    return found
  }

  @Test func `the examples of the page on the format are planned without a word against them`() throws {
    let page = String(
      decoding: try FileSystem.read("\(GonogoBinary.packageRoot)/Documentation/Format.md"), as: UTF8.self)
    let front = try #require(Self.fences(page, "```yaml", "```").first { $0.hasPrefix("---\n") })
    var document = front
    let items = Self.fences(page, "````markdown", "````")
    for item in items { document += item + "\n" }
    let bindings = Self.fences(page, "```yaml gonogo", "```")
    for (index, yaml) in bindings.enumerated() {
      let indented = yaml.split(separator: "\n").map { "  \($0)\n" }.joined()
      document += "- [ ] **EXTRA-\(index + 1)** x\n  ```yaml gonogo\n\(indented)  ```\n"
    }
    #expect(items.count >= 2 && bindings.count >= 1)
    let result = try GonogoBinary.run(["plan", "-"], in: "/tmp", input: document)
    #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
  }

  static let hasJSONSchema: Bool = {
    guard Subprocess.find("python3") != nil else { return false }
    let process = Subprocess(["python3", "-c", "import jsonschema"], environment: ProcessEnvironment.all)
    return (try? process.run(milliseconds: 20_000))?.status == 0
  }()

  @Test(.enabled(if: hasJSONSchema, "python3 has no jsonschema"), arguments: ["binding", "front-matter"])
  func `the schemas are schemas`(name: String) throws {
    let script =
      "import json, sys, jsonschema; jsonschema.Draft202012Validator.check_schema(json.load(sys.stdin)); print('well')"
    var process = Subprocess(["python3", "-W", "ignore", "-c", script], environment: ProcessEnvironment.all)
    process.input = Array(try GonogoBinary.run(["schema", name], in: "/tmp").output.utf8)
    let outcome = try process.run(milliseconds: 20_000)
    #expect(String(decoding: outcome.output, as: UTF8.self) == "well\n")
  }
}
