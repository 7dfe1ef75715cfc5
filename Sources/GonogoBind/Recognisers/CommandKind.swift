/// What kind of command a line names: one that is known, one that changes something, one that is never proposed, and for a few
/// what their exit status does not tell.
enum CommandKind {
  /// Without `sudo`: what it would look at as root it cannot look at here, and it might ask for a password.
  static func bare(_ command: String) -> String {
    command.hasPrefix("sudo ") && !command.hasPrefix("sudo -") ? String(command.dropFirst(5)) : command
  }

  static let program = Phrase(
    #"^(npm (run |test|ci|audit|outdated)|npx |pnpm |yarn |bun |make [a-z]|uv run |poetry (run |check)|python3? |pytest|ruff |flake8|mypy |black --check|pip-audit|pip check|bandit |semgrep |trivy |gitleaks |hadolint |go (test|vet|build)|govulncheck|cargo |swift |bundle (exec |audit|outdated)|rake |rails |bin/|vendor/bin/|php artisan |composer |phpunit|mvn |gradle |dotnet |\./|docker |docker-compose |kubectl |k3s kubectl |helm |terraform |curl |psql |redis-cli |bash |sh |git |supabase |vercel |railway |fly(ctl)? |heroku |firebase |aws |gcloud |doctl |gh |systemctl |supervisorctl |pm2 |nginx -t|ufw |certbot |openssl (s_client|x509)|dig |timedatectl|eslint |tsc\b)"#,
    ignoringCase: false)

  /// It follows a log, or prints one; opens an editor or another machine; brings in and runs what somebody else wrote; or prints a
  /// secret.
  static let never = Phrase(
    #"\blogs?\b( |$)|\btail\b|--watch\b| -w\b|\bgit (clone|pull|push|checkout|add|commit|tag -)\b|\b(nano|vim?|less)\b|\bssh\b|^curl .*(-o |-O\b|--output|--remote-name)|^docker (stats|run|exec|rm|rmi|kill|stop|start|restart|pull|push|build|attach|(system|volume|image|container|builder) (prune|rm))\b|^docker[- ]compose( -f \S+)* (exec|run|down|restart|stop|rm|kill|pull|attach|build)\b|^git (init|remote (add|remove|set-url)|branch -[mMdD]|reset|merge|rebase|stash|rm|fetch)\b|^firebase (deploy|login|init|use)\b|\[[\w-]+\]\.|\|\s*(sudo )?(ba|z)?sh\b|base64 (-d|--decode)|\bget secrets?\b|secrets? (set|create|put|add)|secret:create|-it\b|port-forward|^systemctl (re)?(start|load)\b|^systemctl (stop|enable|disable|mask|unmask|daemon-reload)\b|^supervisorctl (?!status)|^pm2 (?!list|ls|jlist|status|show)|^terraform (init|apply|destroy|import)|^terraform plan .*-out|^kubectl (apply|delete|rollout (restart|undo)|scale|create|run|exec|edit|patch|annotate|label|drain|cordon|cp)\b|^helm (install|upgrade|uninstall|rollback|repo add)|artisan (down|up|optimize|queue:restart|\w+:clear|migrate:(rollback|fresh|refresh))\b|^bash .*deploy|^(apt(-get)?|yum|dnf) |alembic upgrade|prisma migrate deploy|migrate up|db push|rake db:migrate|rails db:migrate$|artisan migrate( |$)|\bmanage\.py migrate$|\bmanage\.py (runserver|shell|createsuperuser)|artisan (tinker|serve|key:generate)|\b(npm|yarn|pnpm|bun) (run )?(dev|start|serve)\b|\bflask run\b|rails (s|server|c|console)\b"#
  )

