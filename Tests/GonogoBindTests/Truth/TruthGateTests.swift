import Testing

@testable import GonogoBind

/// What a line says beside the words that a recogniser took it by.
@Suite struct TruthGateTests {
  private static func last(_ markdown: String) -> BoundLine? {
    Binder(Array(markdown.utf8), options: Binder.Options()).lines.last
  }

  // MARK: The opposite is not proposed

  @Test(arguments: [
    "- [ ] `config/local.yaml` is not deployed", "- [ ] `debug.log` must not be in the image",
    "- [ ] `docs/guide.md` does not mention the old host", "- [ ] `app.ts` never logs a password",
    "- [ ] `CHANGELOG.md` is no longer generated", "- [ ] Nothing in `config.json` is secret",
    "- [ ] `legacy/` is excluded from the bundle", "- [ ] `docs/old.md` не публикуется",
    "- [ ] `nginx.conf` lacks a default server", "- [ ] `/metrics` is only for admins",
    "- [ ] `GET /v1/orders` is behind a login for staff", "- [ ] Docker is not installed",
    "- [ ] The monitoring stack is not configured yet", "- [ ] Certbot must not be active",
    "- [ ] Health checks are disabled", "- [ ] `/metrics` is switched off",
    "- [ ] Port 22 is only reachable from the VPN", "- [ ] RLS is disabled on `public_posts`",
    "- [ ] CSP does not allow `unsafe-inline`", "- [ ] X-Frame-Options is not ALLOWALL",
    "- [ ] `package.json` has no `postinstall` script", "- [ ] `main.css` is not served from our hosts",
    "- [ ] `worker.py` has been taken out of the image and removed",
  ])
  func `what says no is bound to nothing that looks for yes`(line: String) throws {
    let bound = try #require(Self.last(line))
    if let proposal = bound.proposal {
      #expect(BindingMeaning(proposal.blocks).denies, "\(proposal.recogniser): \(proposal.blocks)")
    }
  }

  @Test func `why something was not proposed is said`() throws {
    let bound = try #require(Self.last("- [ ] `/metrics` is only for admins"))
    #expect(bound.proposal == nil)
    #expect(bound.withheld.map(\.recogniser) == ["monitoring"])
    #expect(bound.withheld.first?.why.contains("“only for”") == true)
  }

  @Test(arguments: [
    "- [ ] `package.json` requires Node 20 or newer", "- [ ] Exactly 2 migrations are in `migrations/`",
    "- [ ] Ровно 2 миграции в `migrations/`", "- [ ] No service publishes a port other than 8080",
  ])
  func `what looks at something else is not proposed`(line: String) throws {
    let bound = try #require(Self.last(line))
    #expect(bound.proposal == nil, "\(String(describing: bound.proposal))")
  }

