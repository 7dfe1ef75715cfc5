public import GonogoCore

/// A key of a provider in the tree.
public struct ProviderKey: AuditRule {
  public static let manual = RuleManual(
    id: "provider-key", severity: .critical, family: "environment",
    title: "A key of a provider stands in the repository",
    what: """
      Looks through every text for keys that have the shape of a provider's (AWS, GitHub, GitLab, Stripe, Slack, OpenAI, \
      Anthropic, OpenRouter, Google, SendGrid, npm, PyPI, DigitalOcean, Shopify, Supabase, Telegram and others), for private keys \
      with their content, and for Supabase's service-role tokens. What is too regular to be random, what contains a word for show \
      (example, your, test, 1234567) or is a sentence in base64, what stands beside the pattern of its shape, the published keys of demonstrations, tests, fixtures and other people's code pass; \
      so does what its file, its folder or its own name calls a mock, a sample, a demonstration or a test, and a file that only \
      tests import; so does the beginning of a key with dots or stars for the rest. So does the private key \
      of a certificate for a developers' server: by its path, or by a certificate beside it that is made out to localhost, to a \
      reserved name (example.com, .test) or to development; and a Google key in the configuration of Firebase, which every \
      visitor gets. The key is never shown.
      """,
    why: "whoever has read the repository, or will, can act in the project's name and at its cost",
    mend: "revoke the key with its provider first, then take it out and read it from the environment; history keeps it",
    falsifies: "no secret stands in the repository",
    wordings: [
      "no secrets committed", "secrets are not committed", "no secrets in git", "no secrets in the repository",
      "нет секретов в репозитории", "no API keys in code", "no secrets in code", "no hard-coded secrets",
    ],
    references: ["https://docs.github.com/en/code-security/secret-scanning/introduction/about-secret-scanning"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    struct Key {
      let hit: ProviderKeys.Hit
      var places: [TreePlace] = []
      var isExample = true
      /// Everywhere below a folder, or in a file, that is for developers' machines: the key of a certificate for localhost.
      var isDevelopers = true
    }
    // Whether the certificates of a folder are made out to nobody, looked at once.
    var shown: [Substring: Bool] = [:]
    // A key that stands in sixty files is one key to revoke.
    var keys: [[UInt8]: Key] = [:]
    for file in context.tree.files where file.kind == .regular {
      let purpose = SourcePurpose.of(path: file.path)
      guard purpose != .test, purpose != .vendored, !Self.isLock(file), let text = context.tree.text(file),
        let hits = context.facts(ProviderKeys.self, of: file)
      else { continue }
      if hits.isEmpty || Self.isForShow(file.path) || Self.isOfTests(file, context) { continue }
      let isExample = purpose == .example || Declarations.dotenv(file).isExample
      // What Firebase has apps and pages ship is public.
      let isFirebase =
        file.name.hasPrefix("google-services") || file.name.hasPrefix("GoogleService-Info")
        || DocumentedVariables.contains(text.bytes, "authDomain")
        || DocumentedVariables.contains(text.bytes, "FIREBASE_API_KEY")
      for hit in hits {
        // `@example whsec_…` in a comment of an interface.
        let line = text.line(text.position(of: hit.offset).line)
        let words = String(decoding: line.prefix { $0 < 0x80 }.prefix(60), as: UTF8.self).lowercased()
        if words.contains("example") { continue }
        // `const mockKey = "-----BEGIN …`: what its own name says is for show.
        let name = words.prefix { $0 != "=" && $0 != ":" }
        if name.utf8.count < words.utf8.count, Self.shows.contains(where: name.contains) { continue }
        if file.language == .markdown, Self.isBelowExample(text, hit.offset) { continue }
        if file.language == .rust, Self.isInTests(text.bytes[..<hit.offset]) { continue }
        if isFirebase, hit.what == "a Google API key" { continue }
        // `SG.abc…` and `ghp_abc***`: only its beginning stands here.
        let rest = text.bytes[(hit.offset + hit.length)...].prefix(3)
        if ["...", "***", "…"].contains(where: { rest.elementsEqual($0.utf8) }) { continue }
        let key = Array(text.bytes[hit.offset..<(hit.offset + hit.length)])
        keys[key, default: Key(hit: hit)].places.append(TreePlace(file.path, text.position(of: hit.offset)))
        if !isExample { keys[key]?.isExample = false }
        var isDevelopers = hit.what == "a private key"
        if isDevelopers, !Self.isDevelopers(file.path) {
          let folder = file.path.prefix(file.directory.utf8.count)
          isDevelopers = shown[folder] ?? Self.isShown(file, context)
          shown[folder] = isDevelopers
        }
        if !isDevelopers { keys[key]?.isDevelopers = false }
      }
    }
    var count: [String: Int] = [:]
    for key in keys.values.sorted(by: { $0.places[0] < $1.places[0] }) where !key.isDevelopers {
      let what = key.hit.what
      count[what, default: 0] += 1
      let others = key.places.count - 1
      let more = others == 0 ? "" : ", and in \(others) more place\(others == 1 ? "" : "s")"
      // Of a private key only so much is read as tells it from the words alone.
      let length = what == "a private key" ? "" : " (\(key.hit.length) bytes)"
      let most: FindingSeverity = key.isExample ? .high : .critical
      let reason = key.hit.severity <= most ? key.hit.whyLess : "it stands in an example"
      findings.add(
        "\(what) stands here\(length)\(more)", at: key.places[0],
        subject: "\(what) \(count[what] ?? 1)", severity: min(key.hit.severity, most), because: reason,
        related: key.places.dropFirst().prefix(20).map { .init($0, "the same key") })
    }
  }

  /// Whether the block of a document that a key stands in is called an example: a provider's own documents show such answers.
  private static func isBelowExample(_ text: SourceFile, _ offset: Int) -> Bool {
    let line = text.position(of: offset).line
    let own = String(decoding: text.line(line), as: UTF8.self).lowercased()
    if own.contains("such as") || own.contains("e.g.") { return true }
    return (max(1, line - 8)..<line).contains { number in
      let above = String(decoding: text.line(number), as: UTF8.self).lowercased()
      return above.contains("example") && (above.hasPrefix("#") || above.contains("<") || above.hasSuffix(":"))
    }
  }

  /// Whether a certificate in the same folder, or in the file itself, is made out to nobody: to this machine, to a name that is
  /// reserved for examples (https://www.rfc-editor.org/rfc/rfc2606), or to development.
  private static func isShown(_ file: TreeFile, _ context: AuditContext) -> Bool {
    context.tree.files.lazy.filter { $0.directory == file.directory }.prefix(60).contains { near in
      guard ["pem", "crt", "cert", "cer", "key"].contains(near.fileExtension), let text = context.tree.text(near),
        let begin = ByteSearch.first("-----BEGIN CERTIFICATE-----", in: text.bytes, from: 0)
      else { return false }
      let body = text.bytes[(begin + 27)...].prefix { $0 != 0x2D }.filter { $0 > 0x20 }
      guard let certificate = Base64.decode(String(decoding: body, as: UTF8.self)) else { return false }
      return ["localhost", "example.com", "example.org", ".test", ".local", ".localdomain", "Development", "snakeoil"]
        .contains { DocumentedVariables.contains(certificate, $0) }
    }
  }

  private static let shows = ["mock", "dummy", "fake", "fixture", "stub"]

  /// Whether the file's name, or a folder of its path, says that what it holds is made up: `mock.ts`, `sample-data/`.
  /// Whether a module of Rust's for tests is open at the end of a text: a block at the margin closes there.
  private static func isInTests(_ before: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: before, as: UTF8.self)
    guard let rest = text.split(separator: "#[cfg(test)]", omittingEmptySubsequences: false).dropFirst().last,
      let open = rest.firstIndex(of: "{")
    else { return false }
    return !rest[..<open].contains(";") && !rest.contains("\n}")
  }

