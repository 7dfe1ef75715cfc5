import GonogoTestSupport
import Testing

@Suite struct FirstRunTests {
  @Test func `a checklist whose lines hold is GO`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "- [ ] **A-1** it runs\n  ```yaml gonogo\n  command: 'true'\n  expect: { exit: 0 }\n  ```\n", to: "GO-LIVE.md")
    let result = try GonogoBinary.run(["check", "GO-LIVE.md"], in: directory.path)
    #expect(result.status == 0)
    #expect(result.output.contains("GO"))
  }
}
