import GonogoCore

/// What a go-live asks of a repository like this one. A section is here where the repository has something of its kind.
enum FirstSections {
  static func all(_ facts: RepositoryFacts, _ findings: [Finding], _ rules: [RuleManual]) -> [FirstSection] {
    [
      files(facts), environment(facts), database(facts), services(facts), web(facts), tests(facts),
      audit(findings, rules), operations(facts), words(facts),
    ].filter { !$0.lines.isEmpty }
  }

  // MARK: Files

  /// By manifest the lock files of its package managers.
  private static let locks: [(manifest: String, locks: [String])] = [
    (
      "package.json",
      ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"]
    ),
    ("pyproject.toml", ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"]),
    ("go.mod", ["go.sum"]), ("Cargo.toml", ["Cargo.lock"]), ("Package.swift", ["Package.resolved"]),
    ("Gemfile", ["Gemfile.lock"]), ("composer.json", ["composer.lock"]), ("mix.exs", ["mix.lock"]),
    ("deno.json", ["deno.lock"]), ("Pipfile", ["Pipfile.lock"]),
  ]

  /// Files of variables to be filled in, as pathspecs that Git leaves out. A key is one whatever its name says.
  private static let examples =
    (["example", "sample", "template", "defaults"].flatMap { ["*.env*\($0)*", "*\($0)*.env"] } + [
      "*.env[._-]dist", "*.env.*[._-]dist", "dist.env",
    ]).map { "\":(glob,exclude,icase)**/\($0)\"" }.joined(separator: ", ")

  private static func files(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "Repository", prefix: "REPO")
    if facts.isGit {
      section.lines.append(
        FirstLine(
          "No `.env` file is committed but those to be filled in, and no private key",
          """
          command:
            run: [git, ls-files, "--", ":(glob)**/.env", ":(glob)**/.env.*", ":(glob)**/*.env", ":(glob)**/*.pem", ":(glob)**/id_rsa", ":(glob)**/id_ed25519", \(examples)]
          expect: { exit: 0, lines: { length: 0 } }
          mend: "`git rm --cached` takes a file out; what was in it is to be renewed, for it stays in the history"
          """))
    }
    section.lines.append(
      FirstLine(
        "No key with a provider's shape stands in the files",
        """
        files:
          path: ["**/*"]
          exclude: [node_modules, .venv, venv, vendor, .build, dist, ".env", ".env.local", ".env.*.local", "*.lock", "*-lock.*"]
          no_match:
            - '/\\bAKIA(?![0-9A-Z]*EXAMPLE\\b)[0-9A-Z]{16}\\b/'
            - '/\\b(sk|rk)_live_[0-9A-Za-z]{16,}/'
            - '/\\bgh[pousr]_[0-9A-Za-z]{36}/'
            - '/\\bxox[abprs]-[0-9A-Za-z-]{20,}/'
            - '/-----BEGIN [A-Z ]*PRIVATE KEY-----$/'
          secret: true
        timeout: 1m
        mend: renew the key, and give it to the program as a variable
        """))
    for (manifest, names) in locks {
      for path in facts.files.sorted() where last(path) == manifest && !RepositoryReader.isElsewhere(path) {
        let folder = String(path.dropLast(manifest.count))
        let here = names.map { folder + $0 }.filter(facts.files.contains)
        // A workspace's lock file stands at its root.
        if here.isEmpty, !folder.isEmpty, names.contains(where: facts.files.contains) { continue }
        // Without a package that it needs, Go and Swift write no lock file.
        if here.isEmpty, ["go.mod", "Package.swift"].contains(manifest) { continue }
        let lock = here.first
        section.lines.append(
          FirstLine(
            "What `\(path)` depends on is pinned by a lock file",
            """
            files: \(lock.map(YAMLText.scalar) ?? YAMLText.list(names.map { folder + $0 }))
            expect: { exists: true }
            jq: '[.files[] | select(.size > 0)] | length >= 1'
            mend: let the package manager write it, and commit it
            """))
        if section.lines.count > 12 { return section }
      }
    }
    return section
  }

  private static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  // MARK: Environment

