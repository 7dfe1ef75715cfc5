import GonogoCore
import GonogoServer

extension CoreAPI {
  /// A Telegram update. `?bot=` names the customer's bot that it came to; without it, the cabinet's own.
  func webhook(_ request: HTTPRequest) throws -> HTTPResponse {
    if let secret = settings.telegramSecret, !faults.has(.webhookSecretUnchecked) {
      let given = request.headers["x-telegram-bot-api-secret-token"] ?? ""
      guard Tokens.same(Array(given.utf8), Array(secret.utf8)) else {
        throw HTTPError(401, "the secret token of the webhook is missing or wrong")
      }
    }
    let update = try request.json()
    guard let id = update["update_id"]?.integerValue, let message = update["message"],
      let sender = message["from"]?["id"]?.integerValue, let chat = message["chat"]?["id"]?.integerValue
    else { return .json(["ok": true, "ignored": true]) }
    let text = message["text"]?.stringValue ?? ""
    if text == "/cabinet" {
      try answerCabinet(user: sender, chat: chat)
      return .json(["ok": true])
    }
    let bot = request.query("bot") ?? "cabinet"
    guard try !database.query("SELECT 1 FROM bots WHERE id = $1", [bot]).isEmpty else {
      throw HTTPError(404, "no such bot")
    }
    let kind = ["/order": "order", "/lead": "lead", "/book": "appointment"][
      text.split(separator: " ").first.map(String.init) ?? ""]
    let rows = try database.query(
      "INSERT INTO bot_events (bot_id, source_id, kind, payload_json) VALUES ($1, $2, $3, $4::jsonb) RETURNING id",
      [bot, String(id), kind ?? "message", update.canonicalString])
    try redis.command("XADD", "events", "*", "event_id", rows.first?["id"] ?? "", "bot_id", bot)
    return .json(["ok": true])
  }

  /// `/cabinet`: a button whose link logs in, for those who have a bot or are admins.
  private func answerCabinet(user: Int, chat: Int) throws {
    let isMember = try !database.query(
      "SELECT 1 FROM bot_admins WHERE telegram_user_id = $1::bigint LIMIT 1", [String(user)]
    ).isEmpty
    guard isMember || settings.adminIDs.contains(user) else {
      try telegram("sendMessage", ["chat_id": JSON(chat), "text": "You have no bot yet."])
      return
    }
    var message: [String: JSON] = [
      "chat_id": JSON(chat), "text": "Your cabinet. The button works once, for two minutes.",
    ]
    if faults.has(.cabinetLinkAsText) {
      message["text"] = .string(makeBotlink(for: user))
    } else {
      message["reply_markup"] = [
        "inline_keyboard": [[["text": "Open the cabinet", "url": .string(makeBotlink(for: user))]]]
      ]
    }
    try telegram("sendMessage", .object(message))
  }
}
