public import GonogoCore

/// A signed webhook that can be sent again for ever.
public struct WebhookReplay: CodeRule {
  public static let manual = RuleManual(
    id: "code-webhook-replay", severity: .low, family: "code",
    title: "A signed webhook can be replayed",
    what: """
      Looks at files of webhooks that make an HMAC themselves to verify what came in, and that name neither a timestamp, a tolerance, a nonce, an event's or a delivery's \
      id, idempotence, nor what was processed before. Signatures of GitHub, Shopify and others without a timestamp pass, as do providers' own libraries.
      """,
    why: "who has seen one genuine call, in a log or a proxy, repeats it: the payment is booked twice",
    mend: "refuse timestamps older than five minutes, and keep the ids of events for as long",
    falsifies: "webhooks are protected against replay",
    references: ["https://docs.stripe.com/webhooks#replay-attacks"])

  public static let patterns = CodePattern.hmacs

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var told: Set<TreeFile> = []
    for match in try context.matches("hmac", of: Self.self) + context.matches("python", of: Self.self) {
      guard match.file.path.lowercased().contains("webhook"), told.insert(match.file).inserted,
        let code = CodeText(match.file, in: context),
        // It verifies: it compares with what came in, rather than signing what goes out.
        code.mentions(#"timingSafeEqual|compare_digest|signature\w*\s*[!=]==?|[!=]==?\s*\w*signature"#, in: context)
      else { continue }
      if code.mentions(
        #"time_?stamp|tolerance|nonce|replay|idempot|processed|event_?id|delivery|dedup|duplicate|already|\bts\b|x-hub|github|shopify|telegram|seen"#,
        in: context, strings: true)
      {
        continue
      }
      // Whoever verifies for a route may leave the store of events to it.
      findings.add("the signature says nothing of when: the call can be replayed", at: match.place, subject: "hmac")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "lib/webhook.ts:2:15",
      in: [
        "lib/webhook.ts": """
        export function check(raw: string, signature: string) {
          const own = createHmac('sha256', secret).update(raw).digest('hex')
          return timingSafeEqual(Buffer.from(own), Buffer.from(signature))
        }
        """
      ], "no time"),
    .silent(
      "a timestamp, an outgoing signature",
      [
        "lib/webhook.ts": """
        export function check(raw: string, signature: string, timestamp: number) {
          const own = createHmac('sha256', secret).update(timestamp + raw).digest('hex')
          return timingSafeEqual(Buffer.from(own), Buffer.from(signature))
        }
        """,
        "lib/send-webhook.ts":
          "export const sign = (raw: string) => createHmac('sha256', secret).update(raw).digest('hex')\n",
      ]),
  ]
}
