import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// `gonogo gap`, and a check at a commit.
@Suite(.enabled(if: Subprocess.find("git") != nil, "git is not installed")) struct GapScenarioTests {
  static let document = """
    # Launch
    ## Files
    - [x] **F-1** the licence is there
      ```yaml gonogo
      files: LICENSE
      expect: { exists: true }
      ```
    ## People
    - [x] **P-1** the team is ready
    - [ ] **P-2** signed
      ```yaml gonogo
      attest: owner
      ```

    """

  /// A repository whose first commit holds the licence and whose second does not.
  static func repository() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.write(document, to: "GO.md")
    try directory.write("free\n", to: "LICENSE")
    let result = try GonogoBinary.shell(
      """
      git init -q . && git config user.name T && git config user.email t@example.com && git add GO.md LICENSE &&
      git commit -q -m one && git tag one && git rm -q LICENSE && git commit -q -m two
      """, in: directory.path)
    try #require(result.status == 0, "\(result.error)")
    return directory
  }

  @Test func `a tick is held against the files of the commit that is asked for`() throws {
    let directory = try Self.repository()
    let now = try GonogoBinary.run(["check", "GO.md", "--only", "F-*", "-q"], in: directory.path)
    #expect(now.status == 1 && now.output.contains("Ticked and false (1)"))
    #expect(now.output.contains("judged in the working tree on "))
    let then = try GonogoBinary.run(["check", "GO.md", "--only", "F-*", "-q", "--at", "one"], in: directory.path)
    #expect(then.status == 0 && !then.output.contains("Ticked and false"))
    #expect(then.output.contains(", judged at "))
    #expect(!FileSystem.exists("\(directory.path)/LICENSE"))
    let status = try GonogoBinary.shell(
      "git status --porcelain | grep -v gonogo; ls -d ${TMPDIR:-/tmp}/gonogo-at-* 2>/dev/null", in: directory.path)
    #expect(status.output.isEmpty, "something was left: \(status.output)")
  }

  @Test(arguments: [
    (["check", "GO.md", "--at", "nowhere"], "there is no commit 'nowhere'"),
    (["check", "NEW.md", "--at", "one"], "one does not hold NEW.md"),
    (["check", "GO.md", "--at", "one", "--write"], "--at reads a commit"),
  ]) func `a commit that cannot be read is exit status 2, and says why`(arguments: [String], reason: String) throws {
    let directory = try Self.repository()
    try directory.write(Self.document, to: "NEW.md")
    try directory.write(Self.document + "\n- [ ] one more\n", to: "GO.md")
    let result = try GonogoBinary.run(arguments, in: directory.path)
    #expect(result.status == 2 && result.error.contains(reason) && result.output.isEmpty)
  }

  /// Where the document was the same in both, boxes of the working tree were set by what the commit holds.
  @Test func `--write is refused beside --at, whether the document has changed or not`() throws {
    let directory = try Self.repository()
    let result = try GonogoBinary.run(["check", "GO.md", "--at", "HEAD", "--write"], in: directory.path)
    #expect(result.status == 2 && result.error.contains("--at reads a commit") && result.output.isEmpty)
    #expect(try FileSystem.read("\(directory.path)/GO.md") == Array(Self.document.utf8))
  }

  @Test func `outside a repository a commit cannot be asked for`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.document, to: "GO.md")
    let result = try GonogoBinary.run(["gap", "GO.md", "--at", "HEAD"], in: directory.path)
    #expect(result.status == 2 && result.error.contains("is in no git repository"))
  }

  @Test func `the gap opens with the ticks that lie, and says by section what is open`() throws {
    let directory = try Self.repository()
    let result = try GonogoBinary.run(["gap", "GO.md", "-q", "-o", "text", "-o", "csv=gap.csv"], in: directory.path)
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("Ticked and false (1)\n"))
    let order = ["Ticked and false (1)", "Ticked and not proven (1)", "Launch › Files", "Launch › People"]
    let places = order.compactMap { result.output.firstRange(of: $0)?.lowerBound }
    #expect(places.count == order.count && places == places.sorted())
    #expect(
      result.output.contains("3 lines: 0 proven, 1 false, 0 could not be looked at, 1 waiting for a person, 1 unbound"))
    let sums = try GonogoBinary.shell(
      "head -n -1 gap.csv | sha256sum | cut -d' ' -f1; tail -n 1 gap.csv", in: directory.path)
    let lines = sums.output.split(whereSeparator: \.isNewline).map(String.init)
    #expect(lines.count == 2 && lines[1] == "# sha256 \(lines[0])")
    #expect(result.output.contains("sha256 \(lines[0])"))
  }
}
