public import GonogoCore

/// A WebSocket server that takes whoever comes for whom they say they are.
public struct WebSocketWithoutAuthentication: CodeRule {
  public static let manual = RuleManual(
    id: "code-websocket-no-auth", severity: .high, family: "code",
    title: "A WebSocket server authenticates nobody",
    what: """
      Looks for WebSocket servers (ws, socket.io, Fastify's and Hono's routes, FastAPI's) in files that neither call anything that \
      verifies, decodes or loads a session, a token or a user, nor compare a secret, nor import from the tree what does. A handshake whose user id is \
      only copied counts as none.
      """,
    why: "anyone can connect, read what is sent to others, and speak in their name",
    mend: "verify the session or a signed token on upgrade, refuse with 401 there, and take the user from it alone",
    falsifies: "connections over WebSocket are authenticated",
    wordings: ["WebSockets are authenticated", "WebSocket connections need authentication"],
    references: ["https://cheatsheetseries.owasp.org/cheatsheets/WebSocket_Security_Cheat_Sheet.html"])

  public static let patterns = [
    CodePattern(
      "server", .ecmascript,
      """
      rule:
        kind: new_expression
        has:
          field: constructor
          regex: '^(WebSocketServer|WebSocket\\.Server|ws\\.Server|WSServer|SocketServer|SocketIOServer|IOServer|SocketIO\\.Server|Server)$'
      """),
    CodePattern(
      "route", .ecmascript,
      """
      rule:
        any:
          - pattern: upgradeWebSocket($$$)
          - pattern: Deno.upgradeWebSocket($$$)
          - { pattern: '$APP.get($PATH, $OPTIONS, $$$)', has: { stopBy: end, kind: pair, regex: '^websocket: ?true' } }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: decorated_definition
        has: { kind: decorator, regex: '^@\\w+\\.websocket\\(' }
      """),
  ]

  /// Calls and comparisons that may well decide who somebody is.
  private static let checks =
    #"\b\w*(verif|authenti|authori|session|jwt|jws|jose|cookie|current_?user|getUser(?![A-Z])|get_user(?!_)|getToken|apikey|api_key|validateToken|check_?token|permission|introspect|isAllowed|allow_?origin|checkOrigin)\w*(\.\w+)*\s*(<[^>]*>)?\(|\b\w*(token|secret|key)\w*\s*[!=]==?|[!=]==?\s*\w*(token|secret)\w*|Depends\(|timingSafeEqual|compare_digest"#

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var servers: [CodeMatch] = []
    for match in try context.matches("server", of: Self.self) {
      guard let code = CodeText(match.file, in: context) else { continue }
      // `new Server` is anybody's: socket.io's where the file imports it; and without a port or server it listens to nothing.
      let imports = #"(from|require\()\s*['"](ws|socket\.io)['"]"#
      if code.mentions(imports, in: context, raw: true) { servers.append(match) }
    }
    servers += try context.matches("route", of: Self.self)
    for match in servers {
      guard let code = CodeText(match.file, in: context) else { continue }
      if code.mentions(Self.checks, in: context) { continue }
      let guarded = CodeScope.imported(by: match.file, in: context).contains {
        CodeText($0, in: context)?.mentions(Self.checks, in: context) == true && !$0.path.contains("logger")
      }
      if guarded { continue }
      findings.add("the WebSocket server authenticates nobody", at: match.place, subject: "websocket")
    }
    for match in try context.matches("python", of: Self.self) {
      guard let code = CodeText(match.file, in: context) else { continue }
      if code.mentions(Self.checks, in: context) { continue }
      findings.add("the WebSocket route authenticates nobody", at: match.place, subject: "websocket")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "lib/ws.ts:3:12", "app/live.py:1:1",
      in: [
        "lib/ws.ts": """
        import { Server as SocketServer } from 'socket.io'
        import { log } from './log'
        const io = new SocketServer(httpServer, { path: '/io' })
        io.use((socket, next) => { socket.data.userId = socket.handshake.query.userId; next() })
        """,
        "lib/log.ts": "export const log = (x: string) => console.log(x)\n",
        "app/live.py": "@app.websocket('/live')\nasync def live(ws: WebSocket):\n    await ws.accept()\n",
      ], "a user id that is only copied"),
    .silent(
      "a token is verified here, in an imported file, by a dependency",
      [
        "lib/a.ts": """
        import { WebSocketServer } from 'ws'
        const wss = new WebSocketServer({ noServer: true })
        server.on('upgrade', (req, socket) => { if (!verifyToken(req.url)) socket.destroy() })
        """,
        "lib/b.ts": """
        import { WebSocketServer } from 'ws'
        import { guard } from './guard'
        const wss = new WebSocketServer({ port: 1 })
        wss.on('connection', guard)
        """,
        "lib/guard.ts": "export function guard(ws) { if (!jwt.verify(ws.token)) ws.close() }\n",
        "lib/c.ts": "import { Server } from '@acme/x'\nconst s = new Server()\n",
        "app/live.py":
          "@app.websocket('/live')\nasync def live(ws: WebSocket, user=Depends(user)):\n    await ws.accept()\n",
      ]),
  ]
}
