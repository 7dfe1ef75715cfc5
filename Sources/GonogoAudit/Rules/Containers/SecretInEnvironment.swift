public import GonogoCore

/// A secret that is written into a file that is committed.
public struct SecretInEnvironment: AuditRule {
  public static let manual = RuleManual(
    id: "container-secret-in-environment", severity: .high, family: "containers",
    title: "A secret is written into a deployment file",
    what: """
      Looks at `environment` of Compose services, at `env` of Kubernetes containers and at ENV and ARG of Dockerfiles for names \
      that end like a secret's (PASSWORD, SECRET, TOKEN, API_KEY, PRIVATE_KEY …) with a value that stands there, as a literal or \
      as the default of a variable. Values that come from outside, paths (`_FILE`), names, lifetimes and other settings, and \
      files for development pass. The value is never shown.
      """,
    why:
      "everybody who can read the repository has it, and an installation that forgets to set it runs with a known one",
    mend:
      "write `${NAME:?}`, which refuses to start without it, or use `secrets:`; then change the secret, since it is known",
    falsifies: "no secret stands in the repository",
    wordings: ["no secrets in compose", "no secrets in the repository", "нет секретов в репозитории"],
    references: ["https://docs.docker.com/compose/how-tos/use-secrets/"])

  private static let endings = [
    "PASSWORD", "PASSWD", "PASS", "SECRET", "TOKEN", "API_KEY", "APIKEY", "SECRET_KEY", "PRIVATE_KEY",
    "SECRET_ACCESS_KEY",
    "ENCRYPTION_KEY", "SIGNING_KEY", "JWT_KEY", "AUTH_KEY", "SECRET_KEY_BASE", "MASTER_KEY",
  ]
  private static let settings = ["PUBLIC", "PUBLISHABLE", "ANON_KEY", "NEXT_PUBLIC_", "VITE_", "ALLOW_EMPTY", "HEADER"]

  public init() {}

  /// Whether a variable of this name holds a secret.
  static func isSecret(_ name: String) -> Bool {
    let upper = name.uppercased()
    if settings.contains(where: { upper.contains($0) }) { return false }
    return endings.contains { upper == $0 || upper.hasSuffix("_\($0)") }
  }

  /// Whether a value is one, rather than a place, a switch or an open question.
  static func isValue(_ text: String) -> Bool {
    let text = text.trimmed
    if text.isEmpty || text.hasPrefix("/run/") || text.hasPrefix("/") && text.contains("secret") { return false }
    if ["true", "false", "yes", "no", "null", "none", "0", "1"].contains(text.lowercased()) { return false }
    // `<your key>`, `{{ key }}`, `your-key-here`, `xxx`: somebody has still to fill it in.
    if text.hasPrefix("<") || text.hasPrefix("{{") || text.hasPrefix("$(") { return false }
    // `_admin_password_`, `%PASSWORD%`, `@secret@`: what a script that installs puts its own in for.
    if let first = text.first, first == text.last, "_%@#!".contains(first), text.count > 2 { return false }
    // `GOOGLE_API_KEY_VAL`: a name that a later step replaces.
    if text.contains("_"), text.allSatisfy({ $0.isUppercase || $0.isNumber || $0 == "_" }) { return false }
    return !text.lowercased().hasPrefix("your") && text.contains { !"xX*.-_".contains($0) }
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    // What several services take in by an anchor stands in one place, and is one fault.
    var told: Set<TreePlace> = []
    for container in context.deployedContainers() {
      for variable in container.environment where Self.isSecret(variable.name) {
        guard let text = variable.text, let value = Interpolation.resolve(text), Self.isValue(value),
          told.insert(variable.place).inserted
        else { continue }
        let how = text.contains("$") ? "falls back to a value that stands here" : "has its value written here"
        findings.add(
          "\(variable.name) of '\(container.owner)' \(how)", at: variable.place,
          subject: "\(container.owner) \(variable.name)", mend: Self.mend(in: container))
      }
    }
    for dockerfile in context.facts(Dockerfiles.self) where dockerfile.purpose != .development {
      // What an earlier stage sets does not reach the image.
      for stage in dockerfile.lineage {
        for instruction in stage.instructions where instruction.name == "ENV" {
          for word in instruction.text.split(separator: " ") {
            guard let equals = word.firstIndex(of: "=") else { continue }
            let name = String(word[..<equals])
            let value = word[word.index(after: equals)...].filter { $0 != "\"" && $0 != "'" }
            guard Self.isSecret(name), !value.contains("$"), Self.isValue(value), !Self.isPlaceholder(value) else {
              continue
            }
            findings.add(
              "\(name) has its value written into the image", at: dockerfile.place(instruction), subject: name,
              mend: "give it to the container when it is started; then change the secret, since it is known")
          }
        }
      }
    }
  }