  private static func isForShow(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.indices.contains { index in
      // `.env.example` is what people paste their own keys into.
      if index == parts.count - 1, parts[index].hasPrefix(".env") { return false }
      var words: [String] = [""]
      for character in parts[index] {
        if !character.isLetter {
          words.append("")
        } else {
          if character.isUppercase, words.last?.last?.isUppercase != true, words.last?.isEmpty == false {
            words.append("")
          }
          words[words.count - 1].append(character)
        }
      }
      // A folder of examples is judged by the weight: people run them with keys of their own, and commit those.
      let isFolder = index < parts.count - 1
      return words.contains {
        madeUp.contains($0.lowercased()) && !(isFolder && $0.lowercased().hasPrefix("example"))
      }
    }
  }

  private static let madeUp: Set<String> = [
    "mock", "mocks", "mocked", "fixture", "fixtures", "sample", "samples", "demo", "demos", "test", "tests", "testing",
    "testdata", "example", "examples", "dummy", "fake", "fakes", "stub", "stubs",
  ]

  /// Whether only tests import a file of JavaScript or TypeScript: at least one does, and nothing else.
  private static func isOfTests(_ file: TreeFile, _ context: AuditContext) -> Bool {
    guard file.language == .javascript || file.language == .typescript else { return false }
    let stem = file.name.prefix { $0 != "." }
    guard stem != "index", !stem.isEmpty else { return false }
    let ends = ["'", "\"", ".js'", ".js\"", ".ts'", ".ts\""].map { "/\(stem)\($0)" }
    var isImported = false
    for other in context.tree.files
    where other.kind == .regular && other.path != file.path
      && [.javascript, .typescript, .vue, .svelte].contains(other.language)
    {
      guard let bytes = context.tree.text(other)?.bytes,
        ends.contains(where: { ByteSearch.contains($0, in: bytes) })
      else { continue }
      guard SourcePurpose.of(path: other.path) == .test else { return false }
      isImported = true
    }
    return isImported
  }

