import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite struct SecretTests {
  static let canary = "c4n4ry/S3cr3t+&\"'<é> value"

  static func redactor(_ secret: String) -> Redactor {
    let redactor = Redactor()
    redactor.add(secret)
    return redactor
  }

  static func percent(_ text: String, _ keep: String) -> String {
    text.utf8.map { byte in
      let character = Character(Unicode.Scalar(byte))
      return byte < 0x80 && (character.isLetter || character.isNumber || keep.contains(character))
        ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  @Test func `in every encoding, at every alignment`() {
    let redactor = Self.redactor(Self.canary)
    let raw = Array(Self.canary.utf8)
    var texts = [
      Self.canary, Self.percent(Self.canary, "-._~"), Self.percent(Self.canary, "-._~").lowercased(),
      Self.percent(Self.canary, "-._~!$&'()*+,;=:@/?"),
      Self.percent(Self.percent(Self.canary, "-._~"), "-._~"), Digest.hex(raw), Digest.hex(raw).uppercased(),
      JSON.string(Self.canary).canonicalString, JSON.string(JSON.string(Self.canary).canonicalString).canonicalString,
      "c4n4ry/S3cr3t+&amp;&quot;&#39;&lt;é&gt; value", "c4n4ry/S3cr3t+&\\\"'<\\u00e9> value",
    ]
    for before in 0...5 {
      for after in 0...5 {
        let bytes =
          Array(repeating: UInt8(ascii: "u"), count: before) + raw + Array(repeating: UInt8(ascii: "v"), count: after)
        for urlSafe in [true, false] {
          for padded in [true, false] { texts.append(Base64.encode(bytes, urlSafe: urlSafe, padded: padded)) }
        }
      }
    }
    for text in texts {
      let shown = redactor.redact("before \(text) after")
      #expect(shown.contains(Redactor.mark), "\(text)")
      #expect(!shown.contains("S3cr3t") && shown.utf8.count <= text.utf8.count + 30)
      #expect(shown.hasPrefix("before") && shown.hasSuffix("after"))
    }
  }

  @Test func `wrapped into lines, as base64 and xxd do`() {
    let secret = String((0..<120).map { Character(Unicode.Scalar(UInt8(33 + $0 * 7 % 90))) })
    let redactor = Self.redactor(secret)
    for (text, width) in [
      (Base64.encode(Array(secret.utf8)), 76), (Digest.hex(Array(secret.utf8)), 60),
      (Base64.encode(Array("u:\(secret)".utf8)), 64),
    ] {
      for end in ["\n", "\r\n", "\\n", "\\r\\n"] {
        var lines: [Substring] = []
        var rest = Substring(text)
        while !rest.isEmpty {
          lines.append(rest.prefix(width))
          rest = rest.dropFirst(width)
        }
        let shown = redactor.redact("a " + lines.joined(separator: end) + " b")
        #expect(shown.contains(Redactor.mark) && shown.utf8.count < 40, "\(shown)")
      }
    }
  }

  @Test func `several lines are found line by line, numbers as numbers, longer hits first`() {
    let redactor = Self.redactor("-----BEGIN-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END-----")
    #expect(redactor.redact("x MIIEvQIBADANBgkq y") == "x [redacted] y")
    redactor.add("8412098412")
    redactor.add("84120984")
    #expect(
      redactor.redact(["n": 8_412_098_412, "s": "8412098412", "m": 5]) == [
        "n": "[redacted]", "s": "[redacted]", "m": 5,
      ])
    redactor.add("abc")
    #expect(redactor.redact("abc") == "abc")
    #expect(redactor.redact(bytes: Array("a84120984\u{0}".utf8)) == Array("a[redacted]\u{0}".utf8))
    #expect(Redactor().redact("anything") == "anything")
  }

  @Test func `what is not secret is left alone, byte for byte`() {
    var random = SeededGenerator(seed: 5)
    let redactor = Self.redactor(Self.canary)
    for _ in 0..<2000 {
      let value = JSONTests.anything(&random, depth: 3)
      #expect(redactor.redact(value) == value)
    }
  }

  @Test(arguments: [
    ("API_KEY", true), ("apiKey", true), ("jwtSecret", true), ("SENTRY_DSN", true), ("link.token", true),
    ("PASSWORDS", true), ("DB-PASS", true),
    ("DATABASE_URL", false), ("MONKEY", false), ("LOG_LEVEL", false), ("keyboard", false), ("AUTHOR", false),
    ("HOST", false),
  ]) func `names that speak of secrets`(name: String, secret: Bool) {
    #expect(SecretPolicy.soundsSecret(name) == secret)
  }

  @Test(
    arguments: [
      ("DATABASE_URL", "postgres://u:p4ssw0rd@h:5432/db?sslmode=require", ["p4ssw0rd"]),
      ("LOG_LEVEL", "debug", ["debug"]), ("PORT", "5432", []),
      ("FLAG", "true", []), ("X", "abc", []), ("API_KEY", "12345678", ["12345678"]), ("OTP", "1234", []),
      ("TTL", "604800000", []),
      ("CORE", "https://h/api/v1", []), ("CORE", "https://h/a?token=x&y=12345678#frag", ["frag", "x", "12345678"]),
      ("DIR", "/srv/app", []),
      ("HOOK", "https://hooks.example.com/services/T00000000B1234567/x", ["T00000000B1234567"]),
      ("HOOK_SECRET", "https://h/a", ["https://h/a"]),
      ("REDIS", "redis://:p@ss@h", ["p@ss"]), ("EMAIL", "a@b", []),
    ] as [(String, String, [String])]) func `what of a value is secret`(name: String, value: String, secrets: [String])
  {
    #expect(SecretPolicy.secrets(in: value, name: name, isPublic: false) == secrets)
    #expect(SecretPolicy.secrets(in: value, name: name, isPublic: true).isEmpty)
  }

  @Test func `a canary comes out of nothing that a run gives`() async {
    let secret = "k4n4r1-0f-th3-m1n3-7731"
    let front =
      "environments: { staging: { db: 'postgres://u:${DB_PASSWORD}@h/x' } }\nvars: { inner: 'a-${API_TOKEN}-b' }\nsecrets: { link.token: 'pre${API_TOKEN}' }"
    let bindings = [
      "look: { facts: { text: '${API_TOKEN}' }, asked: 'GET ${db} ${inner} ${link.token}' }\nexpect: { text: { starts_with: k4 } }",
      "look: { facts: { text: '${inner}', map: { '${API_TOKEN}': '${db}' } } }\nexpect: { text: { equals: '${link.token}' } }",
      "look: { facts: { text: '${API_TOKEN}' } }\njq: 'error(.text)'",
      "look: { facts: { text: '${API_TOKEN}' } }\njq: '.text | tonumber | true'",
      "look: { facts: { text: '${API_TOKEN}' } }\njq: '.text'",
      "look: { facts: { text: '${API_TOKEN}' } }\njq: '.text - 1'",
      "look: { facts: { rows: ['${API_TOKEN}'] } }\nexpect: { rows: { exactly: [a] } }",
    ]
    let document = LookBench.document(bindings, frontMatter: front)
    let ran = await LookBench.run(document, environment: ["API_TOKEN": secret, "DB_PASSWORD": "\(secret)2"])
    #expect(ran.diagnostics.isEmpty && ran.results.count == bindings.count)
    for result in ran.results {
      let text = Evidence.json(of: result, file: "x").pretty
      for length in 5...secret.count { #expect(!text.contains(secret.prefix(length)), "\(text)") }
      #expect(result.outcome.name != "skipped")
    }
    #expect(ran.outcome("T-1") == .passed)
    #expect(ran.results[0].checks[0].asked == "GET postgres://u:[redacted]@h/x a-[redacted]-b [redacted]")
  }

  @Test func `a name that is not set, or that asks for itself, is told`() {
    var scope = Scope(environment: ["EMPTY": ""])
    scope.set("a", Template(parts: [.reference("b", .beginning)], range: .beginning), secret: false)
    scope.set("b", Template(parts: [.reference("a", .beginning)], range: .beginning), secret: false)
    #expect(throws: UnresolvedReference.self) { try scope.lookup("a") }
    #expect(throws: UnresolvedReference.self) { try scope.lookup("NOWHERE") }
    #expect((try? scope.lookup("EMPTY"))?.json == "")
    #expect(
      scope.preview(Template(parts: [.literal("x "), .reference("NOWHERE", .beginning)], range: .beginning))
        == "x ${NOWHERE}")
  }

  @Test func `base64 there and back, and what is none`() {
    var random = SeededGenerator(seed: 9)
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      for urlSafe in [true, false] {
        for padded in [true, false] {
          #expect(Base64.decode(Base64.encode(bytes, urlSafe: urlSafe, padded: padded)) == bytes)
        }
      }
    }
    for text in ["A", "AA=A", "AA===", "A===", "AAA==", "AA=", "A A", "é", "=="] {
      #expect(Base64.decode(text) == nil, "\(text)")
    }
    #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy" && Base64.encode(Array("fo".utf8)) == "Zm8=")
  }
}
