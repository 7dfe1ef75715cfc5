import GonogoCore
import GonogoTestSupport
import Testing

@Suite struct CommandProbeTests {
  @Test func `a program that ends as expected passes, with its output as facts`() async {
    let ran = await ProbeBench.run(
      binding: "command: [printf, '{\"n\": 3}']\nexpect: { exit: 0, json.n: 3, lines: { length: 1 } }")
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["programs": 1])
  }

  @Test func `another exit status is a failure`() async {
    let ran = await ProbeBench.run(binding: "command: 'false'\nexpect: { exit: 0 }")
    #expect(ran.mismatches.map(\.path) == ["exit"])
    #expect(ran.mismatches.map(\.found) == ["1"])
  }

  @Test func `a program that is not there is an error that names it, not a failure`() async {
    let ran = await ProbeBench.run(binding: "command: gonogo-no-such-program\nexpect: { exit: 0 }")
    #expect(ran.error?.kind == .toolMissing)
    #expect(ran.error?.message.contains("gonogo-no-such-program") == true)
  }

  @Test func `a program that hangs is killed at its deadline`() async {
    let ran = await ProbeBench.run(binding: "command: sleep 30\nexpect: { exit: 0 }\ntimeout: 100ms")
    #expect(ran.error?.kind == .timedOut)
  }

  @Test func `a secret on the command line is refused`() async {
    let ran = await ProbeBench.run(
      binding: "command: [echo, '${API_TOKEN}']\nexpect: { exit: 0 }", environment: ["API_TOKEN": "s3cr3t-value-1"])
    #expect(ran.error?.kind == .configuration)
  }

  @Test func `a secret in the output is redacted`() async {
    let ran = await ProbeBench.run(
      binding: "command:\n  shell: printf %s \"$T\" | base64\n  env: { T: '${API_TOKEN}' }\nexpect: { exit: 0 }",
      environment: ["API_TOKEN": "s3cr3t-value-1", "PATH": "/usr/bin:/bin"])
    #expect(ran.outcome == .passed)
    #expect(ran.facts["stdout"] == "[redacted]==" || ran.facts["stdout"]?.stringValue?.contains("redacted") == true)
  }
}
