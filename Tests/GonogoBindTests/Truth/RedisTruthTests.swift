import GonogoBind
import GonogoTestSupport
import Testing

/// Settings of a Redis, by the server's own word.
@Suite struct RedisTruthTests {
  private func outcome(_ line: String, _ url: String) async throws -> ProbeBench.Ran {
    let proposal = try #require(Binder(Array(line.utf8), options: Binder.Options()).lines.last?.proposal)
    #expect(proposal.recogniser == "named-setting" && proposal.confidence == .high, "\(proposal)")
    let blocks = proposal.blocks.map { "  ```yaml gonogo\n  \($0.replacing("\n", with: "\n  "))\n  ```" }
    return await ProbeBench.run(
      document:
        "---\ngonogo: 1\nenvironments: { a: { redis: \"\(url)\" } }\n---\n- [ ] x\n\(blocks.joined(separator: "\n"))\n")
  }

  @Test(arguments: [
    "- [ ] Redis maxmemory-policy is `noeviction`", "- [ ] Redis: maxmemory-policy = noeviction, appendonly yes",
  ])
  func `a setting is what the line says, or is not`(line: String) async throws {
    let right = try EphemeralRedis(settings: ["maxmemory-policy noeviction", "appendonly yes"])
    let ran = try await outcome(line, right.url)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    let wrong = try EphemeralRedis(settings: ["maxmemory-policy allkeys-lru", "appendonly no"])
    #expect(!(try await outcome(line, wrong.url).mismatches.isEmpty))
  }
}