  @Test func `"is deleted, is not" is not both deleted`() throws {
    let bound = try #require(Self.last("- [ ] `.env` is deleted, `docs/x.md` is not"))
    if let proposal = bound.proposal { #expect(proposal.confidence == .low, "\(proposal.reason)") }
  }

  @Test(arguments: [
    "- [ ] Port 443 is open and ports 22 and 3306 are closed", "- [ ] Порты 22 и 3306 закрыты, порт 443 открыт",
  ])
  func `each port is as its half says`(line: String) throws {
    let bound = try #require(Self.last(line))
    let blocks = try #require(bound.proposal?.blocks)
    #expect(blocks.filter { $0.contains("open: false") }.allSatisfy { $0.contains(":22\"") || $0.contains(":3306\"") })
    #expect(blocks.count == 3 && blocks.contains("tcp: ${domain}:443\nexpect: { open: true }"), "\(blocks)")
  }

  // MARK: A part is a guess, and says what is left

  static let parts: [(line: String, left: String)] = [
    ("- [ ] `GET /readyz` returns 200 and checks the database", "checks the database"),
    ("- [ ] Tests pass in CI and block the deployment", "block the deployment"),
    ("- [ ] `GET /version` returns the release's commit", "release commit"),
    ("- [ ] `make lint` reports no warnings", "reports no warnings"),
    ("- [ ] p95 of `GET /api/orders` is under 300 ms", "p95"),
    ("- [ ] p99 latency of `/search` < 500ms", "p99"),
    ("- [ ] CHANGELOG.md is up to date with the release", "is up to date"),
    ("- [ ] `docs/api.md` lists every endpoint and its errors", "every endpoint"),
    ("- [ ] `API_TOKEN` is rotated every 90 days", "90 days"),
    ("- [ ] `npm test` runs in under 10 minutes", "10 minutes"),
    ("- [ ] Verify all services running", "all services"),
    ("- [ ] Backups run daily and are encrypted", "encrypted"),
    ("- [ ] Rate limiting active and monitored", "monitored"),
    ("- [ ] All migrations applied within 5 minutes", "5 minutes"),
    ("- [ ] `/metrics` is exported, with 15 s resolution", "15 s"),
    ("- [ ] Alert rules configured and routed to `#ops-alerts`", "#ops-alerts"),
    ("- [ ] `GET /health` returns 200 on `eu.shop.example`", "eu.shop.example"),
    ("- [ ] CORS headers configured for `https://partner.example`", "partner.example"),
    ("- [ ] Sitemap.xml generated with at least 500 pages", "500"),
    ("- [ ] Docker и Docker Compose установлены, версия 27", "27"),
    ("- [ ] Миграции применены и протестированы на копии", "протестированы"),
    ("- [ ] Главная страница загружается за 2 секунды", "2 секунды"),
    ("- [ ] HTTP redirects to HTTPS with a 308", "308"),
    ("- [ ] Test coverage at least 80% for every package", "every package"),
    ("- [ ] Grafana dashboards are configured and shared with support", "shared with support"),
    ("- [ ] RLS enabled on all tables except countries", "except countries"),
    ("- [ ] Нет открытых портов, кроме 443", "кроме 443"),
    ("- [ ] `LOG_FORMAT` is the same in every service", "same in every service"),
    ("- [ ] `docs/runbook.md` exists and describes the rollback", "describes the rollback"),
    ("- [ ] `LICENSE` is there and is Apache-2.0", "is Apache-2.0"),
    ("- [ ] Файл `LICENSE` есть и не пуст", "не пуст"),
    ("- [ ] Role `app` is not a superuser and owns no table", "owns no table"),
    ("- [ ] TLS certificate is issued by Let's Encrypt and valid for 30 days", "issued by Let's Encrypt"),
    ("- [ ] Сертификат выдан Let's Encrypt и действует 30 дней", "выдан Let's Encrypt"),
    ("- [ ] `npm test` and `npm run lint` pass with no warnings", "with no warnings"),
    ("- [ ] `npm test` и `npm run e2e` проходят без предупреждений", "без предупреждений"),
    ("- [ ] Every file below `sql/` has a header and none has `TODO`", "has a header"),
    ("- [ ] No `.env` is committed in any branch", "in any branch"),
    ("- [ ] Файл `.env` не закоммичен ни в одной ветке", "ни в одной ветке"),
    ("- [ ] `SECURITY.md` exists or `LICENSE` exists", "exists or LICENSE"),
    ("- [ ] `secrets.json` is removed and `.gitignore` lists it", ".gitignore"),
    ("- [ ] `Dockerfile` exists and pins its base image", "pins its base image"),
    ("- [ ] `docs/a.md` есть, в нём описан откат", "в нём описан откат"),
    ("- [ ] Instead of `secrets.json` there is `secrets.example.json`", "Instead of"),
    ("- [ ] `old.sql` удалён вместо `new.sql`", "вместо new.sql"),
  ]

  @Test(arguments: parts) func `what is not looked at is said`(line: String, left: String) throws {
    let bound = try #require(Self.last(line))
    guard let proposal = bound.proposal else { return }
    #expect(proposal.confidence == .low, "\(proposal.recogniser): \(proposal.reason)")
    let note = proposal.reason.split(separator: "not looked at:", maxSplits: 1).last.map(String.init) ?? ""
    #expect(note.contains(left), "\(proposal.recogniser): \(proposal.reason)")
  }

  // MARK: Look-alikes keep their binding

  static let whole: [(line: String, confidence: Confidence)] = [
    ("- [ ] `JWT_SECRET` is set and is at least 64 characters long", .high),
    ("- [ ] `LICENSE` and `SECURITY.md` exist", .high),
    ("- [ ] Neither `.env` nor `secrets.json` is committed", .high),
    ("- [ ] Remove `a.sql` and `b.sql` from the repo", .high),
    ("- [ ] Test coverage is at least 85 % of branches", .high),
    ("- [ ] Сертификат действует 30 дней", .high),
    ("- [ ] Port 22 is closed, port 443 is open", .medium),
    ("- [ ] Port 443 is open and ports 22 and 3306 are closed", .medium),
    ("- [ ] No errors in logs when `X_ENABLED` is set", .medium),
    ("- [ ] `JWT_SECRET` must not be empty", .high),
    ("- [ ] `GET /health` returns 200 without a token", .high),
    ("- [ ] `GET /health` returns 200 (no auth needed)", .high),
    ("- [ ] Backups are not older than 24 hours, run daily", .medium),
    ("- [ ] `npm audit` finds no vulnerabilities", .high),
    ("- [ ] No critical vulnerabilities (`npm audit --audit-level=critical`)", .high),
    ("- [ ] RLS enabled on all tables (60+ tables)", .high),
    ("- [ ] All 12 alert rules are loaded", .high),
    ("- [ ] No sensitive data (tokens, passwords) in logs", .high),
    ("- [ ] `docs/closed-beta.md`", .high),
    ("- [ ] `docs/removed-users.md` is there", .high),
    ("- [ ] All migrations applied", .high),
    ("- [x] Fallback JWT secret removed", .high),
    ("- [ ] TLS certificate valid for at least 60 days", .high),
    ("- [ ] Apply fix migration (30 min)", .medium),
    ("3. Rate limiting active", .medium),
    ("- [ ] `NODE_ENV` is `production`", .high),
    ("- [ ] All tests passing", .high),
    ("- [ ] Lighthouse score > 90", .high),
    ("- [ ] Test coverage is above 80 %", .high),
    ("- [ ] No pending migrations", .high),
    ("- [ ] No table without a primary key", .medium),
    ("- [ ] Docker is installed", .medium),
  ]

  @Test(arguments: whole) func `a line that is looked at as a whole keeps what it had`(
    line: String, confidence: Confidence
  ) throws {
    let bound = try #require(Self.last(line))
    let proposal = try #require(bound.proposal, "\(line) is left: \(bound.withheld)")
    #expect(proposal.confidence == confidence, "\(proposal.recogniser): \(proposal.reason)")
    #expect(!proposal.reason.contains("not looked at:"), "\(proposal.reason)")
  }
}

/// The readings that the gate rests on.
@Suite struct LineMeaningTests {
  @Test(arguments: [
    "No `.env` file is committed", "secrets.json has been removed", "The port is closed",
    "Every TODO is gone from src/",
    "X does not exist", "ensure no one can read another's orders", "DEBUG is off unless somebody asks", "Нет секретов",
    "Файл удалён", "Порт закрыт", "redis не доступен извне", ".dockerignore excludes .env", "The image has no shell",
    "Nobody logs in as root", "Remove the old bucket", "Swagger is turned off", "a.md (not in git)", "It isn't there",
    "Hidden files access blocked",
  ]) func `says no`(text: String) {
    guard case .denied = Polarity(of: text) else {
      Issue.record("\(text): \(Polarity(of: text))")
      return
    }
  }

