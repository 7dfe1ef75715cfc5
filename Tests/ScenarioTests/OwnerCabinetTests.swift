import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// The Owner Cabinet's example without its services; with them, `make matrix` is the proof.
@Suite struct OwnerCabinetTests {
  static let document = "\(GonogoBinary.packageRoot)/Examples/OwnerCabinet/GO-LIVE.md"
  static let testbed = "\(FileSystem.directory(of: GonogoBinary.path))/testbed"

  static func faults() throws -> [JSON] {
    let process = Subprocess([testbed, "faults", "--json"], environment: [:])
    let outcome = try process.run(milliseconds: 10_000)
    try #require(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
    return try #require(try JSON.parse(outcome.output).arrayValue)
  }

  @Test func everyFaultTurnsALineRedThatIsThere() throws {
    let text = String(decoding: try FileSystem.read(Self.document), as: UTF8.self)
    let faults = try Self.faults()
    #expect(faults.count >= 45)
    #expect(Set(faults.compactMap { $0["name"]?.stringValue }).count == faults.count)
    for fault in faults {
      let red = fault["red"]?.arrayValue?.compactMap(\.stringValue) ?? []
      let blind = fault["blind"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(!red.isEmpty, "\(fault["name"] ?? .null)")
      for line in red + blind { #expect(text.contains("- [ ] **\(line)** "), "\(fault["name"] ?? .null)") }
    }
  }

  @Test func everyBoundLineHasAFault() throws {
    let text = String(decoding: try FileSystem.read(Self.document), as: UTF8.self)
    let red = Set(try Self.faults().flatMap { $0["red"]?.arrayValue?.compactMap(\.stringValue) ?? [] })
    var bound: [String] = []
    for item in text.split(separator: "\n- [ ] **").dropFirst() {
      guard item.contains("```yaml gonogo"), !item.contains("attest:") else { continue }
      bound.append(String(item.prefix { $0 != "*" }))
    }
    #expect(bound.count >= 60)
    #expect(bound.filter { !red.contains($0) } == [])
  }

  @Test func theDocumentPlansWithoutAnythingRunning() throws {
    let directory = try TemporaryDirectory()
    let result = try GonogoBinary.run(
      ["plan", Self.document], in: directory.path,
      environment: [
        "CORE_URL": "http://127.0.0.1:1", "WEB_URL": "http://127.0.0.1:2", "TELEGRAM_URL": "http://127.0.0.1:3",
        "DATABASE_URL": "postgresql://cabinet@127.0.0.1:4/cabinet", "REDIS_URL": "redis://127.0.0.1:5",
        "RUN_DIR": directory.path, "TESTBED": Self.testbed, "TELEGRAM_BOT_TOKEN": "7000000001:canary-token-of-the-bot",
        "TELEGRAM_SECRET_TOKEN": "canary-secret-of-the-webhook",
      ])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("SEC-10"))
    for secret in ["canary-token", "canary-secret"] { #expect(!(result.output + result.error).contains(secret)) }
  }
}
