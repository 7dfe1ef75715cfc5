/// Stripe, by its own API.
enum StripeAccount {
  static let recogniser = Recogniser(
    "stripe", probes: ["http", "env"],
    manual: """
      In a document that speaks of Stripe: "account activated" (it may charge and pay out), "webhook endpoint configured" (an enabled one, of live mode, with the URL and the events that the line names), "live keys set", "live prices created".
      STRIPE_SECRET_KEY is the key that asks; a restricted one that may read these is enough. https://docs.stripe.com/api
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Activate your Stripe account for live",
        #"""
        http:
          GET: https://api.stripe.com/v1/account
          bearer: ${STRIPE_SECRET_KEY}
        expect: { status: 200, body.charges_enabled: true, body.payouts_enabled: true }
        """#),
      Recogniser.Sample(
        "Stripe.\n\n- [ ] Add a webhook endpoint:\n  - URL: `https://shop.example.org/stripe-webhook`",
        #"""
        http:
          GET: https://api.stripe.com/v1/webhook_endpoints?limit=100
          bearer: ${STRIPE_SECRET_KEY}
        expect: { status: 200 }
        jq: 'any(.body.data[]; .url == "https://shop.example.org/stripe-webhook" and .status == "enabled" and .livemode)'
        """#),
      Recogniser.Sample(
        "Stripe.\n\n- [ ] Webhook:\n  - Events: `checkout.session.completed`, `payout.failed`",
        #"""
        http:
          GET: https://api.stripe.com/v1/webhook_endpoints?limit=100
          bearer: ${STRIPE_SECRET_KEY}
        expect: { status: 200 }
        jq: '[.body.data[] | select(.status == "enabled" and .livemode) | .enabled_events] | any(.[]; index("*") != null or (["checkout.session.completed", "payout.failed"] - . | length == 0))'
        """#),
      Recogniser.Sample(
        "- [ ] Stripe live API keys configured",
        #"""
        env:
          variables:
            STRIPE_SECRET_KEY: { starts_with: sk_live_, secret: true }
        """#),
      Recogniser.Sample(
        "- [ ] Create the live-mode products/prices in Stripe",
        #"""
        http:
          GET: https://api.stripe.com/v1/prices?active=true&limit=100
          bearer: ${STRIPE_SECRET_KEY}
        expect: { status: 200 }
        jq: '[.body.data[] | select(.livemode)] | length >= 1'
        """#),
      Recogniser.Sample(
        "- [ ] Stripe webhook endpoint configured",
        #"""
        http:
          GET: https://api.stripe.com/v1/webhook_endpoints?limit=100
          bearer: ${STRIPE_SECRET_KEY}
        expect: { status: 200 }
        jq: 'any(.body.data[]; .status == "enabled" and .livemode)'
        """#),
    ],
    lookalikes: [
      "- [ ] Account activated", "Stripe.\n\n- [ ] Test webhook delivered", "Stripe.\n\n- [ ] Refund tested",
      "- [ ] Stripe webhook signature verified", "Stripe.\n\n- [ ] Prices agreed with the client",
    ]
  ) { line, context in
    guard line.isItem, context.mentions(stripe), !line.says(other) else { return nil }
    let about = line.says(stripe) || Phrase(#"stripe"#).isFound(in: line.near)
    let endpoints =
      "http:\n  GET: https://api.stripe.com/v1/webhook_endpoints?limit=100\n  bearer: ${STRIPE_SECRET_KEY}\nexpect: { status: 200 }\n"
    let events = line.codes.filter(event.isFound)
    if line.says(subscribed), !events.isEmpty {
      let wanted = events.map { "\"\($0)\"" }.joined(separator: ", ")
      return Draft(
        endpoints
          + "jq: '[.body.data[] | select(.status == \"enabled\" and .livemode) | .enabled_events] | any(.[]; index(\"*\") != null or ([\(wanted)] - . | length == 0))'",
        confidence: .high, reason: "a live endpoint is subscribed to each event that the line names, by Stripe itself")
    }
    if let url = line.codes.first(where: webhookURL.isFound), line.isAbout(webhook) || line.says(webhook) {
      return Draft(
        endpoints + "jq: 'any(.body.data[]; .url == \"\(url)\" and .status == \"enabled\" and .livemode)'",
        confidence: .high,
        reason: "Stripe has a live endpoint of that URL, and it is enabled")
    }
    if line.says(endpoint), about {
      return Draft(
        endpoints + "jq: 'any(.body.data[]; .status == \"enabled\" and .livemode)'", confidence: .medium,
        reason: "Stripe has a live endpoint that is enabled; its URL, add")
    }
    if line.says(account), about {
      return Draft(
        "http:\n  GET: https://api.stripe.com/v1/account\n  bearer: ${STRIPE_SECRET_KEY}\nexpect: { status: 200, body.charges_enabled: true, body.payouts_enabled: true }",
        confidence: .high, reason: "the account may charge and pay out, by Stripe itself")
    }
    if line.says(prices), about {
      return Draft(
        "http:\n  GET: https://api.stripe.com/v1/prices?active=true&limit=100\n  bearer: ${STRIPE_SECRET_KEY}\nexpect: { status: 200 }\njq: '[.body.data[] | select(.livemode)] | length >= 1'",
        confidence: .medium, reason: "Stripe has an active price of live mode; which, add")
    }
    guard line.says(keys), line.says(stripe) else { return nil }
    return Draft(
      "env:\n  variables:\n    STRIPE_SECRET_KEY: { starts_with: sk_live_, secret: true }", confidence: .medium,
      reason: "the key is one of live mode; STRIPE_SECRET_KEY is its usual name")
  }

  private static let stripe = Phrase(#"\bstripe\b"#)
  private static let other = Phrase(
    #"signature|\brefund|\btest(ed|ing)?\b(?! price)|documented|agreed|redeploy|onboard"#)
  private static let subscribed = Phrase(#"\bevents?\b"#)
  private static let event = Phrase(#"^[a-z_]+(\.[a-z_]+){1,3}$"#)
  private static let webhook = Phrase(#"webhook"#)
  private static let webhookURL = Phrase(#"^https://[\w.-]+/\S+$"#)
  private static let endpoint = Phrase(
    #"webhooks?\b.*\b(endpoint|configured|added|registered|set up|created)|add (an? )?endpoint|(add|configure|create|register|set up)\b.*webhook"#
  )
  private static let account = Phrase(
    #"(activate|activated|verified|live)\b.*\baccount\b|\baccount\b.*\b(activated|verified|approved|live)\b"#)
  private static let prices = Phrase(
    #"\b(products?|prices?)\b.*\b(created|in live|live mode|exist)|create\b.*\blive\b.*\b(products?|prices?)"#)
  private static let keys = Phrase(
    #"\bstripe( is)?( in)? live mode|\blive\b.*\b(api )?keys?\b|\b(api )?keys?\b.*\b(switched to|are|in) live"#)
}