  private static func isDevelopers(_ path: String) -> Bool {
    path.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }).contains {
      ["dev", "development", "devserver", "localhost", "local", "ci", "selfsigned", "snakeoil"].contains($0)
    }
  }

  private static func isLock(_ file: TreeFile) -> Bool {
    let name = file.name.lowercased()
    return name.hasSuffix("lock.json") || name.hasSuffix("lock.yaml") || name.hasSuffix(".lock") || name == "go.sum"
      || name.hasSuffix(".svg") || name.hasSuffix(".map")
  }

  // Keys of these samples are put together here, lest a scanner takes them for real.
  private static let body = "Q7vR2mK9xT4bW8nZ3cL6pH1jD5gF0sYaUeXo"

  public static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:1:14", "notes.md:1:8", "deploy/key.pem:1:1",
      in: [
        "src/a.ts": "const key = 'sk_" + "live_\(body)'\n",
        "notes.md": "token: ghp" + "_\(body)\n",
        "other.md": "again: ghp" + "_\(body)\n",
        "deploy/key.pem": "-----BEGIN "
          + "PRIVATE KEY-----\n\(body)\(body.reversed().map(String.init).joined())\n\(body)kB+w/\n"
          + "-----END PRIVATE KEY-----\n",
      ], "a payment key, a token in a note, a private key"),
    .silent(
      "a module of tests",
      [
        "src/sign.rs":
          "pub fn sign() {}\n\n#[cfg(test)]\nmod tests {\n    const KEY: &str = \"sk_" + "live_\(body)\";\n}\n"
      ]),
    .finds(
      "src/sign.rs:4:20",
      in: [
        "src/sign.rs":
          "#[cfg(test)]\nmod tests;\n\nconst KEY: &str = \"sk_" + "live_\(body)\";\n"
      ], "behind a module of tests that stands elsewhere"),
    .silent(
      "shapes for show, tests, names that only begin so",
      [
        "src/a.ts": """
        const a = 'sk_live_...'
        const b = 'sk_live_your_key_here_0000000000'
        const c = process.env.SK_LIVE
        const d = 'AKIAIOSFODNN7EXAMPLE'
        const e = '-----BEGIN PRIVATE KEY-----'
        const f = task_live_abcdefghijklmnopqrstuvwxyz
        """,
        "docs/hooks.md": "Copy the secret, such as `whsec" + "_\(body.prefix(32))`.\n",
        "docs/api.md": "<ResponseExample>\n```json\n{\n  \"token\": \"re" + "_\(body.prefix(33))\"\n}\n```\n",
        "compose.yml": "# HOOK_SECRETS: v1,whsec"
          + "_\(Base64.encode(Array("Only a sentence, and no key of 9".utf8), padded: false))\n",
        "docs/state.md": "- the hook: `ghp" + "_\(body)...` (set)\n",
        "src/patterns.rs": "(\"a token\", \"ghp_[a-zA-Z0-9]{36}\",\n  Example(\"ghp" + "_\(body)\")),\n",
        "scripts/test-environments/sign-on.yml": "key: 'sk_" + "live_\(body)'\n",
        "tests/a.ts": "const key = 'sk_" + "live_\(body)'\n",
        "src/pay/mock.ts": "export const key = 'sk_" + "live_\(body)'\n",
        "src/sampleData/a.ts": "const key = 'sk_"
          + "live_\(body)'\n", "src/pay/fill.ts": "export const key = 'sk_" + "live_\(body)'\n",
        "src/pay/index.test.ts": "import { key } from './fill'\n",
        "src/pay/b.ts": "const fakeKey = 'sk_" + "live_\(body)'\n",
        ".env.example": "STRIPE=sk_test_xxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
      ]),
  ]
}
