import GonogoBind
import GonogoCore
import GonogoTestSupport
import Testing

/// A tree, an environment and a server for a line to be true or false of.
struct World: Sendable {
  typealias Handler = @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply

  var files: [String: String] = [:]
  var variables: [String: String] = [:]
  /// Every file is committed.
  var isCommitted = false
  var serves: Handler?

  static func tree(_ files: [String: String]) -> World { World(files: files) }
  static func git(_ files: [String: String]) -> World { World(files: files, isCommitted: true) }
  static func environment(_ variables: [String: String]) -> World { World(variables: variables) }
  static func server(_ serves: @escaping Handler) -> World { World(serves: serves) }
  static func compose(_ services: String) -> World {
    .tree(["docker-compose.yml": "services:\n" + services])
  }
  /// Answers by path; whatever is not named is not there. `"PATH!"` is what a caller without a token gets.
  static func paths(_ answers: [String: LoopbackServer.Reply]) -> World {
    .server { request in
      let isKnown = request["authorization"] != nil
      return (isKnown ? nil : answers[request.path + "!"]) ?? answers[request.path] ?? .text("no such page", 404)
    }
  }

  /// What a line's proposal comes to here, `nil` where there is none.
  func outcome(of markdown: String) async throws -> (proposal: Proposal, ran: ProbeBench.Ran)? {
    let binder = Binder(Array(markdown.utf8), options: Binder.Options())
    guard let proposal = binder.lines.last?.proposal else { return nil }
    let directory = try TemporaryDirectory()
    for (path, text) in files { try directory.write(text, to: path) }
    if isCommitted {
      let done = try GonogoBinary.shell("git init -q . && git add -A -f", in: directory.path)
      try #require(done.status == 0, "\(done.error)")
    }
    let server = try serves.map { try LoopbackServer($0) }
    defer { server?.stop() }
    let place = server?.url ?? "http://127.0.0.1:9"
    let blocks = proposal.blocks.map { "  ```yaml gonogo\n  \($0.replacing("\n", with: "\n  "))\n  ```" }
    let ran = await ProbeBench.run(
      document: """
        ---
        gonogo: 1
        environments: { a: { app: "\(place)", web: "\(place)", login: "\(place)/login" } }
        principals:
          user: { http: { bearer: token-of-a-user } }
        ---
        - [ ] x
        \(blocks.joined(separator: "\n"))

        """, environment: variables, allow: [.writes, .disrupts], directory: directory.path)
    return (proposal, ran)
  }
}

/// A line with a world that it is true of and one that it is false of.
struct TruthRow: Sendable, CustomTestStringConvertible {
  let line: String
  let truth: World
  let lie: World
  let confidence: Confidence

  init(_ line: String, _ confidence: Confidence = .high, true truth: World, false lie: World) {
    self.line = line
    self.truth = truth
    self.lie = lie
    self.confidence = confidence
  }

  var testDescription: String { line }

  func check() async throws {
    let seen = try await truth.outcome(of: line)
    let good = try #require(seen, "\(line) is left")
    #expect(good.proposal.confidence == confidence, "\(line): \(good.proposal.reason)")
    #expect(good.ran.diagnostics.isEmpty, "\(line): \(good.ran.diagnostics.map(\.message))")
    #expect(
      good.ran.outcome == .passed, "\(line), true: \(String(describing: good.ran.outcome)) \(good.proposal.blocks)")
    let unseen = try await lie.outcome(of: line)
    let bad = try #require(unseen)
    #expect(
      !bad.ran.mismatches.isEmpty, "\(line), false: \(String(describing: bad.ran.outcome)) \(bad.proposal.blocks)")
  }
}
