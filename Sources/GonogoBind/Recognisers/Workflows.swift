/// CI workflows: gates, steps that may fail, URLs.
enum Workflows {
  static let recogniser = Recogniser(
    "workflows", probes: ["files", "http"],
    manual: """
      "Deployment approval gates": a workflow names an environment, which is where GitHub asks for approval. "Security checks blocking": no step of a workflow about
      security may fail without the job. "Hardcoded URLs fixed": no workflow has the URL of a deployment in it. "Branch protection": GitHub says so
      (GITHUB_REPOSITORY, GITHUB_TOKEN). "Load testing in CI": a workflow runs a tool for it.
      """, combines: true, denials: true,
    samples: [
      Recogniser.Sample(
        "- ✅ Deployment approval gates",
        #"""
        files:
          path: [".github/workflows/*.yml", ".github/workflows/*.yaml"]
          matches: '/^\s+environment:/'
        """#),
      Recogniser.Sample(
        "- ✅ Security checks blocking",
        #"""
        files:
          path: ".github/workflows/*security*"
          no_match: ['/continue-on-error:\s*true/', '/\|\|\s*(true|exit 0)/']
        """#),
      Recogniser.Sample(
        "- [ ] Исправить CI/CD hardcoded URLs",
        #"""
        files:
          path: [".github/workflows/*.yml", ".github/workflows/*.yaml"]
          no_match: '/https?:\/\/[\w.-]+\.(vercel\.app|railway\.app|up\.railway\.app|fly\.dev|onrender\.com|herokuapp\.com|netlify\.app|koyeb\.app)/'
        """#),
      Recogniser.Sample(
        "- [x] Branch protection",
        #"""
        http:
          GET: https://api.github.com/repos/${GITHUB_REPOSITORY}/branches/main/protection
          bearer: ${GITHUB_TOKEN}
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- Добавить load testing в CI",
        #"""
        files:
          path: [".github/workflows/*.yml", ".github/workflows/*.yaml"]
          matches: '/\b(k6|artillery|locust|gatling|vegeta|wrk|autocannon)\b/'
        """#),
    ],
    lookalikes: [
      "- [ ] Load testing performed", "- [x] Security audit completed", "- The gates of the office",
      "- ✅ 9 CI/CD workflows",
    ]
  ) { line, context in
    let folder = "path: [\"\(context.root).github/workflows/*.yml\", \"\(context.root).github/workflows/*.yaml\"]"
    let isForbidden = Absence.isForbidden(line)
    var blocks: [String] = []
    var reasons: [String] = []
    if line.says(gates), !isForbidden {
      blocks.append("files:\n  \(folder)\n  matches: '/^\\s+environment:/'")
      reasons.append("a job names an environment, where approval is asked for")
    }
    if line.says(blocking) {
      blocks.append(
        "files:\n  path: \"\(context.root).github/workflows/*security*\"\n  no_match: ['/continue-on-error:\\s*true/', '/\\|\\|\\s*(true|exit 0)/']"
      )
      reasons.append("no step of a workflow about security may fail unseen")
    }
    if line.says(urls) {
      blocks.append(
        "files:\n  \(folder)\n  no_match: '/https?:\\/\\/[\\w.-]+\\.(vercel\\.app|railway\\.app|up\\.railway\\.app|fly\\.dev|onrender\\.com|herokuapp\\.com|netlify\\.app|koyeb\\.app)/'"
      )
      reasons.append("no workflow has the URL of a deployment in it")
    }
    if line.says(branch), !isForbidden {
      blocks.append(
        "http:\n  GET: https://api.github.com/repos/${GITHUB_REPOSITORY}/branches/main/protection\n  bearer: ${GITHUB_TOKEN}\nexpect: { status: 200 }"
      )
      reasons.append("GitHub says that main is protected")
    }
    if line.says(load), !isForbidden {
      blocks.append("files:\n  \(folder)\n  matches: '/\\b(k6|artillery|locust|gatling|vegeta|wrk|autocannon)\\b/'")
      reasons.append("a workflow runs a tool for load")
    }
    return blocks.isEmpty ? nil : Draft(blocks: blocks, confidence: .high, reason: reasons.joined(separator: "; "))
  }

  private static let gates = Phrase(#"approval gates|environment protection"#)
  private static let blocking = Phrase(
    #"security checks (non-)?blocking|blocking (security )?checks|continue-on-error: false"#)
  private static let urls = Phrase(#"hard-?coded urls|no hard-?coded urls"#)
  private static let branch = Phrase(#"branch protection"#)
  private static let load = Phrase(#"load test\w* (в|in|to) ci"#)
}
