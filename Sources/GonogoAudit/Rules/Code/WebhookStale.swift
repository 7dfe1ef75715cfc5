public import GonogoCore

/// A webhook that signs its time, and takes it however old.
public struct WebhookStale: CodeRule {
  public static let manual = RuleManual(
    id: "code-webhook-no-tolerance", severity: .medium, family: "code",
    title: "A webhook's timestamp is signed and never compared with the clock",
    what: """
      Looks at files of webhooks that make an HMAC themselves to verify what came in, that read a timestamp beside the signature, and that name \
      no clock, no age and no tolerance. Providers' own libraries pass.
      """,
    why: "the timestamp is there against replay, and a call of last year still passes",
    mend: "refuse a timestamp that is more than five minutes from now, before the signature is compared",
    falsifies: "webhooks are protected against replay",
    references: ["https://docs.stripe.com/webhooks#replay-attacks"])

  public static let patterns =
    CodePattern.hmacs + [
      CodePattern("go", .go, "rule: { pattern: { context: 'func f() { hmac.New($$$) }', selector: call_expression } }")
    ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var told: Set<TreeFile> = []
    for name in ["hmac", "python", "go"] {
      for match in try context.matches(name, of: Self.self) {
        guard told.insert(match.file).inserted, let code = CodeText(match.file, in: context),
          match.file.path.lowercased().contains("webhook") || code.mentions("webhook", in: context),
          code.mentions(
            #"timingSafeEqual|compare_digest|hmac\.Equal|signature\w*\s*[!=]==?|[!=]==?\s*\w*signature"#, in: context),
          code.mentions(#"header\w*[^\n]{0,40}(timestamp|-ts\b)"#, in: context, strings: true),
          code.mentions(#"\b\w*(timestamp|Ts|ts)\b"#, in: context),
          !code.mentions(
            #"Date\.now|new Date|Math\.abs|tolerance|max_?age|time\.(time|Now|Since|Unix)|datetime|utcnow|getTime|dayjs|moment|expired|stale|too_?old|freshness|clock"#,
            in: context, strings: true)
        else { continue }
        findings.add("the timestamp is read and never compared with the clock", at: match.place, subject: "timestamp")
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "lib/webhook.ts:4:15", "hooks/webhook.py:3:11",
      in: [
        "lib/webhook.ts": """
        export function check(req: Request, raw: string) {
          const timestamp = req.headers.get('x-timestamp')
          const signature = req.headers.get('x-signature')
          const own = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex')
          return timingSafeEqual(Buffer.from(own), Buffer.from(signature))
        }
        """,
        "hooks/webhook.py": """
        def check(request, raw):
            timestamp = request.headers["X-Timestamp"]
            own = hmac.new(SECRET, timestamp.encode() + raw, "sha256").hexdigest()
            return hmac.compare_digest(own, request.headers["X-Signature"])
        """,
      ], "any time"),
    .silent(
      "compared, no timestamp, what goes out",
      [
        "lib/webhook.ts": """
        export function check(req: Request, raw: string) {
          const timestamp = req.headers.get('x-timestamp')
          if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false
          const own = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex')
          return timingSafeEqual(Buffer.from(own), Buffer.from(signature))
        }
        """,
        "lib/github-webhook.ts":
          "const own = createHmac('sha256', secret).update(raw).digest('hex')\nexport const ok = timingSafeEqual(a(own), b(req.headers['x-hub-signature-256']))\n",
        "lib/send-webhook.ts":
          "const timestamp = stamp()\nconst s = createHmac('sha256', secret).update(timestamp + raw).digest('hex')\nawait post(url, { headers: { 'x-timestamp': timestamp } })\n",
      ]),
  ]
}
