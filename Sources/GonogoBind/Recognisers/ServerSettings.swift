/// What the web server and the interpreter were told.
enum ServerSettings {
  static let recogniser = Recogniser(
    "server-settings", probes: ["command"],
    manual: """
      "Document root points to `/public`", "Nginx configuration valid", "client_max_body_size set", "reverse proxy configured": what `nginx -T` prints of the whole configuration, which reads it and changes nothing, as root on the machine where the check
      runs. "Opcache enabled", "memory_limit 256M": `php -i`, of the command line's configuration, which may be another than the server's.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "Nginx.\n\n- [ ] Document root points to `/public` directory",
        #"""
        command: nginx -T
        expect: { exit: 0, stdout: { matches: '/(?m)^\s*root\s+\S*\/public\/?;/' } }
        """#),
      Recogniser.Sample(
        "- [ ] Nginx configuration is valid",
        #"""
        command: nginx -t
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Directory listing disabled",
        #"""
        command: nginx -T
        expect: { exit: 0, stdout: { not: { matches: '/(?m)^\s*autoindex\s+on\b/' } } }
        """#),
      Recogniser.Sample(
        "- [ ] Nginx reverse proxy configured",
        #"""
        command: nginx -T
        expect: { exit: 0, stdout: { matches: '/(?m)^\s*proxy_pass\s+/' } }
        """#),
      Recogniser.Sample(
        "- [ ] Opcache enabled and configured",
        #"""
        command: php -i
        expect: { exit: 0, stdout: { matches: '/(?m)^opcache\.enable => On/' } }
        """#),
    ],
    lookalikes: [
      "- [ ] Document root cause", "- [ ] Nginx configuration documented", "- [ ] Proxy for the vote named",
      "- [ ] Opcache discussed", "- [ ] No reverse proxy",
    ]
  ) { line, context in
    guard line.isItem, !line.says(Reservations.paper) else { return nil }
    if line.says(listing) {
      return Draft(
        "command: nginx -T\nexpect: { exit: 0, stdout: { not: { matches: '/(?m)^\\s*autoindex\\s+on\\b/' } } }",
        confidence: context.mentions(nginx) ? .medium : .low,
        reason:
          "nginx lists no directory; as root, on the machine where the check runs\(context.mentions(nginx) ? "" : "; that it is nginx is a guess")"
      )
    }
    if Absence.isMeant(line) { return nil }
    if line.says(root), !context.mentions(apache) || context.mentions(nginx),
      let folder = line.codes.lazy.compactMap({ path.group(1, in: $0) }).first ?? named.group(1, in: line.text)
    {
      return Draft(
        "command: nginx -T\nexpect: { exit: 0, stdout: { matches: '/(?m)^\\s*root\\s+\\S*\\/\(YAMLText.escapedForPattern(folder))\\/?;/' } }",
        confidence: .medium, reason: "nginx has such a root; as root, on the machine where the check runs")
    }
    return claims.draft(line)
  }

  private static let listing = Phrase(
    #"directory (listing|browsing|index\w*)s?( is| are)? (disabled|off|turned off|not)|(disable|turn off|no) directory (listing|browsing|index)"#
  )
  private static let root = Phrase(#"(document|web) ?root\b.*(point|set|is|config)"#)
  private static let path = Phrase(#"^/?([\w.-]+)/?$"#)
  private static let named = Phrase(#"\b(?:to|is) (?:the )?/?(public|dist|build|html|www)\b"#)
  private static let apache = Phrase(#"\bapache"#)
  private static let nginx = Phrase(#"\bnginx"#)
  private static let claims: [Claim] = [
    Claim(
      #"nginx (config\w*|syntax)( file)?( is)? (valid|tested|ok|passes|correct|checked)|(test|check|validate) nginx config"#,
      "command: nginx -t\nexpect: { exit: 0 }", confidence: .high,
      reason: "nginx reads its configuration without an error; as root, on the machine where the check runs"),
    Claim(
      #"(nginx|reverse) (reverse )?proxy( is)? (configured|set up|in place|enabled)|nginx (is )?configured as (a )?(reverse )?proxy|nginx настроен"#,
      "command: nginx -T\nexpect: { exit: 0, stdout: { matches: '/(?m)^\\s*proxy_pass\\s+/' } }",
      reason: "nginx passes requests on; as root, on the machine where the check runs"),
    Claim(
      #"client_max_body_size"#,
      "command: nginx -T\nexpect: { exit: 0, stdout: { matches: '/(?m)^\\s*client_max_body_size\\s+/' } }",
      confidence: .high, reason: "nginx has the directive; as root, on the machine where the check runs"),
    Claim(
      #"\bop-?cache\b.*(enabled|configured|active|on)\b"#,
      "command: php -i\nexpect: { exit: 0, stdout: { matches: '/(?m)^opcache\\.enable => On/' } }",
      reason: "PHP's configuration has it on; the command line's may be another than the server's"),
  ]
}
