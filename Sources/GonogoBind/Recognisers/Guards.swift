/// Refusals: CSRF tokens, permissions, other people's objects, signatures, sockets. Each with its control.
enum Guards {
  static let recogniser = Recogniser(
    "guards", probes: ["http"],
    manual: """
      Lines that say that something is refused: changes without a CSRF token, callers without a role, other people's objects (IDOR),
      webhooks without a signature, WebSockets without a token. Each binding is a scenario in which the same request by someone who
      may succeeds: without that control nothing is proposed. Who `user`, `admin` and `stranger` are stands in the front matter.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] CSRF: every change needs the x-csrf-token header, which is required",
        #"""
        http:
          - POST: ${mutation}
            as: user
            json: {}
            expect: { status: { one_of: [401, 403, 419] } }
          - POST: ${mutation}
            as: user
            headers: { x-csrf-token: "${CSRF_TOKEN}" }
            json: {}
            expect: { status: "< 400" }
        """#),
      Recogniser.Sample(
        "- ✅ IDOR в API заказов",
        #"""
        http: { GET: "${object}", as: stranger }
        expect: { status: { one_of: [403, 404] } }
        allowed:
          http: { GET: "${object}", as: user }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] RBAC: endpoints look at the caller's role",
        #"""
        http: { GET: "${restricted}", as: user }
        expect: { status: { one_of: [401, 403, 404] } }
        allowed:
          http: { GET: "${restricted}", as: admin }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Webhooks without X-Hub-Signature are refused",
        #"""
        http:
          POST: ${webhook}
          json: {}
        expect: { status: { one_of: [400, 401, 403] } }
        allowed:
          http:
            POST: ${webhook}
            json: {}
            hmac: { header: X-Hub-Signature, key: "${WEBHOOK_SECRET}", prefix: "sha256=" }
          expect: { status: "< 300" }
        """#),
      Recogniser.Sample(
        "Stripe.\n\n- [ ] Webhook signature verification enabled",
        #"""
        http:
          POST: ${webhook}
          json: {}
        expect: { status: { one_of: [400, 401, 403] } }
        allowed:
          http:
            POST: ${webhook}
            json: { id: evt_gonogo, object: event, type: gonogo.probe, data: { object: {} } }
            hmac: { header: Stripe-Signature, key: "${STRIPE_WEBHOOK_SECRET}", over: "${timestamp}.${body}", prefix: "t=${timestamp},v1=" }
          expect: { status: "< 300" }
        """#),
      Recogniser.Sample(
        "- [ ] Admin routes protected",
        #"""
        http: { GET: "${restricted}", cookies: none }
        expect: { status: { one_of: [401, 403, 404] } }
        allowed:
          http: { GET: "${restricted}", as: admin }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] WebSocket auth исправлен",
        #"""
        http:
          GET: ${websocket}
          headers: { Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Version: "13", Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== }
        expect: { status: { one_of: [401, 403] } }
        allowed:
          http:
            GET: ${websocket}
            as: user
            headers: { Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Version: "13", Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== }
          expect: { status: 101 }
        """#),
      Recogniser.Sample(
        "- [ ] All endpoints require shopId",
        #"""
        http:
          GET: ${restricted}
          as: user
        expect: { status: { one_of: [400, 422] } }
        allowed:
          http: { GET: "${restricted}", as: user, query: { shopId: "${SHOPID}" } }
          expect: { status: 200 }
        """#),
    ],
    lookalikes: [
      "- [ ] Webhook endpoint configured", "- [ ] WebSocket metrics", "- [ ] Verify Owner can manage admins",
      "- [ ] CSRF documented in the guide `CSRF.md`",
    ]
  ) { line, context in
    if Phrases.markdownFile.isFound(in: line.text) { return nil }
    if let groups = csrf.first(in: line.text) {
      let header = groups[1] ?? "x-csrf-token"
      return Draft(
        """
        http:
          - POST: ${mutation}
            as: user
            json: {}
            expect: { status: { one_of: [401, 403, 419] } }
          - POST: ${mutation}
            as: user
            headers: { \(header): "${CSRF_TOKEN}" }
            json: {}
            expect: { status: "< 400" }
        """, confidence: .low,
        reason:
          "one change is refused without the token and accepted with it; write the body that it takes, and a case for each change"
      )
    }
    if line.says(object) {
      return Draft(
        """
        http: { GET: "${object}", as: stranger }
        expect: { status: { one_of: [403, 404] } }
        allowed:
          http: { GET: "${object}", as: user }
          expect: { status: 200 }
        """, confidence: .medium, reason: "a stranger is refused an object that its owner is given")
    }
    if let groups = parameter.first(in: line.text), let name = groups[1] {
      return Draft(
        """
        http:
          GET: ${restricted}
          as: user
        expect: { status: { one_of: [400, 422] } }
        allowed:
          http: { GET: "${restricted}", as: user, query: { \(name): "${\(name.uppercased())}" } }
          expect: { status: 200 }
        """, confidence: .low, reason: "one endpoint refuses a request without \(name); write a case for each endpoint")
    }
    if line.says(roles) {
      return Draft(
        """
        http: { GET: "${restricted}", as: user }
        expect: { status: { one_of: [401, 403, 404] } }
        allowed:
          http: { GET: "${restricted}", as: admin }
          expect: { status: 200 }
        """, confidence: .low,
        reason: "one endpoint refuses who lacks the role and answers who has it; write a case for each endpoint")
    }
    if line.says(webhook), line.says(verified), context.mentions(stripe) {
      // https://docs.stripe.com/webhooks#verify-manually: the time and the body, joined by a dot, are signed.
      return Draft(
        """
        http:
          POST: ${webhook}
          json: {}
        expect: { status: { one_of: [400, 401, 403] } }
        allowed:
          http:
            POST: ${webhook}
            json: { id: evt_gonogo, object: event, type: gonogo.probe, data: { object: {} } }
            hmac: { header: Stripe-Signature, key: "${STRIPE_WEBHOOK_SECRET}", over: "${timestamp}.${body}", prefix: "t=${timestamp},v1=" }
          expect: { status: "< 300" }
        """, confidence: .medium, reason: "an unsigned event is refused, and one that is signed as Stripe signs is not")
    }
    if line.says(guarded) {
      return Draft(
        """
        http: { GET: "${restricted}", cookies: none }
        expect: { status: { one_of: [401, 403, 404] } }
        allowed:
          http: { GET: "${restricted}", as: admin }
          expect: { status: 200 }
        """, confidence: .low,
        reason: "one address refuses who is nobody and answers who may; write a case for each")
    }
    if line.says(webhook), let header = signature.group(1, in: line.text) {
      return Draft(
        """
        http:
          POST: ${webhook}
          json: {}
        expect: { status: { one_of: [400, 401, 403] } }
        allowed:
          http:
            POST: ${webhook}
            json: {}
            hmac: { header: \(header), key: "${WEBHOOK_SECRET}", prefix: "sha256=" }
          expect: { status: "< 300" }
        """, confidence: .medium, reason: "an unsigned call is refused, and a signed one accepted")
    }
    if line.says(socket), !line.says(path) {
      // RFC 6455, section 4.1: what an opening handshake carries; the key is the one of section 1.3.
      return Draft(
        """
        http:
          GET: ${websocket}
          headers: { Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Version: "13", Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== }
        expect: { status: { one_of: [401, 403] } }
        allowed:
          http:
            GET: ${websocket}
            as: user
            headers: { Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Version: "13", Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== }
          expect: { status: 101 }
        """, confidence: .low, reason: "an upgrade without a token is refused, and one with it is not")
    }
    return nil
  }

  private static let csrf = Phrase(#"csrf.*\b(x-[a-z-]+)|csrf .*(required|protection|enabled)"#)
  private static let object = Phrase(#"\bidor\b|проверка ownership|object[- ]level auth"#)
  private static let parameter = Phrase(#"endpoints? require `?([a-z][A-Za-z]*Id)\b"#)
  private static let roles = Phrase(#"\brbac\b|role-based access|permissions enforced|protected routes enforc"#)
  private static let stripe = Phrase(#"\bstripe\b"#)
  private static let verified = Phrase(
    #"(validat|verif|check)\w* (\w+ )?signatures?|signatures? (is |are |verification |validation )*(verified|validated|checked|enabled|working|implemented)|signature verification"#
  )
  private static let guarded = Phrase(
    #"^admin (panel|routes?|area|dashboard|pages?|endpoints?) (is |are )?(protected|secured|restricted)|authorization checks? on|(routes?|endpoints?|pages?|apis?) (require|requires|are protected by|protected by|are behind) (auth\w*|login|a valid token|jwt)|returns? 401\b|\b401 (unauthorized )?(for|on|when|without|if)|unauthenticated (requests?|users?|access) (are |is )?(rejected|refused|blocked|redirected|denied)|protected routes? (require|redirect|are protected)"#
  )
  private static let webhook = Phrase(#"webhook"#)
  private static let signature = Phrase(#"\b(x-[a-z-]*signature[a-z0-9-]*)"#)
  private static let socket = Phrase(#"websocket\b.*\b(auth|jwt)"#)
  private static let path = Phrase(#"metrics"#)
}
