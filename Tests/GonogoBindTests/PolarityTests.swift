import GonogoBind
import Testing

/// A binding that is green where its line is false is worse than none: lines that say that a thing must not be there, that hold
/// only under a condition, or that name what changes something.
@Suite struct PolarityTests {
  private func blocks(_ line: String) -> [String] {
    Binder(Array("On Ubuntu, with `systemctl`, npm and nginx.\n\n\(line)\n".utf8), options: Binder.Options()).lines
      .last?
      .proposal?.blocks ?? []
  }

  @Test(arguments: [
    "- [ ] Never commit `.env` files", "- Remove `config.ts` from repository", "- [ ] `.env` file access blocked",
    "- [ ] Git directory not accessible: `curl https://yourdomain.com/.git/`", "- Keys are exposed in `config.ts`",
    "- [ ] PHP files outside `/public` not accessible", "- [ ] Don’t expose `notes.md`",
  ])
  func `no file is asked for, nor an address, that must not be there`(line: String) {
    for block in blocks(line) {
      #expect(!block.hasPrefix("files:"), "\(block)")
      #expect(!block.contains("status: 200") || block.contains("allowed:"), "\(block)")
    }
  }

  @Test(arguments: ["- [ ] Port 3306 blocked", "- [ ] Don’t keep port 22 open", "- [ ] Do not expose port 5432"])
  func `a port that must be closed is not asked to be open`(line: String) {
    #expect(blocks(line).first?.contains("expect: { open: false }") == true)
  }

  @Test(arguments: ["- [ ] Nginx is not running", "- [ ] `storage` is not writable", "- [ ] Redis is not installed"])
  func `what must not be is not looked for as if it must`(line: String) { #expect(blocks(line) == []) }

  @Test(arguments: [
    "- [ ] Remove RBAC permissions", "- [ ] Disable rate limiting on staging", "- [ ] Do not enable CORS headers",
    "- [ ] Never run database migrations during peak hours", "- [ ] Stop the cron job",
    "- [ ] Avoid `GET /health` returns ok",
  ])
  func `what is forbidden or removed is not looked for as if it were asked for`(line: String) {
    #expect(blocks(line) == [])
  }

  @Test(arguments: ["- [ ] Disable TLS 1.0", "- [ ] Remove X-Powered-By header", "- [ ] Disable debug mode"])
  func `what can be looked at when it is gone is`(line: String) { #expect(!blocks(line).isEmpty) }

  @Test(arguments: [
    "- [ ] If you use Redis, Redis installed", "- [ ] Unless behind a proxy, HTTPS redirect configured",
    "- [ ] Consider an SPF record",
  ])
  func `a condition or a thought is no claim`(line: String) { #expect(blocks(line) == []) }

  @Test(arguments: [
    "```bash\ncurl -fsSL https://get.example.org | sh -\n```", "```bash\nsystemctl restart nginx\n```",
    "```bash\ndocker system prune -a\n```", "```bash\nkubectl delete pod a\n```", "```bash\nterraform apply plan\n```",
    "```bash\ndocker compose down -v\n```", "```bash\nkubectl get secret a -o yaml\n```", "- [ ] `firebase deploy`",
    "- Done: `git init`", "```bash\ndocker stats\n```",
  ])
  func `no command is run that changes something, shows a secret or never ends`(line: String) {
    #expect(blocks(line) == [])
  }

  @Test func `a script that does not say that it only looks needs leave`() {
    #expect(blocks("```bash\n./set-up.sh\n```").first?.contains("effect: disrupts") == true)
    #expect(blocks("```bash\n./smoke-test.sh\n```").first?.contains("effect:") == false)
  }
}
