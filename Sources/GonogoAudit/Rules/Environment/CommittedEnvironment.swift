public import GonogoCore

/// A `.env` in the repository that holds real secrets.
public struct CommittedEnvironment: AuditRule {
  public static let manual = RuleManual(
    id: "committed-dotenv", severity: .high, family: "environment",
    title: "A .env with secrets stands in the repository",
    what: """
      Looks at dotenv files that git keeps, or does not ignore, and that are not to be filled in (`.env.example` and its like) for \
      variables that are secrets by their name and have a value that looks as if a generator made it. Words for show, the keys \
      of local demonstrations, and files for tests, demonstrations and development pass; so does what Symfony's recipes write into the \
      `.env` of defaults that the framework has its users commit (APP_SECRET, JWT_PASSPHRASE). Values are never shown.
      """,
    why: "everybody who can read the repository has the secrets, and history keeps them",
    mend:
      "change the secrets, `git rm --cached` the file, name it in .gitignore, and commit a .env.example without values",
    falsifies: "no secret stands in the repository",
    wordings: [
      "no secrets committed", "secrets are not committed", "no secrets in git", "no secrets in the repository",
      "нет секретов в репозитории", "no .env file is committed",
    ])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    var byFile: [String: [EnvironmentDeclaration]] = [:]
    for variable in context.facts(EnvironmentVariables.self).variables where SecretNames.isSecret(variable.name) {
      // What everybody's browser gets is no secret, whatever its name says.
      if EnvironmentNames.publicPrefixes.contains(where: { variable.name.hasPrefix($0) }) { continue }
      for declaration in variable.declarations
      where declaration.kind == .dotenv && !declaration.isComment {
        guard let file = context.tree[declaration.place.path], !Declarations.isForDevelopment(file),
          ![.test, .example].contains(SourcePurpose.of(path: file.path)), !Self.isOfDevelopers(file),
          let value = declaration.value,
          SecretNames.isRandom(value), !Self.isEncrypted(value), !Self.isDemonstration(value), !Self.isSpelt(value),
          !Self.isFrameworks(variable.name, file, context)
        else { continue }
        byFile[file.path, default: []].append(declaration)
      }
    }
    for path in byFile.keys.sorted() {
      let secrets = (byFile[path] ?? []).sorted { $0.place < $1.place }
      guard let first = secrets.first else { continue }
      findings.add(
        "the file has the values of \(Listing.of(secrets.map(\.name)))", at: first.place, subject: path,
        related: secrets.dropFirst().prefix(20).map { .init($0.place, "\($0.name) has its value here") })
    }
  }

  /// What SOPS or dotenvx has encrypted is meant to be committed (https://getsops.io/docs, https://dotenvx.com/docs).
  private static func isEncrypted(_ value: String) -> Bool {
    value.hasPrefix("ENC[") || value.hasPrefix("encrypted:")
  }

  /// Whether its folder is that of developers' own machines, or of something to try: `deployments/local/docker.env`.
  private static func isOfDevelopers(_ file: TreeFile) -> Bool {
    file.directory.lowercased().split(whereSeparator: { "/-_.".contains($0) }).contains {
      ["local", "localhost", "dev", "development", "demo", "sandbox", "playground", "mock", "mocks"].contains($0)
    }
  }

  /// Words with figures for letters: `ch4n63m3` says to change it.
  private static func isSpelt(_ value: String) -> Bool {
    let letters: [Character: Character] = [
      "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "@": "a", "$": "s",
    ]
    let plain = String(value.lowercased().map { letters[$0] ?? $0 }.filter { $0 != "-" && $0 != "_" })
    return ["changeme", "changethis", "placeholder", "replaceme", "notsecret"].contains { plain.contains($0) }
  }

  /// Symfony's `.env` is committed, and holds defaults that `.env.local` and the real environment override
  /// (https://symfony.com/doc/current/configuration.html#overriding-environment-values-via-env-local).
  private static func isFrameworks(_ name: String, _ file: TreeFile, _ context: AuditContext) -> Bool {
    guard file.name == ".env", ["APP_SECRET", "JWT_PASSPHRASE"].contains(name) else { return false }
    let folder = file.directory.isEmpty ? "" : file.directory + "/"
    if context.tree[folder + "symfony.lock"] != nil { return true }
    return context.tree.text(at: folder + "composer.json").map {
      ByteSearch.contains("symfony/framework-bundle", in: $0.bytes)
    } ?? false
  }

  /// The keys that Supabase prints for every local project.
  static func isDemonstration(_ value: String) -> Bool {
    let parts = value.split(separator: ".")
    guard parts.count == 3, let payload = Base64.decode(String(parts[1])), let json = try? JSON.parse(payload) else {
      return false
    }
    return json["iss"]?.stringValue == "supabase-demo" || json["role"]?.stringValue == "anon"
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".env:2:1",
      in: [".env": "PORT=80\nJWT_SECRET=q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\nAPI_TOKEN=aB3dE6gH9jK2mN5pQ8sT\n"],
      "two secrets in a .env"),
    .silent(
      "to be filled in, words, switches, tests",
      [
        ".env": "JWT_SECRET=changethis\nDB_PASSWORD=postgres\nAPI_TOKEN=\nACCESS_TOKEN_TTL=15m\n",
        ".env.example": "JWT_SECRET=q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\n",
        ".env.test": "JWT_SECRET=q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\n",
        "config.sops.env": "JWT_SECRET=ENC[AES256_GCM,data:q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa,type:str]\n",
        "mail/.env": "JWT_SECRET=\"encrypted:BDq7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\"\n",
        "shop/.env": "JWT_SECRET=ch4n63m3q7VR2mK9xT4bW8\n",
        "api/.env": "APP_SECRET=q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\n",
        "api/composer.json": "{\"require\": {\"symfony/framework-bundle\": \"7.0\"}}\n",
        "deployments/local/docker.env": "JWT_SECRET=q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\n",
        "web/.env": "NEXT_PUBLIC_MAPS_API_KEY=q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa\n",
      ]),
  ]
}

/// Names in a message.
enum Listing {
  /// "A, B and C"; "A, B, C, D and 7 more".
  static func of(_ names: [String], limit: Int = 6) -> String {
    if names.count > limit { return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more" }
    if names.count < 2 { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }
}
