import GonogoCore
import GonogoProbes
import Testing

/// The manual's examples are plans.
@Suite struct HTTPManualTests {
  @Test(arguments: HTTPProbe.descriptor.examples.map(\.yaml))
  func `an example is a plan`(yaml: String) {
    let sink = DiagnosticSink()
    let front = """
      vars: { core: "http://127.0.0.1:9" }
      http: { scenarios: { botlink: [ { POST: "${core}/bot", expect: { status: 200 }, capture: { token: body.token } } ] } }
      principals:
        alice: { http: { login: [ { POST: "${core}/login" } ] } }
        bob: { http: { bearer: "${BOB_TOKEN}" } }
      """
    let lines = PlanLines.of(yaml, front: front, sink: sink)
    #expect(sink.sorted.isEmpty, "\(sink.sorted)")
    #expect(!lines.isEmpty)
  }

  @Test func `every parameter that is read is in the manual`() {
    let names = Set(HTTPProbe.descriptor.parameters.map(\.name))
    for name in ["steps", "GET", "run", "as", "fresh", "totp", "hmac", "safe", "limit", "proxy", "insecure"] {
      #expect(names.contains(name))
    }
  }
}