  private static let secretName = Phrase(#"SECRET|PASSWORD|TOKEN|(^|_)KEY$|SALT"#, ignoringCase: false)
  private static let publicName = Phrase(#"PUBLIC|PUBLISHABLE|_KEY_ID$|ANON_KEY"#, ignoringCase: false)

  private static func environment(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "Environment", prefix: "ENV")
    let examples = Set(facts.contract.compactMap(\.example)).sorted()
    let groups = examples.map { example in (example, facts.contract.filter { $0.example == example }) }
    let rest = facts.contract.filter { $0.example == nil }
    for (example, variables) in groups {
      section.lines.append(
        FirstLine(
          "Every variable of `\(example)` that the deployment has to give has a value", contract(variables, facts)))
    }
    if !rest.isEmpty {
      section.lines.append(
        FirstLine(
          examples.isEmpty
            ? rest.contains { !$0.isRequired }
              ? "Every variable that the code reads without a default has a value"
              : "Every variable that the code cannot start without has a value"
            : "So has what the code cannot start without, and no example file names", contract(rest, facts)))
    }
    if !section.lines.isEmpty {
      section.lead =
        "Read from the environment of the process that checks. `from: .env.production` under `env:` reads a file instead, and "
        + "`from: { compose: FILE, service: NAME }` what Compose gives to a service. What may be missing is `optional`."
    }
    return section
  }

  private static func contract(_ variables: [RepositoryFacts.Variable], _ facts: RepositoryFacts) -> String {
    let rules = variables.map { "    \($0.name): \(rule($0, facts))" }
    return "env:\n  variables:\n" + rules.joined(separator: "\n")
  }

  private static func rule(_ variable: RepositoryFacts.Variable, _ facts: RepositoryFacts) -> String {
    var rules = variable.isOptional ? ["required: false"] : []
    if variable.name == "DATABASE_URL", !facts.schemas.isEmpty {
      rules.append("schemes: [postgres, postgresql]")
    } else if variable.name == "REDIS_URL" {
      rules.append("schemes: [redis, rediss]")
    } else if secretName.isFound(in: variable.name), !publicName.isFound(in: variable.name) {
      rules.append("secret: true")
    }
    if rules.isEmpty { return "required" }
    return rules == ["required: false"] ? "optional" : "{ \(rules.joined(separator: ", ")) }"
  }

  // MARK: Database

  private static func database(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "Database", prefix: "DB")
    for schema in facts.schemas.prefix(6) {
      let place = schema.directory.isEmpty ? "." : schema.directory
      switch schema.form {
      case .alembic:
        section.lines.append(
          FirstLine(
            "Every migration of `\(place)` applies to an empty database, up to Alembic's head",
            "shadow: { alembic: \(YAMLText.scalar(place)) }\ntimeout: 5m"))
      case .sql:
        section.lines.append(
          FirstLine(
            "Every migration in `\(place)` applies to an empty database",
            """
            shadow: \(YAMLText.scalar(place))
            timeout: 2m
            mend: correct the file and line that are named; what was applied elsewhere needs a new file
            """))
        section.lines.append(
          FirstLine(
            "No two migrations in `\(place)` have the same version",
            """
            shadow: \(YAMLText.scalar(place))
            expect: { duplicates: { length: 0 }, failed: { type: array } }
            timeout: 2m
            """))
        if schema.hasPolicies {
          section.lines.append(
            FirstLine(
              "No tenant reaches another's rows, in a scratch database made from `\(place)`",
              "isolation: { shadow: \(YAMLText.scalar(place)) }\ntimeout: 3m"))
        }
        section.lines.append(
          FirstLine(
            "The database that goes live has every migration of `\(place)`",
            "postgres:\n  migrations: { folder: \(YAMLText.scalar(place)) }"))
      }
    }
    return section
  }

  // MARK: Services

  private static let platforms: Set<String> = [
    "vercel", "netlify", "railway", "koyeb", "fly", "render", "app engine", "procfile", "heroku", "cloudflare",
  ]

