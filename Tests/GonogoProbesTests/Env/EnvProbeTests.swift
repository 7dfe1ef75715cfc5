import Glibc
import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite struct EnvProbeTests {
  /// Holds a `.env` file against a contract; the contract is written as flow YAML members.
  static func check(
    _ contract: String, _ dotenv: String, frontMatter: String = "", environment: [String: String] = [:]
  ) async throws -> ProbeBench.Ran {
    let directory = try TemporaryDirectory()
    try directory.write(dotenv, to: ".env")
    return await ProbeBench.run(
      binding: "env:\n  from: .env\n  \(contract)", frontMatter: frontMatter, environment: environment,
      directory: directory.path)
  }

  static func rules(_ ran: ProbeBench.Ran) -> [String] {
    (ran.facts["problems"]?.arrayValue ?? []).map {
      "\($0["name"]?.stringValue ?? "?") \($0["rule"]?.stringValue ?? "?")"
    }
  }

  static let secret = "kJ8s2Lq0ZpX4vN7tR1wY6bM3cF9dH5gA"

  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    let good: [String]
    let bad: [String]
    let key: String
    init(_ rule: String, _ key: String, good: [String], bad: [String]) {
      self.rule = rule
      self.key = key
      self.good = good
      self.bad = bad
    }
    var testDescription: String { rule }
  }

  static let cases: [Case] = [
    Case(
      "{ type: url }", "type", good: ["https://a.example.org/x?y", "redis://:pw@[::1]:6379/0"],
      bad: ["a.example.org", "http://", "ht tp://x"]),
    Case(
      "{ schemes: [https, postgresql] }", "type", good: ["HTTPS://a.org", "postgresql://u:p@h:5432/d"],
      bad: ["http://a.org", "canaryscheme://a"]),
    Case("{ type: integer }", "type", good: ["0", "-12"], bad: ["1.5", "0x10", "1 2", "+1"]),
    Case("{ type: integer, minimum: 2, maximum: 5 }", "type", good: ["2", "5"], bad: ["1", "6"]),
    Case("{ type: number }", "type", good: ["1.5", "-3", "1e3"], bad: ["nan", "inf", "abc", "0x1p3"]),
    Case("{ type: boolean }", "type", good: ["true", "OFF", "1"], bad: ["maybe", "2"]),
    Case("{ type: base64, bytes: 3 }", "type", good: ["YWJj"], bad: ["YWI=", "!!!!", "YWJjZA"]),
    Case("{ type: hex, bytes: '>= 2' }", "type", good: ["00ff", "AABBCC"], bad: ["0ff", "zz", "ff"]),
    Case("{ type: json }", "type", good: ["'{\"a\": [1]}'"], bad: ["'{\"a\": '", "{'a': 1}"]),
    Case("{ type: list, items: integer }", "type", good: ["1, 2,3"], bad: ["1,x", "1,,2"]),
    Case(
      "{ items: url, schemes: [https], separator: json }", "type", good: ["'[\"https://a.org\"]'"],
      bad: ["'[\"http://a.org\"]'", "'[]'", "https://a.org"]),
    Case("{ type: email }", "type", good: ["ops@acme.org"], bad: ["ops@", "ops.acme.org", "a@b@c.org", "a b@c.org"]),
    Case("{ type: instant }", "type", good: ["2030-01-01T00:00:00Z"], bad: ["2030-01-01", "2030-13-01T00:00:00Z"]),
    Case("{ future: true }", "type", good: ["2999-01-01T00:00:00+02:00"], bad: ["2020-01-01T00:00:00Z"]),
    Case(
      "{ type: uuid }", "type", good: ["123e4567-e89b-12d3-a456-426614174000"],
      bad: ["123e4567e89b12d3a456426614174000"]),
    Case("{ type: hostname }", "type", good: ["db-1.internal"], bad: ["-db", "a..b", "https://a.org"]),
    Case("{ type: port }", "type", good: ["443"], bad: ["0", "70000", "http"]),
    Case("{ type: path }", "type", good: ["/var/lib"], bad: ["var/lib"]),
    Case("{ matches: '/^v[0-9]+$/' }", "matches", good: ["v12"], bad: ["12"]),
    Case("{ one_of: [blue, green] }", "one_of", good: ["blue"], bad: ["red"]),
    Case("{ starts_with: sk_live_ }", "starts_with", good: ["sk_live_1"], bad: ["pk_live_1"]),
    Case("{ equals: blue }", "equals", good: ["blue"], bad: ["Blue"]),
    Case("{ length: '>= 3' }", "length", good: ["abc"], bad: ["ab"]),
    Case("{ entropy: 20 }", "entropy", good: ["abcdefghij"], bad: ["aaaaaaaaaaaaaaaaaaaa", "ab"]),
    Case("{ secret: true }", "entropy", good: [secret], bad: ["aaaabbbb"]),
    Case(
      "required", "placeholder", good: ["Example Ltd", "a<b"],
      bad: [
        "changeme", "CHANGE-ME", "your-key", "'<your key>'", "xxxxxxxx", "todo", "dummy", "placeholder",
        "https://<your-domain>",
      ]),
    Case(
      "{ secret: true }", "placeholder", good: [secret],
      bad: ["AKIAIOSFODNN7EXAMPLEkJ8s2Lq0Zp", "prefix-changeme-kJ8s2Lq0ZpX4vN7t"]),
  ]

  @Test(arguments: cases) func `each rule accepts what is right and names what is wrong`(item: Case) async throws {
    for value in item.good {
      let ran = try await Self.check("variables: { NAME: \(item.rule) }", "NAME=\(value)\n")
      #expect(ran.outcome == .passed, "\(value): \(ran.diagnostics) \(ran.facts)")
      #expect(ran.witness == ["variables": 1])
    }
    for value in item.bad {
      let ran = try await Self.check("variables: { NAME: \(item.rule) }", "\nNAME=\(value)\n")
      #expect(Self.rules(ran).contains("NAME \(item.key)"), "\(value): \(ran.diagnostics) \(ran.facts)")
      #expect(ran.facts["problems"]?[0]?["line"] == 2)
      #expect(ran.mismatches.map(\.path) == ["problems"])
      if value.utf8.count > 4, !item.rule.contains(value), value != item.key {
        let all = "\(ran.facts.canonicalString) \(ran.mismatches)"
        #expect(!all.contains(value), "the value \(value) is shown: \(all)")
      }
    }
  }

  @Test func `allow_placeholder lets a placeholder through`() async throws {
    let ran = try await Self.check("variables: { NAME: { allow_placeholder: true } }", "NAME=example")
    #expect(ran.outcome == .passed)
  }

  @Test func `required, optional and forbidden names`() async throws {
    let ran = try await Self.check(
      "required: [A, B, C]\n  optional: [D]\n  forbidden: [E, F, 'G_*']", "A=1\nB=\nE=\nF=1\nG_X=2\nG_Y=")
    #expect(Self.rules(ran) == ["B required", "C required", "F forbidden", "G_X forbidden"])
    #expect(ran.facts["missing"] == ["B", "C"])
    #expect(ran.facts["forbidden_set"] == ["F", "G_X"])
    #expect(ran.facts["set_count"] == 3)
    let good = try await Self.check("required: [A]\n  optional: [D]\n  forbidden: [E, 'G_*']", "A=1\nE=\n")
    #expect(good.outcome == .passed)
    #expect(good.witness == ["variables": 3])
  }

  @Test func `only optional variables that are not set prove nothing`() async throws {
    let ran = try await Self.check("optional: [NOPE, 'X_*']", "A=1")
    #expect(ran.error?.kind == .vacuous)
    let set = try await Self.check("optional: [A]", "A=1")
    #expect(set.outcome == .passed)
  }

  @Test func `groups ask for one, or for exactly one`() async throws {
    let contract = "one_of: [[A, B], [C, D]]\n  exactly_one: [[E, F]]"
    #expect(try await Self.check(contract, "A=1\nB=2\nC=3\nE=4").outcome == .passed)
    let bad = try await Self.check(contract, "A=1\nE=4\nF=5")
    #expect(Self.rules(bad) == ["C|D one_of", "E|F exactly_one"])
    let flat = try await Self.check("one_of: [A, B]", "X=1")
    #expect(Self.rules(flat) == ["A|B one_of"])
  }

  @Test func `a condition brings its contract only where it holds`() async throws {
    let contract = """
      required: [MODE]
        when:
          - { equals: { MODE: [a, b] }, then: { required: [KEY], forbidden: [OTHER] } }
          - { set: MODE, unset: KEY, then: { variables: { NOTE: { length: 3 } } } }
      """
    #expect(try await Self.check(contract, "MODE=a\nKEY=1").outcome == .passed)
    #expect(try await Self.check(contract, "MODE=c\nKEY=1\nOTHER=1").outcome == .passed)
    let bad = try await Self.check(contract, "MODE=a\nOTHER=1\nNOTE=xy")
    #expect(Self.rules(bad) == ["KEY required", "NOTE length", "OTHER forbidden"])
    #expect(bad.facts["conditions"]?[0]?["holds"] == true)
    #expect(bad.facts["conditions"]?[0]?["when"] == "MODE is a or b")
  }

  @Test func `strict integrations, as the valdrix checklist has them`() async throws {
    let contract = """
      required: [SAAS_STRICT_INTEGRATIONS]
        when:
          - equals: { SAAS_STRICT_INTEGRATIONS: true }
            then: { forbidden: [SLACK_CHANNEL_ID, JIRA_API_TOKEN, GITHUB_ACTIONS_*] }
      """
    #expect(
      try await Self.check(contract, "SAAS_STRICT_INTEGRATIONS=True\nSLACK_BOT_TOKEN=x\nSLACK_CHANNEL_ID=").outcome
        == .passed)
    let bad = try await Self.check(
      contract, "SAAS_STRICT_INTEGRATIONS=true\nGITHUB_ACTIONS_TOKEN=x\nSLACK_CHANNEL_ID=C1")
    #expect(Self.rules(bad) == ["GITHUB_ACTIONS_TOKEN forbidden", "SLACK_CHANNEL_ID forbidden"])
  }

  @Test func `break glass is all of it or none`() async throws {
    let contract = "required: [X]\n  break_glass: { flag: ALLOW, reason: WHY, expires_at: UNTIL }"
    for good in ["", "ALLOW=false", "ALLOW=true\nWHY=INC-42\nUNTIL=2999-01-01T00:00:00Z"] {
      #expect(try await Self.check(contract, "X=1\n\(good)").outcome == .passed, "\(good)")
    }
    let bad: [(String, [String])] = [
      ("ALLOW=true", ["UNTIL break_glass", "WHY break_glass"]),
      ("ALLOW=true\nWHY=INC-42\nUNTIL=2020-01-01T00:00:00Z", ["UNTIL break_glass"]),
      ("ALLOW=true\nWHY=INC-42\nUNTIL=tomorrow", ["UNTIL break_glass"]),
      ("ALLOW=true\nWHY=todo\nUNTIL=2999-01-01T00:00:00Z", ["WHY break_glass"]),
      ("WHY=INC-42", ["ALLOW break_glass"]),
      ("ALLOW=false\nUNTIL=2999-01-01T00:00:00Z", ["ALLOW break_glass"]),
      ("ALLOW=maybe\nWHY=INC-42\nUNTIL=2999-01-01T00:00:00Z", ["ALLOW break_glass"]),
    ]
    for (text, expected) in bad {
      #expect(Self.rules(try await Self.check(contract, "X=1\n\(text)")) == expected, "\(text)")
    }
  }

  @Test func `secrets that are equal are named, by list or by name`() async throws {
    let dotenv = "A_SECRET=\(Self.secret)\nB_SECRET=\(Self.secret)\nC_SECRET=other-\(Self.secret)\nD=\(Self.secret)"
    let secrets = try await Self.check("required: [A_SECRET, B_SECRET, C_SECRET, D]\n  distinct: secrets", dotenv)
    #expect(Self.rules(secrets) == ["B_SECRET distinct"])
    #expect(secrets.facts["problems"]?[0]?["message"]?.stringValue?.contains("A_SECRET") == true)
    let listed = try await Self.check("distinct: [A_SECRET, C_SECRET, D]", dotenv)
    #expect(Self.rules(listed) == ["D distinct"])
    #expect(try await Self.check("distinct: [A_SECRET, C_SECRET]", dotenv).outcome == .passed)
    #expect(try await Self.check("distinct: [A_SECRET, NOPE]", dotenv).error?.kind == .vacuous)
  }

  @Test func `a variable may fall back, and that is reported`() async throws {
    let contract = "variables: { JWT_SECRET: { secret: true }, LINK_SECRET: { secret: true, fallback: JWT_SECRET } }"
    let back = try await Self.check(contract, "JWT_SECRET=\(Self.secret)")
    #expect(back.outcome == .passed)
    #expect(back.facts["fallbacks"] == ["LINK_SECRET": "JWT_SECRET"])
    #expect(back.facts["variables"]?["LINK_SECRET"]?["falls_back"] == "JWT_SECRET")
    let none = try await Self.check(contract, "X=1")
    #expect(Self.rules(none) == ["JWT_SECRET required", "LINK_SECRET required"])
    let refused = try await Self.check(
      "variables: { LINK_SECRET: { fallback: JWT_SECRET } }\nexpect: { fallbacks: { length: 0 } }",
      "JWT_SECRET=\(Self.secret)")
    #expect(refused.mismatches.map(\.path) == ["fallbacks"])
  }

  @Test func `production refuses test credentials, loopback URLs and defaults`() async throws {
    let dotenv = """
      STRIPE=sk_test_\(Self.secret)
      API_URL=https://user@localhost:8080/x
      ORIGINS='["https://a.org", "http://127.0.0.1:3000"]'
      CACHE=redis://[::1]:6379
      """
    let contract = "required: [STRIPE, API_URL, ORIGINS, CACHE]"
    #expect(try await Self.check(contract, dotenv).outcome == .passed)
    let expected = ["API_URL localhost", "CACHE localhost", "ORIGINS localhost", "STRIPE test_credential"]
    #expect(Self.rules(try await Self.check("\(contract)\n  production: true", dotenv)) == expected)
    let named = try await Self.check(
      contract, dotenv, frontMatter: "environments:\n  production: { core: 'https://a.org' }")
    #expect(Self.rules(named) == expected)
    let denied = try await Self.check(
      "\(contract)\n  production: false", dotenv, frontMatter: "environments:\n  production: { core: 'https://a.org' }")
    #expect(denied.outcome == .passed)
    let sidecar = try await Self.check(
      "variables: { CACHE: { allow_localhost: true } }\n  production: true", dotenv)
    #expect(sidecar.outcome == .passed)
    let fallback = "variables: { JWT: { secret: true } }\n  production: true"
    #expect(Self.rules(try await Self.check(fallback, "JWT=${OUTER:-\(Self.secret)}")) == ["JWT default"])
    #expect(try await Self.check(fallback, "JWT=${OUTER:-x}", environment: ["OUTER": Self.secret]).outcome == .passed)
  }

  @Test func `a closed file may set nothing else`() async throws {
    let contract = "required: [A]\n  optional: ['B_*']\n  closed: true"
    #expect(try await Self.check(contract, "A=1\nB_X=2").outcome == .passed)
    let bad = try await Self.check(contract, "A=1\nC=2")
    #expect(Self.rules(bad) == ["C closed"])
    #expect(bad.facts["undeclared"] == ["C"])
    #expect(bad.facts["problems"]?[0]?["line"] == 2)
  }

  @Test func `the process environment is the default source`() async {
    let good = await ProbeBench.run(binding: "env: { required: [HERE] }", environment: ["HERE": "1"])
    #expect(good.outcome == .passed)
    #expect(good.facts["variables"]?["HERE"]?["source"] == "process")
    let bad = await ProbeBench.run(binding: "env: { required: [GONE] }", environment: ["HERE": "1"])
    #expect(bad.mismatches.count == 1)
    let empty = await ProbeBench.run(binding: "env: { forbidden: [GONE] }")
    #expect(empty.error?.kind == .vacuous)
  }

  @Test func `several sources are merged and the later wins`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("A=1\nB=1\n", to: "a.env")
    try directory.write("B=2\n", to: "b.env")
    let binding = """
      env:
        from: [a.env, b.env, { file: c.env, optional: true }, process]
        variables: { A: { equals: 1 }, B: { equals: 2 }, C: { equals: 3 } }
      """
    let ran = await ProbeBench.run(binding: binding, environment: ["C": "3"], directory: directory.path)
    #expect(ran.outcome == .passed, "\(ran.facts)")
    #expect(ran.facts["variables"]?["B"]?["source"] == "b.env")
    #expect(ran.facts["sources"]?.arrayValue?.count == 3)
    let bad = await ProbeBench.run(
      binding: "env: { from: [b.env, a.env], variables: { B: { equals: 2 } } }", directory: directory.path)
    #expect(Self.rules(bad) == ["B equals"])
  }

  @Test func `a rule's value may be interpolated`() async throws {
    let contract = "variables: { STAGE: { equals: '${environment}' } }"
    let front = "environments:\n  staging: { core: 'https://a.org' }"
    #expect(try await Self.check(contract, "STAGE=staging", frontMatter: front).outcome == .passed)
    let bad = try await Self.check(contract, "STAGE=other", frontMatter: front)
    #expect(bad.facts["problems"]?[0]?["message"] == "expected 'staging', found another text")
  }

  @Test func `references without a value are problems`() async throws {
    let ran = try await Self.check("variables: { URL: { type: url } }", "URL=https://${NOPE}/x")
    #expect(Self.rules(ran).contains("URL interpolation"))
    let bare = try await Self.check("required: [A]", "A=${NOPE}")
    #expect(Self.rules(bare) == ["A interpolation"])
  }

  @Test func `sources that cannot be looked at are errors, not failures`() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("# nothing\n\n", to: "empty.env")
    try directory.write("this is no dotenv file\n", to: "prose.env")
    try directory.write("x", to: "sub/x")
    truncate(try directory.write("A=1\n", to: "huge.env"), 5 << 20)
    let expected: [(String, ProbeError.Kind)] = [
      ("huge.env", .tooLarge), ("gone.env", .missing), ("empty.env", .vacuous), ("prose.env", .malformed),
      ("sub", .configuration),
      ("/dev/zero", .configuration),
    ]
    for (name, kind) in expected {
      let ran = await ProbeBench.run(binding: "env: { from: \(name), required: [A] }", directory: directory.path)
      #expect(ran.error?.kind == kind, "\(name): \(String(describing: ran.outcome))")
      #expect(ran.error?.mend != nil)
    }
  }

  @Test func `a contract that says nothing, or contradicts itself, is an error of the document`() async {
    let bad: [(String, String)] = [
      ("env: { from: .env }", "empty-expectation"),
      ("env: process", "wrong-type"),
      ("env: { required: [] }", "empty-expectation"),
      ("env: { required: [A], forbidden: [A] }", "wrong-type"),
      ("env: { required: ['A_*'] }", "wrong-type"),
      ("env: { variables: { A: requird } }", "wrong-type"),
      ("env: { variables: { A: { typ: url } } }", "unknown-key"),
      ("env: { variables: { A: { type: integer, bytes: 3 } } }", "wrong-type"),
      ("env: { variables: { A: { type: url, minimum: 3 } } }", "wrong-type"),
      ("env: { variables: { A: { forbidden: true, type: url } } }", "wrong-type"),
      ("env: { variables: { A: { minimum: 3, maximum: 2 } } }", "out-of-range"),
      ("env: { variables: { A: { matches: '/(/' } } }", "bad-pattern"),
      ("env: { required: [A], closed: true }", "wrong-type"),
      ("env: { when: [{ set: A, then: {} }] }", "empty-expectation"),
      ("env: { when: [{ set: A }] }", "missing-key"),
      ("env: { when: [{ then: { required: [B] } }] }", "empty-expectation"),
      ("env: { one_of: [[A]] }", "wrong-type"),
      ("env: { break_glass: { flag: A } }", "missing-key"),
      ("env: { from: { compose: x.yml }, required: [A] }", "missing-key"),
    ]
    for (binding, code) in bad {
      let ran = await ProbeBench.run(binding: binding, environment: ["A": "1"])
      #expect(ran.results.isEmpty && ran.diagnostics.contains { $0.code.id == code }, "\(binding): \(ran.diagnostics)")
    }
  }

  @Test func `no value of any variable is in any output`() async throws {
    let canary = "C4nary-kJ8s2Lq0ZpX4vN7tR1wY"
    let directory = try TemporaryDirectory()
    try directory.write(
      """
      A_TOKEN=\(canary)
      B_URL=http://user:\(canary)@localhost/\(canary)?k=\(canary)
      C=\(canary)
      D='\(canary)
      \(canary)'
      E="\(canary)\\n${A_TOKEN}"
      F=["\(canary)", "x"]
      \(canary)
      G=\(canary)
      G=\(canary)
      X="\(canary)
      """, to: ".env")
    let rule =
      "{ type: TYPE, matches: /^zz$/, equals: no, one_of: [no], starts_with: no, length: 3, entropy: 900, secret: true }"
    var seen = ""
    for type in ValueType.allCases {
      let variables = ["A_TOKEN", "B_URL", "C", "E", "F", "G"].map { name in
        "\(name): \(rule.replacing("TYPE", with: type.rawValue))"
      }.joined(separator: ", ")
      let ran = await ProbeBench.run(
        binding: """
          env:
            from: .env
            production: true
            variables: { \(variables) }
            forbidden: [D]
            distinct: [A_TOKEN, C, G]
            break_glass: { flag: A_TOKEN, reason: NOPE, expires_at: C }
            closed: true
          """, directory: directory.path)
      #expect(ran.mismatches.count == 1, "\(ran.diagnostics)")
      seen += "\(ran)"
    }
    let clean = await ProbeBench.run(
      binding: "env: { from: .env, required: [A_TOKEN, B_URL, C, D, E, F, G], distinct: [A_TOKEN, B_URL] }",
      directory: directory.path)
    seen += "\(clean)"
    #expect(clean.facts["variables"]?["C"]?["set"] == true)
    #expect(!seen.contains(canary))
  }
}
