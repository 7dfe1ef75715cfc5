/// Programs that must be on the machine.
enum Installed {
  static let recogniser = Recogniser(
    "installed", probes: ["command"],
    manual: """
      "Docker and Docker Compose installed", "PHP 8.2+ installed", "Node.js 20 or later": each program that the line names tells its version, and where the
      line asks for one it is that or a later; "Fail2ban active": its unit is. "Nginx or Apache": one of them. Extensions of PHP, named or listed under an item
      about them, are among `php -m`. All on the machine where the check runs. Only programs whose way of telling is known are taken.
      """, presence: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Docker и Docker Compose установлены",
        #"""
        command: docker --version
        expect: { exit: 0 }
        """#,
        #"""
        command: docker compose version
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Fail2ban is active",
        #"""
        command: systemctl is-active fail2ban
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] PHP 8.2+ installed",
        #"""
        command: php --version
        jq: '[(.stdout + .stderr) | match("[0-9]+([.][0-9]+)+").string | split(".")[] | tonumber] >= [8, 2]'
        """#),
      Recogniser.Sample(
        "- [ ] Web server installed (Nginx or Apache)",
        #"""
        command: { shell: "nginx -v || apache2 -v" }
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Required PHP extensions enabled:\n  - [ ] Mbstring",
        #"""
        command: php -m
        jq: '[.lines[] | ascii_downcase] | any(.[]; . == "mbstring")'
        """#),
    ],
    lookalikes: [
      "- [ ] Docker images updated", "- [ ] Analytics installed", "- [ ] Install the app on a phone",
      "- [ ] Docker is not installed", "- [ ] PHP extensions reviewed", "- [ ] Redis cache enabled",
    ]
  ) { line, _ in
    // What a manifest demands is not what this machine has.
    guard line.isItem, !line.says(manifest) else { return nil }
    if let name = line.parents.last, extensions.isFound(in: name), word.isFound(in: line.text) {
      return Draft(
        "command: php -m\njq: '[.lines[] | ascii_downcase] | any(.[]; . == \"\(line.text.lowercased())\")'",
        confidence: .high, reason: "PHP lists the extension; asked of the machine where the check runs")
    }
    // What an installing command names is how, not what.
    let text = line.codes.filter { $0.contains(" install ") }.reduce(line.text) { $0.replacing($1, with: "") }
    let named = programs.filter { $0.name.isFound(in: text) }
    let version = named.count == 1 ? version.group(1, in: line.text) : nil
    guard !named.isEmpty, line.says(state) || version != nil && line.says(later), !line.says(other) else { return nil }
    let reason = "asked of the machine where the check runs: let that be the server"
    if let version, let program = named.first, program.isVersioned {
      let wanted = version.split(separator: ".").map(String.init).joined(separator: ", ")
      return Draft(
        "command: \(program.command)\njq: '[(.stdout + .stderr) | match(\"[0-9]+([.][0-9]+)+\").string | split(\".\")[] | tonumber] >= [\(wanted)]'",
        confidence: .medium, reason: "it tells version \(version) or a later one, " + reason)
    }
    if named.count > 1, line.says(either) {
      return Draft(
        "command: { shell: \"\(named.map(\.command).joined(separator: " || "))\" }\nexpect: { exit: 0 }",
        confidence: .medium, reason: "one of the programs that the line names is there, " + reason)
    }
    return Draft(
      blocks: named.map { "command: \($0.command)\nexpect: { exit: 0 }" }, confidence: .medium, reason: reason)
  }

  private static let manifest = Phrase(#"\b(package\.json|pyproject\.toml|go\.mod|composer\.json|gemfile|engines)\b"#)
  private static let state = Phrase(
    #"\b(installed|is active|active|fail2ban\b.*(enabled|configured|running|set up))\b|установлен|активен|^установить|^install (docker|nginx|node|php|python|redis|git|certbot|composer|java)\b"#
  )
  private static let other = Phrase(#"\b(analytics|pixel|plugin|theme|certificate|image|monitoring agent|sdk)\b"#)
  private static let later = Phrase(#"\d ?\+|or (later|higher|newer|above)|>= ?\d|minimum|at least|и выше|и новее"#)
  private static let either = Phrase(#"\bor\b|или|/"#)
  private static let version = Phrase(#"(?:^|\s|v|>= ?)(\d+(?:\.\d+)*)(?: ?\+|\b)"#)
  private static let extensions = Phrase(#"php extensions|расширени\w+ php"#)
  private static let word = Phrase(#"^[A-Za-z][A-Za-z0-9_]{1,20}$"#)
  private static let programs: [(name: Phrase, command: String, isVersioned: Bool)] = [
    (Phrase(#"\bdocker\b(?! compose| images?| swarm)"#), "docker --version", true),
    (Phrase(#"docker[ -]compose"#), "docker compose version", true),
    (Phrase(#"fail2ban"#), "systemctl is-active fail2ban", false), (Phrase(#"certbot"#), "certbot --version", true),
    (Phrase(#"\bnginx\b"#), "nginx -v", true), (Phrase(#"\bapache2?\b"#), "apache2 -v", true),
    (Phrase(#"\bpm2\b"#), "pm2 --version", true), (Phrase(#"\bphp\b(?! extension|-fpm)"#), "php --version", true),
    (Phrase(#"\bcomposer\b"#), "composer --version", true), (Phrase(#"\bnode(\.?js)?\b"#), "node --version", true),
    (Phrase(#"\bnpm\b"#), "npm --version", true), (Phrase(#"\bpnpm\b"#), "pnpm --version", true),
    (Phrase(#"\byarn\b"#), "yarn --version", true), (Phrase(#"\bpython3?\b"#), "python3 --version", true),
    (Phrase(#"\bpip3?\b"#), "pip3 --version", true), (Phrase(#"\bgit\b(?!hub|lab)"#), "git --version", true),
    (Phrase(#"\bruby\b"#), "ruby --version", true), (Phrase(#"\b(java|jdk|openjdk)\b"#), "java -version", true),
    (Phrase(#"\bmaven\b"#), "mvn --version", true), (Phrase(#"\bgo(lang)?\b(?= \d|lang)"#), "go version", true),
    (Phrase(#"\b(postgres(ql)?|psql)\b"#), "psql --version", true), (Phrase(#"\bmysql\b"#), "mysql --version", true),
    (Phrase(#"\bredis\b"#), "redis-server --version", true),
    (Phrase(#"\bsupervisor\b"#), "supervisord --version", true),
    (Phrase(#"\bkubectl\b"#), "kubectl version --client", true), (Phrase(#"\bhelm\b"#), "helm version", true),
    (Phrase(#"\bterraform\b"#), "terraform version", true), (Phrase(#"\baws cli\b"#), "aws --version", true),
    (Phrase(#"\bgcloud\b"#), "gcloud --version", true),
    (Phrase(#"\bfirebase (cli|tools)\b"#), "firebase --version", true),
    (Phrase(#"\bsupabase cli\b"#), "supabase --version", true), (Phrase(#"\bstripe cli\b"#), "stripe --version", true),
    (Phrase(#"\bunattended-upgrades\b"#), "systemctl is-enabled unattended-upgrades", false),
  ]
}
