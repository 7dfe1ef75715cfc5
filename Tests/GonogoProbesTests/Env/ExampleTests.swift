import GonogoCore
import GonogoProbes
import GonogoTestSupport
import Testing

/// The manual's examples are bindings that can be planned.
@Suite struct DataProbeExampleTests {
  @Test(arguments: ["env", "files", "results"])
  func `every example of the manual is a good binding`(name: String) async throws {
    let descriptor = try #require(BuiltinProbes.registry[name]).descriptor
    for example in descriptor.examples {
      let ran = await ProbeBench.run(binding: example.yaml)
      #expect(ran.diagnostics.isEmpty && ran.results.count == 1, "\(example.title): \(ran.diagnostics)")
    }
  }

  /// What a probe reports is in its manual, and the other way round nothing is invented.
  @Test func `every fact is in the manual`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("A=1", to: ".env")
    try directory.write("{\"a\": 1}", to: "a.json")
    try directory.write("<testsuite><testcase/></testsuite>", to: "r.xml")
    try directory.write(
      "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\", \"rules\": [{}]}}, \"results\": []}]}",
      to: "r.sarif")
    let bindings = [
      ("env", "env: { from: .env, required: [A] }"),
      (
        "files", "files: { path: a.json, no_match: /x/, matches: /a/, contains: a, newer_than: '2000-01-01T00:00:00Z' }"
      ),
      ("results", "results: r.xml"), ("results", "results: r.sarif"),
    ]
    for (name, binding) in bindings {
      let roots = try #require(BuiltinProbes.registry[name]).descriptor.factRoots
      let ran = await ProbeBench.run(binding: binding, directory: directory.path)
      #expect(ran.outcome == .passed, "\(binding): \(String(describing: ran.outcome)) \(ran.diagnostics)")
      for key in ran.facts.objectValue?.keys.sorted() ?? [] { #expect(roots.contains(key), "\(name): \(key)") }
    }
  }
}