  /// Compose and Kubernetes have ways of their own to give a secret from outside.
  private static func mend(in container: DeployedContainer) -> String? {
    guard case .kubernetes = container.source else { return nil }
    return
      "take the value from a Secret with `valueFrom: { secretKeyRef: … }`; then change the secret, since it is known"
  }

  /// A build that only wants the variable to be there.
  private static func isPlaceholder(_ text: String) -> Bool {
    let lower = text.lowercased()
    return ["dummy", "placeholder", "build", "fake", "test", "changeme", "example"].contains { lower.contains($0) }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "deploy/compose.yml:5:7", "deploy/compose.yml:6:7", "deploy/compose.yml:10:9", "k8s/x.yaml:7:39",
      "Dockerfile:2:1",
      in: [
        "deploy/compose.yml": """
        services:
          api:
            image: acme/api:1.0
            environment:
              JWT_SECRET: sample-only
              DB_PASSWORD: ${DB_PASSWORD:-sample}
          db:
            image: postgres:16
            environment:
              - POSTGRES_PASSWORD=sample
        """,
        "k8s/x.yaml": """
        apiVersion: v1
        kind: Pod
        spec:
          containers:
            - image: acme/x:1.0
              env:
                - { name: ADMIN_TOKEN, value: sample }
        """,
        "Dockerfile": "FROM node:22\nENV SESSION_SECRET=sample\nCMD [\"node\"]\n",
      ], "a literal, a fallback, a list, a container, an image"),
    .silent(
      "what a script puts in, a file that calls itself a sample, a dummy's image",
      [
        "setup/cloud/compose.prod.yml":
          "services:\n  app:\n    image: acme/app:1\n    environment:\n      ADMIN_PASSWORD: _admin_password_\n",
        "compose.yml":
          "# A sample file to run the product with PostgreSQL\nservices:\n  app:\n    image: acme/app:1\n    restart: always\n    ports: ['443:443']\n    environment:\n      DB_PASSWORD: s3cretly-known\n",
        "docker/dummy/webdav/Dockerfile": "FROM golang:1.24\nENV WEBDAV_PASSWORD=s3cretly\nCMD [\"webdav\"]\n",
      ]),
    .silent(
      "from outside, paths, settings, placeholders, developers",
      [
        "deploy/compose.yml": """
        services:
          api:
            image: acme/api:1.0
            environment:
              JWT_SECRET: ${JWT_SECRET}
              DB_PASSWORD: ${DB_PASSWORD:?set it}
              POSTGRES_PASSWORD_FILE: /run/secrets/db
              API_TOKEN:
              ACCESS_TOKEN_TTL: 15m
              NEXT_PUBLIC_API_KEY: pk_sample
              STRIPE_PUBLISHABLE_KEY: sample
              SMTP_PASSWORD: ""
              RESET_TOKEN: <your token>
              KEY_PASSWORD: ${KEY_PASSWORD:-}
              AWS_ACCESS_KEY: sample
              MAPS_API_KEY: MAPS_API_KEY_VALUE
        """,
        "docker-compose.test.yml":
          "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: test\n",
        "k8s/x.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: a/x:1\n      env:\n        - name: ADMIN_TOKEN\n          valueFrom: { secretKeyRef: { name: a, key: b } }\n",
        "Dockerfile":
          "FROM node:22 AS build\nENV AUTH_SECRET=build-only\nFROM node:22\nENV NODE_ENV=production\nCMD [\"node\"]\n",
      ]),
  ]
}
