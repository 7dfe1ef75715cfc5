public import GonogoCore

/// A security header where browsers or the framework pay no heed to it.
public struct HeaderWithoutEffect: AuditRule {
  public static let manual = RuleManual(
    id: "code-header-no-effect", severity: .medium, family: "code",
    title: "A security header is set where it has no effect",
    what: """
      Looks for `<meta http-equiv>` with X-Frame-Options, Strict-Transport-Security, or a Content-Security-Policy with `frame-ancestors`, `report-uri` or `sandbox`, which browsers ignore there; and for `headers()` in a \
      Next.js configuration with `output: 'export'`, which no server applies.
      """,
    why: "the page can be framed or downgraded although the header stands in the code",
    mend: "send it as a header of the response: from the server, the proxy or the platform's file",
    falsifies: "security headers are set",
    references: [
      "https://www.w3.org/TR/CSP3/#meta-element",
      "https://nextjs.org/docs/app/guides/static-exports#unsupported-features",
    ])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let meta = context.pattern(
      #"<meta\s[^>]*http-?equiv=["'](x-frame-options|strict-transport-security|content-security-policy["'][^>]*(frame-ancestors|report-uri|sandbox))[^>]*"#,
      ignoringCase: true)
    for file in context.tree.files {
      let isPage =
        [.html, .vue, .svelte].contains { $0 == file.language } || ["tsx", "jsx"].contains(file.fileExtension)
      guard isPage, !"/\(file.path)".contains("/test"), !file.path.contains("node_modules"),
        !file.path.contains("docs/"), let text = context.tree.text(file)
      else { continue }
      let bytes = CodeText.uncommented(text.bytes, file.language)
      for hit in (try? meta.lineMatches(in: bytes, limit: 20))?.hits ?? [] {
        findings.add(
          "a header in a meta element that browsers ignore there",
          at: TreePlace(file.path, text.position(of: hit.match.lowerBound)), subject: "meta")
      }
    }
    for name in ["next.config.js", "next.config.mjs", "next.config.ts"] {
      for file in context.tree.files(named: name) {
        guard let text = context.tree.text(file) else { continue }
        let code = CodeText(text.bytes, .ecmascript)
        guard code.mentions(#"^\s*output:\s*['"]"#, in: context),
          code.mentions(#"^\s*output:\s*['"]export['"]"#, in: context, strings: true),
          let hit =
            (try? context.pattern(#"^\s*(async\s+headers\s*\(|headers:\s*async)"#).lineMatches(in: code.code, limit: 1))?
            .hits.first
        else { continue }
        findings.add(
          "headers() has no effect with output: 'export'",
          at: TreePlace(file.path, text.position(of: hit.match.lowerBound)), subject: "headers")
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "index.html:1:7", "web/next.config.js:3:1",
      in: [
        "index.html": "<head><meta http-equiv=\"X-Frame-Options\" content=\"DENY\"></head>\n",
        "web/next.config.js": "module.exports = {\n  output: 'export',\n  async headers() { return [] },\n}\n",
      ], "a meta element, a static export"),
    .silent(
      "a policy that works there, a server",
      [
        "index.html":
          "<!-- <meta http-equiv=\"X-Frame-Options\" content=\"DENY\"> -->\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\">\n",
        "web/next.config.js": "module.exports = {\n  output: 'standalone',\n  async headers() { return [] },\n}\n",
      ]),
  ]
}
