import GonogoCore
import GonogoServer
import Synchronization

/// The outside world on loopback: as much of the Telegram Bot API as the core uses, and of Sentry's intake; it remembers
/// what it was sent, and says so under `/_testbed/`.
final class Telegram: Sendable {
  private struct State {
    var webhook: [String: JSON] = ["url": "", "has_custom_certificate": false, "pending_update_count": 0]
    var messages: [JSON] = []
    var events: [JSON] = []
  }

  private let token: String
  private let faults: Faults
  private let state = Mutex(State())

  init(token: String, faults: Faults) {
    self.token = token
    self.faults = faults
  }

  var router: Router {
    var router = Router()
    router.get("/health") { _ in .json(["status": "ok", "service": "telegram"]) }
    for method in ["GET", "POST"] {
      router.on(method, "/{bot}/{method}") { [self] in try call($0) }
    }
    router.get("/_testbed/sent") { [self] request in
      let chat = request.query("chat_id").flatMap { Int($0) }
      let messages = state.withLock { $0.messages }
      return .json(["messages": .array(messages.filter { chat == nil || $0["chat_id"]?.integerValue == chat })])
    }
    router.post("/api/{project}/store/") { [self] request in
      let event = try request.json()
      state.withLock { $0.events.append(event) }
      return .json(["id": .string(Tokens.random())])
    }
    router.get("/_testbed/sentry") { [self] _ in .json(["events": .array(state.withLock { $0.events })]) }
    return router
  }

  private func call(_ request: HTTPRequest) throws -> HTTPResponse {
    guard request.parameters["bot"] == "bot\(token)" else {
      return .json(["ok": false, "error_code": 401, "description": "Unauthorized"], status: 401)
    }
    let arguments = request.body.isEmpty ? JSON.object([:]) : try request.json()
    switch request.parameters["method"] {
    case "getMe":
      let name = faults.has(.botTokenOfAnotherBot) ? "another_bot" : "owner_cabinet_bot"
      return ok(["id": 7_000_000_001, "is_bot": true, "first_name": "Cabinet", "username": .string(name)])
    case "setWebhook":
      guard let url = arguments["url"] ?? request.query("url").map({ JSON.string($0) }) else {
        return .json(["ok": false, "error_code": 400, "description": "url is required"], status: 400)
      }
      state.withLock { $0.webhook["url"] = url }
      return ok(true)
    case "getWebhookInfo": return ok(.object(state.withLock { $0.webhook }))
    case "sendMessage":
      let count = state.withLock { state in
        state.messages.append(arguments)
        return state.messages.count
      }
      return ok(["message_id": JSON(count)])
    default: return .json(["ok": false, "error_code": 404, "description": "Not Found"], status: 404)
    }
  }

  private func ok(_ result: JSON) -> HTTPResponse { .json(["ok": true, "result": result]) }
}