  /// Scripts whose name does not say that they only look.
  static let unknown = Phrase(
    #"^(ba|z)?sh \S+|^\./\S+"#)
  static let looks = Phrase(#"check|verif|test|smoke|health|valid|status|lint|audit|scan|report|dry-run"#)

  /// Scripts of the project: what they do it says itself.
  static let own = Phrase(
    #"^(make |npm run |pnpm |yarn |bun |uv run |poetry run |python3? \S*\.py|bash |sh |\./|rake |bundle exec )"#)

  static let acts = Phrase(
    #"deploy|\b(up|down|apply|push|rm|delete|destroy|restart|reload|start|stop|install|uninstall|require|rollback|seed|reset|restore|publish|pin|scale|drop|create|import|generate|clear|terminate|down|init|enable|disable|mask|unmask|reread|update|upgrade|login|link|exec|cp|patch|annotate|label|rotate|invalidate)\b|:(cache|clear|run|link|seed|fresh|wipe|restart|work)\b|terraform plan .*-out|--fix\b|\bmigrate\b(?![: ]?status| --plan| --check)|\bmigrate-|\bcreate-|createsuperuser|collectstatic|curl .*-X ?(POST|PUT|DELETE|PATCH)|^psql .*-f "#
  )

  /// Commands whose exit status does not tell what they show, and what does.
  static func look(_ command: String, _ line: ChecklistLine) -> Draft? {
    if let groups = kubectl.first(in: command), let kind = groups[3] {
      let program = groups[1] ?? "kubectl"
      let rest = [groups[2], groups[4]].compactMap { $0 }.map(Inline.trimmed).filter { !$0.isEmpty }
      let named = groups[4].map(name.isFound) ?? false
      let call = ([program, "get", kind] + rest).joined(separator: " ")
      if named {
        return Draft(
          "command: \(call)\nexpect: { exit: 0 }", confidence: .high, reason: "the cluster has what the line names")
      }
      return Draft(
        "command: \(call) -o json\nexpect: { exit: 0 }\njq: '\(KubernetesQueries.whole(kind))'", confidence: .high,
        reason: "the cluster has such objects\(KubernetesQueries.isState(kind) ? ", and each is in order" : "")")
    }
    if let groups = systemctl.first(in: command), let verb = groups[1], let unit = groups[2] {
      let masked = line.isAbout(masked) || line.says(masked)
      if masked { return UnitDrafts.masked([unit]) }
      return verb == "is-enabled" ? UnitDrafts.enabled([unit]) : UnitDrafts.active([unit])
    }
    if command.hasPrefix("supervisorctl status") { return UnitDrafts.supervised }
    if let rule = ufw.group(1, in: command) {
      return Draft(
        "command: ufw status\nexpect: { exit: 0, stdout: { matches: '/^\(YAMLText.escapedForPattern(rule))\\b.*(ALLOW|LIMIT)/m' } }",
        confidence: .medium, reason: "the firewall has the rule; as root, on the machine where the check runs")
    }
    if command == "ufw enable" || command == "ufw --force enable" {
      return Draft(
        "command: ufw status\nexpect: { exit: 0, stdout: { contains: \"Status: active\" } }", confidence: .medium,
        reason: "the firewall of the machine where the check runs is active")
    }
    if let groups = dig.first(in: command), let host = groups[2] {
      let type = groups[1] ?? groups[3] ?? "A"
      return Draft(
        "dns: { name: \(YAMLText.scalar(host)), type: \(type) }\nexpect: { records: { length: \">= 1\" } }",
        confidence: .high,
        reason: "the name has such a record; dig ends well when it has none")
    }
    if ps.isFound(in: command) {
      return Draft(
        "command: docker ps --all --format json\njq: '[.lines[] | fromjson] | length >= 1 and all(.[]; .State == \"running\" and ((.Status // \"\") | contains(\"unhealthy\") | not))'",
        confidence: .medium, reason: "every container of the machine runs, and none is unhealthy")
    }
    if command.hasPrefix("git status") {
      return Draft(
        "command: git status --porcelain\nexpect: { exit: 0, stdout: \"\" }", confidence: .high,
        reason: "nothing is left that was not committed")
    }
    return nil
  }

  private static let kubectl = Phrase(
    #"^((?:k3s )?kubectl) (?:(-n \S+|--namespace[= ]\S+) )?get ([a-z.]+)((?: [^|&;>]*)?)$"#)
  private static let name = Phrase(#"^ [a-z0-9][a-z0-9.-]+"#)
  private static let systemctl = Phrase(#"^systemctl (status|is-active|is-enabled|show) ([\w@.-]+)$"#)
  private static let ufw = Phrase(#"^ufw (?:allow|limit) (\d+(?:/(?:tcp|udp))?|OpenSSH|'?Nginx Full'?)$"#)
  private static let dig = Phrase(
    #"^dig (?:\+short )?(?:(A|AAAA|TXT|MX|NS|CNAME|CAA|SOA|SRV) )?([\w.-]+\.[a-z]{2,})(?: (?:\+short|(A|AAAA|TXT|MX|NS|CNAME|CAA|SOA|SRV)))?$"#
  )
  private static let ps = Phrase(#"^docker (ps|container ls)\b(?! .*-q)"#)
  private static let masked = Phrase(#"\bmasked\b"#)
}
