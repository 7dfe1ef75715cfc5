import GonogoCore
import GonogoServer

/// Sentry's store API, as far as one event goes.
enum Sentry {
  /// `http://key@host/project` to where events are posted.
  static func store(of dsn: String) -> String? {
    guard let mark = dsn.firstIndex(of: "@"), let slash = dsn.lastIndex(of: "/"), mark < slash,
      let scheme = dsn.split(separator: ":").first
    else { return nil }
    return "\(scheme)://\(dsn[dsn.index(after: mark)..<slash])/api/\(dsn[dsn.index(after: slash)...])/store/"
  }

  static func event(_ error: any Error, _ request: HTTPRequest) -> JSON {
    var headers: [String: JSON] = [:]
    for field in request.headers.all { headers[field.name.lowercased()] = .string(field.value) }
    return [
      "message": .string("\(error)"),
      "request": [
        "method": .string(request.method), "url": .string(request.target), "headers": .object(headers),
      ],
      "tags": ["request_id": .string(request.notes["request_id"] ?? "")],
    ]
  }

  /// The hook of the checklist: cookies, tokens and queries do not leave the house.
  static func beforeSend(_ event: JSON) -> JSON {
    guard case .object(var members) = event, case .object(var request)? = members["request"] else { return event }
    if let url = request["url"]?.stringValue { request["url"] = .string(String(url.prefix { $0 != "?" })) }
    let allowed: Set<String> = ["accept", "content-type", "content-length", "host", "user-agent", "x-request-id"]
    request["headers"] = .object((request["headers"]?.objectValue ?? [:]).filter { allowed.contains($0.key) })
    members["request"] = .object(request)
    return .object(members)
  }
}
