import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// The agent platform's example, as it is and with a few of its faults; all of them are `make matrix`.
@Suite(.enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct AgentPlatformTests {
  static let root = GonogoBinary.packageRoot
  static let faults = "\(root)/Testbed/AgentPlatform/Faults"
  static let document = "\(root)/Examples/AgentPlatform/GO-LIVE.md"

  /// Ids by outcome; a skipped line by its reason.
  private func check(_ fault: String) throws -> (status: Int32?, lines: [String: [String]]) {
    let directory = try TemporaryDirectory()
    let made = try GonogoBinary.shell(
      "'\(Self.root)/scripts/agent-platform-fault.sh' \(fault) platform", in: directory.path)
    try #require(made.status == 0, "\(made.error)")
    let result = try GonogoBinary.run(
      ["check", "GO-LIVE.md", "--quiet", "--output", "json"], in: "\(directory.path)/platform")
    let report = try JSON.parse(result.output)
    var lines: [String: [String]] = [:]
    for line in report["results"]?.arrayValue ?? [] {
      let outcome = line["skip"]?["reason"]?.stringValue ?? line["outcome"]?.stringValue ?? ""
      lines[outcome, default: []].append(line["control"]?["id"]?.stringValue ?? "")
    }
    return (result.status, lines)
  }

  private static func heads(_ word: String) throws -> [(fault: String, lines: [String])] {
    try FileSystem.list(faults).sorted().map { file in
      let text = String(decoding: try FileSystem.read("\(faults)/\(file)"), as: UTF8.self)
      let line = text.split(separator: "\n").first { $0.hasPrefix("-- \(word): ") || $0.hasPrefix("// \(word): ") }
      return (
        String(file.prefix { $0 != "." }), (line ?? "").split(separator: " ").dropFirst(2).map(String.init)
      )
    }
  }

  /// `- [x] **ID**` of every line that asks something of a probe.
  private static func bound() throws -> [String] {
    let text = String(decoding: try FileSystem.read(document), as: UTF8.self)
    return text.split(separator: "\n- [").dropFirst().compactMap { item in
      guard item.contains("```yaml gonogo"), !item.contains("attest:"), let mark = item.firstRange(of: "**") else {
        return nil
      }
      return String(item[mark.upperBound...].prefix { $0 != "*" })
    }
  }

  @Test func `as it is, only a person's word is waited for`() throws {
    let seen = try check("clean")
    #expect(seen.status == 3)
    #expect(seen.lines["awaits-word"] == ["OPS-1", "OPS-2", "OPS-3"])
    #expect(seen.lines["passed"] == (try Self.bound()))
    #expect(seen.lines.keys.sorted() == ["awaits-word", "passed"])
  }

  @Test(arguments: ["rls-missing-on-credentials", "joins-by-itself", "policy-on-missing-table"])
  func `a fault turns its own lines red and no other`(_ fault: String) throws {
    let wanted = try #require(try Self.heads("red").first { $0.fault == fault }).lines
    #expect(!wanted.isEmpty)
    let seen = try check(fault)
    #expect(seen.status == 1)
    #expect(seen.lines["failed"] == wanted)
    #expect(seen.lines["passed"] == (try Self.bound()).filter { !wanted.contains($0) })
  }

  @Test func `every bound line has a fault, and every fault a line`() throws {
    let bound = try Self.bound()
    #expect(bound.count >= 30)
    let red = try Self.heads("red")
    #expect(red.count >= 25)
    for (fault, lines) in red {
      #expect(!lines.isEmpty && lines.allSatisfy(bound.contains), "\(fault)")
    }
    let all = Set(red.flatMap(\.lines))
    #expect(bound.filter { !all.contains($0) } == [])
  }
}
