import GonogoCore

/// "WebSocket connections are authenticated".
enum WebSocketClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "websocket-authentication", title: "WebSocket connections are authenticated",
    what: """
      False where a WebSocket server stands in a file that calls nothing which verifies, decodes or loads a token, a session or a \
      user, and imports nothing of that name; true where every such file does. That it refuses a stranger was not tried.
      """, rules: ["code-websocket-no-auth"])

  static let vocabulary = ClaimVocabulary(
    "websocket* web socket* io auth* jwt token* connection* вебсокет* аутентиф* авториз*",
    contradicting: "bypass* vulnerab* уязвим* исправл*", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("websocket", "web socket", "socket.io", "вебсокет"),
      line.says("auth", "jwt", "bypass", "token", "аутентиф", "авториз"), !line.hasWord("no", "нет")
    else { return nil }
    let found = scene.contradicting(manual.rules, in: line)
    if !found.isEmpty { return .falsely(found) }
    let servers = scene.code(
      #"new (SocketServer|SocketIOServer|IOServer|WebSocketServer|WebSocket\.Server|WSServer)\b|new Server\s*[<(].*(http|socket|cors)|= new SocketServer"#,
      in: scene.scope(of: line))
    // Of these it is not followed who checks the connection.
    let others = scene.code(
      #"^\s*@\w+\.websocket(_route)?\(|\bwebsockets\.serve\(|\b[uU]pgrader\.Upgrade\(|\bwebsocket\.(Accept|Handler)\b|\bupgradeWebSocket\(|\{[^}]*\bwebsocket:\s*true"#,
      in: scene.scope(of: line))
    if let other = others.first {
      return .unproven("a WebSocket server is here; how it checks who connects was not followed", at: other.place)
    }
    if servers.isEmpty { return .unproven("no WebSocket server was found in the code") }
    var evidence: [Claim.Evidence] = []
    for server in servers {
      let check = scene.lines(
        of: server.file,
        matching: scene.context.pattern(
          #"\b(verify|decode|authenticate|validate|check|get)\w*(Jwt|JWT|Token|Session|User|Auth)?\w*\(.*(token|cookie|secret|session|handshake|req)|\bauth\(|jwt\.verify|jwtVerify|getServerSession|getToken\("#
        )
      ).first { $0.text.contains("(") && !$0.text.contains("logger.") && !$0.text.contains("new Error") }
      if let check {
        evidence.append(
          .init("the connection is checked here; that a stranger is refused was not tried", at: check.place))
      } else if scene.mentions(server.file, #"(import|require).*(auth|jwt|session|token)"#, ignoringCase: true) {
        return .unproven("the server imports what may authenticate, and that was not followed", at: server.place)
      } else if scene.context.isUnused(server.file) {
        return .unproven("the server takes connections of anybody, in a file that nothing runs", at: server.place)
      } else if let code = CodeText(server.file, in: scene.context),
        WebSocketWithoutAuthentication.isHandedOn(server.file, code, scene.context)
      {
        return .unproven("the server hands connections on to who asks who comes; that was not tried", at: server.place)
      } else {
        return .falsely("the server takes connections, and nothing in its file verifies who connects", at: server.place)
      }
    }
    return .truly(evidence)
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] WebSocket auth",
      in: [
        "lib/ws.ts":
          "const io = new SocketServer(http)\nio.use((s, next) => { jwt.verify(s.handshake.auth.token, key); next() })\n"
      ], "a token is verified"),
    .judges(
      .false, "- ✅ WebSocket authentication bypass fixed",
      in: [
        "lib/ws.ts":
          "const io = new SocketServer(http)\nio.use((s, next) => { s.data.userId = s.handshake.auth.userId; next() })\n"
      ], "the user is believed"),
    .judges(
      .unproven, "- [x] WebSocket connections are authenticated",
      in: ["app/main.py": "@app.websocket(\"/ws\")\nasync def ws(socket):\n    await serve(socket)\n"],
      "a server of another kind"),
    .judges(
      .unproven, "- [x] WebSocket auth",
      in: [
        "lib/ws.ts": "const io = new WebSocketServer({ noServer: true })\nio.handleUpgrade(a, b, c, d)\n",
        "lib/who.ts":
          "import { Extension } from '@hocuspocus/server'\nexport class Who implements Extension { async onAuthenticate(data) { await who(data) } }\n",
      ], "handed on to a library that asks who comes"),
    .judges(
      .unproven, "- [x] WebSocket auth",
      in: [
        "lib/ws.ts": "import { guard } from './auth'\nconst io = new SocketServer(http)\nio.use(guard)\n"
      ], "somebody else may verify"),
  ]
}