  private static func services(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "Services", prefix: "SVC")
    let compose = facts.deployed.filter { $0.kind == "compose" }
    for path in Set(compose.map(\.path)).sorted() where !development.isFound(in: path) {
      let names = compose.filter { $0.path == path }.map(\.name)
      section.lines.append(
        FirstLine(
          "`\(path)` is read as YAML and has the services that go live: \(names.joined(separator: ", "))",
          """
          files: { path: \(YAMLText.scalar(path)), yaml: { services: services } }
          expect: { values.services: { includes: \(YAMLText.list(names)) } }
          """))
    }
    for path in Set(facts.deployed.filter { $0.kind == "kubernetes" }.map(\.path)).sorted().prefix(8)
    where !development.isFound(in: path) {
      var names: [String] = []
      for service in facts.deployed where service.kind == "kubernetes" && service.path == path {
        // Two workloads of one file may have one name.
        if !service.isNamedByRendering, !names.contains(service.name) { names.append(service.name) }
      }
      // What a chart names when it is rendered stands nowhere in the file; the chart has a line of its own.
      if names.isEmpty { continue }
      // In a block, or within the braces of `metadata: { name: relay }` and of JSON.
      let blocks = names.map { name in
        """
        files:
          path: \(YAMLText.scalar(path))
          matches: '/^(\\s*|[^#]*\\bmetadata["'']?\\s*:\\s*\\{([^#]*,)?\\s*)["'']?name["'']?\\s*:\\s*["'']?\(YAMLText.escapedForPattern(name))["'']?\\s*([,}]|\\s#|$)/'
        """
      }
      section.lines.append(
        FirstLine("`\(path)` has the workloads that go live: \(names.joined(separator: ", "))", blocks: blocks))
    }
    for path in Set(facts.deployed.filter { $0.kind == "helm chart" }.map(\.path)).sorted().prefix(4)
    where !development.isFound(in: path) {
      let folder = String(path.dropLast(last(path).count))
      section.lines.append(
        FirstLine(
          "The chart that goes live has a name, a version and templates: `\(path)`",
          blocks: [
            """
            files: { path: \(YAMLText.scalar(path)), yaml: { name: name, version: version } }
            expect: { values.name: { type: string }, values.version: { type: string } }
            """,
            "files: \(YAMLText.quoted(folder + "templates/**"))\nexpect: { count: \">= 1\" }",
          ]))
    }
    let files = Set(facts.deployed.filter { platforms.contains($0.kind) || $0.kind == "dockerfile" }.map(\.path))
      .sorted()
    for path in files.prefix(8) where !development.isFound(in: path) {
      section.lines.append(
        FirstLine(
          "What it is deployed by is there: `\(path)`", "files: { path: \(YAMLText.scalar(path)), size: \">= 1\" }"))
    }
    return section
  }

  private static let development = Phrase(
    #"(^|[/._-])(dev|local|test|tests|ci|e2e|devcontainer|development|example|override|playwright)([/._-]|$)"#)

  // MARK: What it answers

  private static func serves(_ facts: RepositoryFacts) -> Bool {
    !facts.endpoints.isEmpty || !facts.health.isEmpty
      || facts.deployed.contains { platforms.contains($0.kind) || $0.kind == "supabase" }
  }

  private static func web(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "What it answers", prefix: "WEB")
    if !serves(facts) { return section }
    for path in facts.health {
      section.lines.append(
        FirstLine(
          "`GET \(path)` answers that it lives", "http: { GET: \"${app}\(path)\" }\nexpect: { status: 200 }"))
    }
    if facts.health.isEmpty {
      section.lines.append(FirstLine("The front page answers", "http: { GET: \"${app}/\" }\nexpect: { status: 200 }"))
    }
    section.lines.append(
      FirstLine(
        "The certificate is good, and for two weeks more",
        "tls: \"${domain}:443\"\nexpect: { verified: true, chain_days_left: \">= 14\" }"))
    section.lines.append(
      FirstLine(
        "Whoever comes without encryption is sent to HTTPS",
        """
        http: { GET: "http://${domain}/", follow: false }
        expect: { status: { one_of: [301, 302, 307, 308] }, headers.location: { starts_with: "https://" } }
        """))
    section.lines.append(
      FirstLine(
        "Answers carry the headers that browsers heed: HSTS, nosniff, a referrer policy",
        """
        http: { GET: "${app}/" }
        expect:
          headers.strict-transport-security: { matches: '/max-age=[1-9]/' }
          headers.x-content-type-options: nosniff
          headers.referrer-policy: exists
        no_control: the answer is asked for its headers, whatever it says
        """))
    return section
  }

  // MARK: Tests

  private static func tests(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "Tests", prefix: "TEST")
    for path in facts.reports.prefix(6) {
      let scan = path.hasSuffix(".sarif")
      section.lines.append(
        FirstLine(
          scan ? "The scanner's report has no error: `\(path)`" : "The tests ran, and none failed: `\(path)`",
          "results: { path: \(YAMLText.scalar(path)), max_age: \(scan ? "30d" : "7d") }"))
    }
    if facts.reports.isEmpty,
      facts.files.contains(where: { $0.hasPrefix(".github/workflows/") || $0 == ".gitlab-ci.yml" })
    {
      section.lines.append(
        FirstLine("The workflows are green at the commit that goes live", "attest: engineering"))
      section.lead =
        "No workflow says into which file its results go. Where one does (`--junitxml=report.xml`, …), `results: report.xml` reads them."
    }
    return section
  }

  // MARK: Findings of the audit

  private static func audit(_ findings: [Finding], _ rules: [RuleManual]) -> FirstSection {
    var section = FirstSection(title: "Audit", prefix: "AUDIT")
    section.lead =
      "`gonogo audit` lists what these lines find, each with its place; `gonogo explain RULE` tells of a rule."
    section.lines.append(
      FirstLine(
        "The audit finds nothing of high weight",
        "command: gonogo audit . --severity high\nexpect: { exit: 0 }\ntimeout: 5m\nmend: \"`gonogo audit` lists what it found; mend it, or excuse it with a reason and an expiry\""
      ))
    // Rules that make the same line false share it.
    var claims: [(text: String, rules: [RuleManual], severity: FindingSeverity)] = []
    for rule in rules {
      guard let worst = findings.filter({ $0.rule == rule.id }).map(\.severity).max(), worst >= .medium else {
        continue
      }
      if let index = claims.firstIndex(where: { $0.text == rule.falsifies }) {
        claims[index].rules.append(rule)
        claims[index].severity = max(claims[index].severity, worst)
      } else {
        claims.append((rule.falsifies, [rule], worst))
      }
    }
    for claim in claims {
      let text = claim.text.prefix(1).uppercased() + claim.text.dropFirst()
      section.lines.append(
        FirstLine(
          text,
          """
          command: gonogo audit . --only \(claim.rules.map(\.id).joined(separator: ",")) --severity medium --fail-on medium
          expect: { exit: 0 }
          timeout: 5m\(claim.severity >= .high ? "" : "\nseverity: advisory")
          mend: \(YAMLText.quoted(claim.rules[0].mend))
          """))
    }
    return section
  }

  // MARK: What a person knows

  private static func operations(_ facts: RepositoryFacts) -> FirstSection {
    var section = FirstSection(title: "Operations", prefix: "OPS")
    section.lead = "Nobody but a person knows these. Where a probe can, put its block in the place of `attest:`."
    if !facts.schemas.isEmpty || facts.systems?.contains("postgres") == true || !facts.tables.isEmpty {
      section.lines.append(
        FirstLine("A backup was restored lately, and how long that took is written down", "attest: operations"))
    }
    section.lines.append(
      FirstLine(
        "The way back was walked: the release before was deployed again, with the database as it is now",
        "attest: operations"))
    section.lines.append(FirstLine("An alert that was set off on purpose reached a person", "attest: operations"))
    section.lines.append(FirstLine("Somebody is on call on the day, and knows whom to ask", "attest: operations"))
    return section
  }

  private static func words(_ facts: RepositoryFacts) -> FirstSection {
    FirstSection(
      title: "Sign-off", prefix: "SIGN", lead: nil,
      lines: [
        FirstLine("Engineering says go", "attest: engineering"), FirstLine("Security says go", "attest: security"),
        FirstLine("The product's owner says go", "attest: product owner"),
      ])
  }
}
