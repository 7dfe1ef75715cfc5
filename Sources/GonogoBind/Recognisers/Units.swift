/// Services of systemd.
enum Units {
  static let recogniser = Recogniser(
    "units", probes: ["command"],
    manual: """
      "`shop.service` is running", "Nginx is running", "Redis enabled on boot": `systemctl is-active` or `is-enabled`. Units that must stay masked are asked
      for with `is-enabled`, whose word is read. Products by their names only in documents that speak of systemd, of a VPS or of a server's packages; in
      containers they are no units.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `shop-worker.service` is running",
        #"""
        command: systemctl is-active shop-worker.service
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "Run `systemctl`.\n\n- [ ] Nginx is running",
        #"""
        command: systemctl is-active nginx
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "On the VPS.\n\n- [ ] PostgreSQL and Redis services enabled on boot",
        #"""
        command: systemctl is-enabled postgresql
        expect: { exit: 0 }
        """#,
        #"""
        command: systemctl is-enabled redis-server
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "## Legacy units (must stay masked)\n\n1. `puma.service`",
        #"""
        command: systemctl is-enabled puma.service
        jq: '(.stdout + .stderr) | test("masked|not-found|No such file")'
        """#),
    ],
    lookalikes: [
      "- [ ] Nginx is running", "- [ ] Customer service is running",
      "On Ubuntu.\n\n- All 3 containers running (postgres, backend)", "- [ ] `a.service` was restarted by hand",
      "Run `systemctl`.\n\n- [ ] Nginx is not running", "- `config/puma.service` - the unit's file",
    ]
  ) { line, context in
    guard line.isItem, !line.says(containers) else { return nil }
    let units = line.codes.filter(unit.isFound)
    if !units.isEmpty {
      if line.says(masked) || line.isAbout(masked) { return UnitDrafts.masked(units) }
      if Absence.isMeant(line) || line.says(once) { return nil }
      if line.says(boot) { return UnitDrafts.enabled(units) }
      return line.says(running) ? UnitDrafts.active(units) : nil
    }
    guard context.mentions(machine), !Absence.isMeant(line), line.says(running) || line.says(boot), !line.says(once)
    else {
      return nil
    }
    let names = products.filter { $0.phrase.isFound(in: line.text) }.map(\.unit)
    if names.isEmpty { return nil }
    return line.says(boot) ? UnitDrafts.enabled(names) : UnitDrafts.active(names)
  }

  private static let unit = Phrase(#"^[\w@.-]+\.(service|timer|socket)$"#)
  private static let containers = Phrase(#"\bcontainers?\b|контейнер"#)
  private static let masked = Phrase(#"\bmasked\b"#)
  private static let once = Phrase(#"\b(restarted|reloaded|stopped|config\w*|tested|documented)\b|перезапущ"#)
  private static let running = Phrase(
    #"\b(is|are)? ?(running|active|started|up and running|operational|up)\b|service status|запущен|работает|активн"#)
  private static let boot = Phrase(#"(on|at) boot|auto-?starts?\b|\benabled\b|автозапуск|автозагрузк"#)
  private static let machine = Phrase(#"systemctl|systemd|\bvps\b|ubuntu|debian|droplet|apt(-get)? install|\bec2\b"#)
  private static let products: [(phrase: Phrase, unit: String)] = [
    (Phrase(#"\bnginx\b"#), "nginx"), (Phrase(#"\bapache2?\b"#), "apache2"),
    (Phrase(#"\bpostgres(ql)?\b"#), "postgresql"), (Phrase(#"\bmysql\b"#), "mysql"),
    (Phrase(#"\bmariadb\b"#), "mariadb"), (Phrase(#"\bredis\b"#), "redis-server"),
    (Phrase(#"\bdocker (daemon|service|engine)\b"#), "docker"),
    (Phrase(#"\bfail2ban\b"#), "fail2ban"), (Phrase(#"\bsupervisor\b"#), "supervisor"),
    (Phrase(#"\bcaddy\b"#), "caddy"), (Phrase(#"\bhaproxy\b"#), "haproxy"), (Phrase(#"\bmongo(db|d)?\b"#), "mongod"),
    (Phrase(#"\brabbitmq\b"#), "rabbitmq-server"), (Phrase(#"\bmemcached\b"#), "memcached"),
    (Phrase(#"\bcron( daemon| service)\b"#), "cron"), (Phrase(#"\bufw\b"#), "ufw"),
  ]
}
