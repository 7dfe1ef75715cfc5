/// That the server does not tell strangers how it is made.
enum DebugMode {
  static let recogniser = Recogniser(
    "debug-mode", probes: ["http"],
    manual: """
      "Debug mode disabled", "error handling doesn't expose sensitive information", "no stack traces shown": what `${app}` answers about a page that is not there has none of the pages that Django, Laravel, Rails,
      Werkzeug, Spring and Express show in debugging, and no trace. One error stands for all; one inside a handler may tell more.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Debug mode disabled (check error pages)",
        #"""
        http: { GET: "${app}/gonogo-no-such-page" }
        expect:
          text:
            not: { matches: '/Traceback|Whoops|Ignition|DEBUG = True|Werkzeug|Whitelabel Error Page.*trace|Routing Error|\bat [\w.$<>]+ ?\(.*:\d+(:\d+)?\)|node_modules|SQLSTATE|stack trace/i' }
        no_control: an error is asked for what it tells, not whether it refuses rightly
        """#),
      Recogniser.Sample(
        "- [ ] Error handling doesn't expose sensitive information",
        #"""
        http: { GET: "${app}/gonogo-no-such-page" }
        expect:
          text:
            not: { matches: '/Traceback|Whoops|Ignition|DEBUG = True|Werkzeug|Whitelabel Error Page.*trace|Routing Error|\bat [\w.$<>]+ ?\(.*:\d+(:\d+)?\)|node_modules|SQLSTATE|stack trace/i' }
        no_control: an error is asked for what it tells, not whether it refuses rightly
        """#),
    ],
    lookalikes: [
      "- [ ] Debug mode enabled on staging", "- [ ] Debug the mobile app", "- [ ] Sensitive data encrypted",
      "- [ ] Debug logs rotated", "- [ ] Disable debug logging", "- [ ] Error tracking configured",
    ]
  ) { line, _ in
    guard line.isItem, !line.says(other), line.says(off) || line.says(silent) else { return nil }
    return Draft(
      """
      http: { GET: "${app}/gonogo-no-such-page" }
      expect:
        text:
          not: { matches: '/Traceback|Whoops|Ignition|DEBUG = True|Werkzeug|Whitelabel Error Page.*trace|Routing Error|\\bat [\\w.$<>]+ ?\\(.*:\\d+(:\\d+)?\\)|node_modules|SQLSTATE|stack trace/i' }
      no_control: an error is asked for what it tells, not whether it refuses rightly
      """, confidence: .medium, reason: "an error tells nothing of the code behind it; one error stands for all")
  }

  private static let other = Phrase(#"\blog(s|ging)?\b|console|source ?maps?|\b(ios|android|build)\b|setting|tracking"#)
  private static let off = Phrase(
    #"\bdebug(ging)?( mode| pages?| output| toolbar)?( is)? (disabled|off|turned off|false|not enabled)|(disable|turn off) debug(ging)?( mode)?\b|no debug mode|отладк\w* .*(отключ|выключ)|режим отладки (отключ|выключ)"#
  )
  private static let silent = Phrase(
    #"(error (handling|messages?|responses?|pages?)|errors|exceptions)\b.*(do(es)? ?n[o']?t|not|never|no longer|without) .*(expos|leak|reveal|show|disclos|contain|includ)\w*|(no|hide|hidden|suppress) (stack ?traces?|internal (errors|details))|stack ?traces? (are |is )?(hidden|not (shown|exposed|displayed)|disabled)|generic error (messages|pages)"#
  )
}
