/// What a line demands of a header beyond its being sent: a value, or parts of one.
enum HeaderDemands {
  /// The expectation for the header, as strict as the line is.
  static func sharpened(_ expectation: String, for text: String) -> String {
    if expectation.hasPrefix("headers.x-frame-options:") {
      switch (deny.isFound(in: text), same.isFound(in: text)) {
      case (true, false): return "headers.x-frame-options: { matches: '/^deny$/i' }"
      case (false, true): return "headers.x-frame-options: { matches: '/^sameorigin$/i' }"
      default: return expectation
      }
    }
    if expectation.hasPrefix("headers.referrer-policy:"), let policy = policy.group(1, in: text)?.lowercased() {
      return "headers.referrer-policy: { matches: '/^\(policy)$/i' }"
    }
    if expectation.hasPrefix("headers.strict-transport-security:") {
      let parts = security(text)
      if parts.isEmpty { return expectation }
      let ahead = (["max-age=[1-9]"] + parts).map { "(?=.*\($0))" }.joined()
      return "headers.strict-transport-security: { matches: '/^\(ahead)/i' }"
    }
    return expectation
  }

  /// What HSTS must say beside its age.
  static func security(_ text: String) -> [String] {
    (subdomains.isFound(in: text) ? ["includeSubDomains"] : []) + (preload.isFound(in: text) ? ["preload"] : [])
  }

  private static let deny = Phrase(
    #"(?i:frame-?options?)\W*(?i:header )?(?i:is |are |set |to |with |=|:|\()*\W*(DENY|deny)\b"#, ignoringCase: false)
  private static let same = Phrase(#"\bsame-?origin\b(?!-)"#)
  private static let policy = Phrase(
    #"referrer[- ]policy\W*(?:header )?(?:is |set |to |with |=|:|\()*\W*(no-referrer-when-downgrade|no-referrer|strict-origin-when-cross-origin|strict-origin|same-origin|origin-when-cross-origin|origin|unsafe-url)(?![\w-])"#
  )
  private static let subdomains = Phrase(#"\binclud(e|es|ing) ?-?(all )?sub-?domains?\b"#)
  private static let preload = Phrase(#"\bpreload\b(?! list)"#)
}
