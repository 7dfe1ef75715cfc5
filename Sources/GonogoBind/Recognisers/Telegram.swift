/// A Telegram bot: its token, and where its webhook leads.
enum Telegram {
  static let recogniser = Recogniser(
    "telegram", probes: ["http"],
    manual: """
      "Bot token from @BotFather": Telegram knows the token (`getMe`). "Set webhook: …?url=X": Telegram has X (`getWebhookInfo`).
      The token is TELEGRAM_BOT_TOKEN. https://core.telegram.org/bots/api
      """,
    samples: [
      Recogniser.Sample(
        "1. Bot token from @BotFather",
        #"""
        http: { GET: "https://api.telegram.org/bot${TELEGRAM_BOT_TOKEN}/getMe" }
        expect: { status: 200, body.ok: true, body.result.is_bot: true }
        """#),
      Recogniser.Sample(
        "1. Set webhook: `https://api.telegram.org/bot<TOKEN>/setWebhook?url=https://a.example/api/webhook`",
        #"""
        http: { GET: "https://api.telegram.org/bot${TELEGRAM_BOT_TOKEN}/getWebhookInfo" }
        expect: { status: 200, body.result.url: "https://a.example/api/webhook" }
        """#),
    ],
    lookalikes: [
      "- `TELEGRAM_BOT_TOKEN` - Telegram bot token", "- [ ] Webhook retry backoff tested",
      "1. Open the bot in Telegram",
    ]
  ) { line, _ in
    if let url = webhook.group(1, in: line.raw) {
      return Draft(
        "http: { GET: \"https://api.telegram.org/bot${TELEGRAM_BOT_TOKEN}/getWebhookInfo\" }\nexpect: { status: 200, body.result.url: \"\(url)\" }",
        confidence: .high, reason: "Telegram says where it sends updates to")
    }
    guard line.says(token), !EnvironmentVariable.start.isFound(in: line.raw) else { return nil }
    return Draft(
      "http: { GET: \"https://api.telegram.org/bot${TELEGRAM_BOT_TOKEN}/getMe\" }\nexpect: { status: 200, body.ok: true, body.result.is_bot: true }",
      confidence: .high, reason: "Telegram knows whose token it is")
  }

  private static let webhook = Phrase(#"setWebhook\?url=([^`\s&]+)"#)
  private static let token = Phrase(#"bot token from @?botfather|@botfather"#)
}
