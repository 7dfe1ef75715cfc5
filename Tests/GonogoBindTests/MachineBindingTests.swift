import GonogoBind
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// Bindings about the machine and the repository, run here: green where the line is true, and red where it is a lie.
@Suite struct MachineBindingTests {
  private func outcome(_ line: String, in directory: String) async throws -> Outcome? {
    let binder = Binder(Array("\(line)\n".utf8), options: Binder.Options())
    let proposal = try #require(binder.lines.last?.proposal, "\(line)")
    let blocks = proposal.blocks.map { "  ```yaml gonogo\n  \($0.replacing("\n", with: "\n  "))\n  ```" }
    let ran = await ProbeBench.run(
      document: "---\ngonogo: 1\n---\n- [ ] x\n\(blocks.joined(separator: "\n"))\n", directory: directory)
    #expect(ran.diagnostics.isEmpty, "\(line): \(ran.diagnostics)")
    return ran.outcome
  }

  /// Looked at and found false: not a check that could not look.
  private static func isRed(_ outcome: Outcome?) -> Bool {
    if case .failed = outcome { return true }
    return false
  }

  private func repository() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write("X=1\n", to: ".env")
    try directory.write(".env\n", to: ".gitignore")
    try directory.write("export const key = 1\n", to: "config.ts")
    try directory.write("# X\n", to: "README.md")
    let made = try GonogoBinary.shell(
      """
      git init -q . && chmod 600 .env && mkdir storage && chmod 755 storage && git add -A &&
      git -c user.email=a@example.org -c user.name=a commit -qm first && git tag v1.2.0
      """, in: directory.path)
    #expect(made.status == 0, "\(made.error)")
    return directory
  }

  @Test func `what is true of the machine and the repository is green, and what is not is red`() async throws {
    let directory = try repository()
    let lines: [(line: String, isTrue: Bool)] = [
      ("- [ ] 1 CPU cores or more", true), ("- [ ] 99999 CPU cores", false),
      ("- [ ] Server has at least 99999 GB RAM", false), ("- [ ] At least 99999999GB disk space available", false),
      ("- [ ] At least 0GB disk space available", true), ("- [ ] Git 2.0+ installed", true),
      ("- [ ] Git 99+ installed", false), ("- [ ] `.env` is in `.gitignore`", true),
      ("- [ ] `config.ts` is in `.gitignore`", false), ("- [ ] `.env` not committed", true),
      ("- Remove `config.ts` from repository", false), ("- [ ] Release tagged: `v1.2.0` is tagged in git", true),
      ("- [ ] Version `v9.9.9` tagged in git", false), ("- [ ] `.env` file permissions set to 600", true),
      ("- [ ] `.env` file permissions set to 644", false), ("- [ ] Storage: `chmod -R 755 storage`", true),
      ("- [ ] Storage: `chmod -R 700 storage`", false), ("- [ ] No uncommitted changes", true),
      ("- [ ] Log directory `/var/log` exists", true), ("- [ ] Log directory `/var/log/no-such-place` exists", false),
      ("- [ ] All console.logs removed", true), ("- [ ] Web server: Git or Docker installed", true),
    ]
    for (line, isTrue) in lines {
      let found = try await outcome(line, in: directory.path)
      #expect(isTrue ? found == .passed : Self.isRed(found), "\(line): \(String(describing: found))")
    }
    try directory.write("console.log(1)\n", to: "left.ts")
    #expect(Self.isRed(try await outcome("- [ ] All console.logs removed", in: directory.path)))
    #expect(Self.isRed(try await outcome("- [ ] No uncommitted changes", in: directory.path)))
  }
}