  @Test(arguments: [
    "JWT_SECRET must not be empty", "Backups are not older than a day", "GET /health works without a token",
    "Health endpoint answers (no auth needed)", "Removed users keep their invoices", "The closed beta has a page",
    "No more than 5 replicas run", "If it is not set, the default applies", "Не менее трёх реплик",
    "Not only the API is monitored", "Missing indexes added", "Cache-Control: no-store is sent",
    "Alerts cannot be disabled", "NoSQL database chosen", "Zero-downtime deployment works", "Отсутствующий RLS на t",
    "Database blocks are checked",
  ]) func `says yes`(text: String) {
    #expect(Polarity(of: text) == .affirmed)
  }

  @Test(arguments: [
    "/metrics requires authentication", "The dashboard is behind a login", "Admin-only page", "only for admins",
    "Панель только для админов", "API требует авторизации",
  ]) func `says not everybody`(text: String) {
    if case .affirmed = Polarity(of: text) { Issue.record("\(text)") }
  }

  static let numbers: [(text: String, found: [String])] = [
    ("answers in under 100 ms", ["100 ms"]), ("valid for at least one year", ["one year"]),
    ("p95 < 1.5s", ["p95", "1.5s"]),
    ("50,000+ lines", ["50,000+"]), ("80 % of it", ["80 %"]), ("не менее 30 дней", ["30 дней"]),
    ("restored on 2026-10-01", []), ("Phase 2 is done", []), ("uses HTTP/2 and S3", []), ("24/7 on call", []),
    ("3. Rate limits", []), ("Apply it (30 min)", []), ("SOC 2 and ISO 27001", []), ("v2 of the API", []),
    ("(60+ tables)", ["60+"]), ("port 5432", ["5432"]), ("since 2024", []),
  ]
  @Test(arguments: numbers) func `numbers that say something`(text: String, found: [String]) {
    #expect(LineNumber.all(in: text).map(\.text).map { $0.replacing(" tables", with: "") } == found)
  }

  @Test func `a number is carried in any unit`() {
    func carries(_ line: String, _ block: String) -> Bool {
      LineNumber.all(in: line).allSatisfy(BindingMeaning([block]).carries)
    }
    #expect(carries("under 300 ms", "expect: { timings.total: \"< 0.3s\" }"))
    #expect(carries("at least one year", "jq: '. >= 31536000'"))
    #expect(carries("every 6 hours", "jq: 'min < 21600000'"))
    #expect(carries("99.9 %", "jq: '. > 0.999'"))
    #expect(!carries("at least 60 days", "expect: { chain_days_left: \">= 14\" }"))
    #expect(!carries("at least one year", "expect: { x: { matches: '/max-age=[1-9]/' } }"))
    #expect(!carries("within 5 minutes", "command: x\ntimeout: 5m"))
  }
}
