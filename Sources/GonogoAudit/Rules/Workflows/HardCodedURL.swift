public import GonogoCore

/// A deployment's address written into the workflow.
public struct HardCodedURL: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-hard-coded-url", severity: .low, family: "workflows",
    title: "A workflow has the address of a deployment written into it",
    what: """
      Looks at scripts and environment variables of workflows for addresses at hosting platforms (vercel.app, fly.dev, \
      up.railway.app, supabase.co …), and, in jobs that deploy, for `curl` and `wget` of an address that no expression \
      fills in. The `url` of an environment, the platforms' own interfaces, and examples pass.
      """,
    why:
      "the smoke test asks another deployment than the one that was made, and goes on being green when the address is somebody else's",
    mend: "take the address from the deployment's output, or from a variable of the environment: `${{ vars.APP_URL }}`",
    falsifies: "no deployment address is hard-coded", wordings: ["no hard-coded URLs in the workflows"],
    references: ["https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-variables"])

  public init() {}

  private static let address = #"https?://([A-Za-z0-9.-]+)"#
  private static let platforms = [
    ".vercel.app", ".netlify.app", ".fly.dev", ".up.railway.app", ".railway.app", ".koyeb.app", ".onrender.com",
    ".herokuapp.com", ".azurewebsites.net", ".run.app", ".web.app", ".firebaseapp.com", ".pages.dev", ".workers.dev",
    ".supabase.co", ".deno.dev", ".ondigitalocean.app", ".elasticbeanstalk.com", ".azurecontainerapps.io",
  ]

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let pattern = context.pattern(Self.address)
    let deploying = Set(context.facts(Deployments.self).map { "\($0.workflow.file.path) \($0.job.id)" })
    var seen: Set<String> = []
    for workflow in context.facts(Workflows.self).all {
      guard let text = context.tree.text(workflow.file) else { continue }
      var lines: [(text: ArraySlice<UInt8>, position: SourcePosition, asks: Bool)] = []
      func take(_ scope: Node) {
        for entry in scope["env"]?.entries ?? [] {
          lines += Workflows.lines(of: entry.value, in: text).map { ($0.text, $0.position, false) }
        }
      }
      take(workflow.node)
      for job in workflow.jobs {
        take(job.node)
        let asks = deploying.contains("\(workflow.file.path) \(job.id)")
        for step in job.steps where step.file == workflow.file {
          take(step.node)
          if let run = step.node["run"] {
            lines += Workflows.lines(of: run, in: text).map { ($0.text, $0.position, asks) }
          }
        }
      }
      for line in lines {
        let bytes = Array(line.text)
        let code = String(decoding: bytes, as: UTF8.self).trimmed
        if code.hasPrefix("#") || code.hasPrefix("echo ") { continue }
        let hits: LineMatches
        do { hits = try pattern.lineMatches(in: bytes, limit: 10) } catch {
          throw CouldNotLook("a line could not be searched", at: TreePlace(workflow.file.path, line.position))
        }
        for hit in hits.hits {
          let url = String(decoding: bytes[hit.match], as: UTF8.self)
          let host = String(url.drop { $0 != "/" }.dropFirst(2)).lowercased()
          // What an expression goes on with is not written here.
          let next = hit.match.upperBound < bytes.count ? bytes[hit.match.upperBound] : 0x20
          if next == UInt8(ascii: "$") || next == UInt8(ascii: "{") || host.hasSuffix(".") || host.hasSuffix("-") {
            continue
          }
          let hosted =
            Self.platforms.contains { host.hasSuffix($0) } && !host.hasPrefix("example.") && !host.hasPrefix("demo.")
            && !host.hasPrefix("your-") && !host.hasPrefix("test.") && !host.hasPrefix("placeholder")
            && !host.contains("dummy")
          let asked = line.asks && (code.contains("curl") || code.contains("wget")) && Self.isOwn(host)
          guard hosted || asked, seen.insert("\(workflow.file.path) \(host)").inserted else { continue }
          findings.add(
            "the address of the deployment at '\(host)' is written into the workflow",
            at: TreePlace(
              workflow.file.path, line: line.position.line, column: line.position.column + hit.match.lowerBound),
            subject: host)
        }
      }
    }
  }

  /// Whether a host may be the deployment's own, and no service that workflows call.
  private static func isOwn(_ host: String) -> Bool {
    let known = [
      "github.com", "githubusercontent.com", "localhost", "127.0.0.1", "example.com", "example.org", "npmjs.org",
      "pypi.org",
      "docker.io", "docker.com", "googleapis.com", "amazonaws.com", "slack.com", "discord.com", "telegram.org",
      "railway.com",
      "railway.app", "vercel.com", "render.com", "netlify.com", "koyeb.com", "cloudflare.com", "fly.io", "sentry.io",
      "heroku.com",
      "datadoghq.com", "newrelic.com", "deno.land", "get.helm.sh", "k8s.io", "install.python-poetry.org", "astral.sh",
      "sh.rustup.rs",
      "linear.app", "codecov.io", "supabase.com", "hashicorp.com", "microsoft.com", "azure.com", "gitlab.com",
      "cli.doppler.com",
    ]
    return host.contains(".") && !known.contains { host == $0 || host.hasSuffix("." + $0) } && !host.hasSuffix(".local")
      && !host.hasPrefix("get.") && !host.hasPrefix("install.") && !host.hasPrefix("download")
      && !host.hasPrefix("hooks.")
      && host.contains { $0.isLetter }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:2:11", ".github/workflows/a.yml:9:19",
      in: [
        ".github/workflows/a.yml": """
        on: push
        env: { X: https://acme-web.vercel.app }
        jobs:
          live:
            steps:
              - run: flyctl deploy
              - run: |
                  # curl https://old.acme.test
                  curl -f https://app.acme.test/health
        """
      ], "a platform's name, the own one behind curl"),
    .silent(
      "an expression, the platform's interface, a display",
      [
        ".github/workflows/a.yml": """
        on: push
        env: { API: "https://${{ vars.HOST }}.fly.dev", NEXT_PUBLIC_SUPABASE_URL: https://placeholder.supabase.co }
        jobs:
          live:
            environment: { name: production, url: https://app.acme.test }
            steps:
              - run: flyctl deploy
              - run: curl -f "$URL/health" && curl https://api.github.com/rate_limit
              - run: curl -L https://fly.io/install.sh
          docs: { steps: [{ run: curl https://www.acme.test/robots.txt }] }
        """
      ]),
  ]
}
