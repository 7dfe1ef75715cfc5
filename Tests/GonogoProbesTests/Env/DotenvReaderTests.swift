import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite struct DotenvReaderTests {
  static func read(_ text: String, outside: [String: String] = [:]) -> DotenvReader {
    DotenvReader(Array(text.utf8), source: ".env", outside: { outside[$0] })
  }

  @Test func `values are read as dotenv, python-dotenv and Compose read them`() {
    let reader = Self.read(
      """
      # comment
      A=plain
        B = spaced out  # comment
      export C=exported
      D='single $A # \\n'
      E="double \\"q\\" \\n \\t \\\\ \\$A ${A}" # comment
      F="two
      lines"
      G='two
      more'
      H=
      I=a#b
      J=${A}-$A-${N:-def}-${A:+alt}\\$A
      K.x-y=1
      L=""
      M=x=y
      """, outside: ["OUT": "o"])
    #expect(reader.faults == [])
    let expected = [
      "A": "plain", "B": "spaced out", "C": "exported", "D": "single $A # \\n", "E": "double \"q\" \n \t \\ $A plain",
      "F": "two\nlines", "G": "two\nmore", "H": "", "I": "a#b", "J": "plain-plain-def-alt$A", "K.x-y": "1", "L": "",
      "M": "x=y",
    ]
    #expect(reader.variables.mapValues(\.value) == expected)
    #expect(reader.variables["G"]?.line == 9)
    #expect(reader.variables["H"]?.line == 11)
    #expect(reader.variables["E"]?.interpolated == true)
    #expect(reader.variables["J"]?.defaulted == true)
    #expect(reader.variables["D"]?.interpolated == false)
  }

  @Test func `lines that cannot be read are told with their numbers, and the next is read`() {
    let reader = Self.read("A=1\nno equals\nB\n1X=2\nC=\"a\" b\nE: 1\nD=4\nF=\"open\nG=5\n")
    #expect(reader.faults.map(\.line) == [2, 3, 4, 5, 6, 8])
    #expect(reader.variables.keys.sorted() == ["A", "D", "G"])
  }

  @Test func `the later of two equal names wins and both lines are told`() {
    let reader = Self.read("A=1\nB=2\nA=3\n")
    #expect(reader.variables["A"]?.value == "3")
    #expect(reader.duplicates == [.init(name: "A", line: 3, firstLine: 1)])
  }

  @Test func `a byte order mark, CRLF and broken encodings`() {
    let reader = DotenvReader(
      [0xEF, 0xBB, 0xBF] + Array("A=1\r\nB=\"x\r\ny\"\r\nC=".utf8) + [0xFF, 0x0A] + Array("D=4".utf8), source: ".env",
      outside: { _ in nil })
    #expect(reader.variables["A"]?.value == "1")
    #expect(reader.variables["B"]?.value == "x\ny")
    #expect(reader.variables["D"]?.value == "4")
    #expect(reader.faults.map(\.line) == [4])
  }

  @Test func `every form of a reference`() {
    let values = ["SET": "v", "EMPTY": ""]
    func fill(_ text: String, _ style: Interpolation.Style = .compose) -> Interpolation {
      Interpolation(text, style: style) { values[$0] }
    }
    let cases = [
      ("${SET}", "v"), ("$SET.", "v."), ("${EMPTY:-d}", "d"), ("${EMPTY-d}", ""), ("${NOPE-d}", "d"),
      ("${SET:+a}", "a"), ("${EMPTY:+a}", ""), ("${EMPTY+a}", "a"), ("${NOPE:-${SET}}", "v"), ("$$SET", "$SET"),
      ("${NOPE:-${ALSO:-deep}}", "deep"), ("${SET:?no}", "v"), ("cost: 5$", "cost: 5$"), ("${bad name}", "${bad name}"),
      ("${", "${"), ("$1", "$1"),
    ]
    for (source, expected) in cases { #expect(fill(source).text == expected, "\(source)") }
    #expect(fill("${NOPE}${SET:?}").unresolved == ["NOPE"])
    #expect(fill("${EMPTY:?needed}").unresolved == ["EMPTY"])
    #expect(!fill("cost: 5$").happened)
    #expect(fill("\\$SET", .plain).text == "$SET")
  }
}

@Suite struct ComposeReaderTests {
  static let compose = """
    x-common: &common
      LOG_LEVEL: info
      SHARED: "1"
    services:
      api:
        image: api
        env_file: [base.env, { path: gone.env, required: false }]
        environment:
          <<: *common
          PORT: 8080
          DEBUG: true
          LOG_LEVEL: warn
          JWT_SECRET: ${JWT_SECRET:-dev-secret-dev-secret}
          PASSED:
          PRICE: "$$5"
      worker:
        environment:
          - QUEUE=events
          - PASSED
          - EMPTY=
          - QUEUE=again
      bare:
        image: x
      derived:
        extends: { service: api }
    """

  static func check(
    _ contract: String, service: String = "api", compose: String = compose, environment: [String: String] = [:]
  )
    async throws -> ProbeBench.Ran
  {
    let directory = try TemporaryDirectory()
    try directory.write(compose, to: "compose.yml")
    try directory.write("BASE=b\nPORT=1\n", to: "base.env")
    try directory.write("JWT_SECRET=from-project\n", to: ".env")
    return await ProbeBench.run(
      binding: "env:\n  from: { compose: compose.yml, service: \(service) }\n  \(contract)", environment: environment,
      directory: directory.path)
  }

  @Test func `environment over env_file, merge keys, references and names passed through`() async throws {
    let contract = """
      variables:
          BASE: { equals: b }
          PORT: { equals: '8080', type: port }
          DEBUG: { equals: 'true' }
          LOG_LEVEL: { equals: warn }
          SHARED: { equals: '1' }
          JWT_SECRET: { equals: from-project }
          PASSED: { equals: out }
          PRICE: { equals: '$5' }
      """
    let ran = try await Self.check(contract, environment: ["PASSED": "out"])
    #expect(ran.outcome == .passed, "\(ran.facts)")
    #expect(ran.facts["variables"]?["BASE"]?["source"] == "base.env")
    #expect(ran.facts["variables"]?["PORT"]?["line"] == 10)
    #expect(ran.facts["variables"]?["JWT_SECRET"]?["interpolated"] == true)
    let unset = try await Self.check("required: [PASSED]", environment: ["X": "1"])
    #expect(EnvProbeTests.rules(unset) == ["PASSED required"])
  }

  @Test func `a list of settings, with its duplicates`() async throws {
    let ran = try await Self.check("variables: { QUEUE: { equals: again }, EMPTY: required }", service: "worker")
    #expect(EnvProbeTests.rules(ran) == ["EMPTY required"])
    #expect(ran.facts["duplicates"]?[0]?["name"] == "QUEUE")
    #expect(ran.facts["duplicates"]?[0]?["line"] == 21)
  }

  @Test func `what cannot be looked at is an error`() async throws {
    let cases: [(String, String, ProbeError.Kind)] = [
      ("nope", Self.compose, .configuration), ("bare", Self.compose, .vacuous),
      ("derived", Self.compose, .configuration),
      ("api", "services: [", .malformed), ("api", "a: 1", .malformed),
      ("api", "services:\n  api:\n    environment: 3", .malformed),
      ("api", "services:\n  api:\n    env_file: gone.env", .missing),
      ("api", "services:\n  api:\n    environment: { A: 1, A: 2 }", .malformed),
    ]
    for (service, compose, kind) in cases {
      let ran = try await Self.check("required: [A]", service: service, compose: compose)
      #expect(ran.error?.kind == kind, "\(service): \(String(describing: ran.outcome))")
    }
  }
}
