public import GonogoCore

/// A WebSocket server that takes whoever comes for whom they say they are.
public struct WebSocketWithoutAuthentication: CodeRule {
  public static let manual = RuleManual(
    id: "code-websocket-no-auth", severity: .high, family: "code",
    title: "A WebSocket server authenticates nobody",
    what: """
      Looks for WebSocket servers (ws, socket.io, Fastify's and Hono's routes, FastAPI's) in files that neither call anything that \
      verifies, decodes or loads a session, a token or a user, nor compare a secret, nor import from the tree what does. A handshake whose user id is \
      only copied counts as none. A route of FastAPI's that calls nothing but its socket is told whatever its neighbours do. In Go it looks at functions that upgrade \
      (gorilla, coder, gobwas), name nobody and hand the request to nobody else, where nothing that speaks of authentication stands in the files that \
      register them, or before a router.
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
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: { context: 'func f() { $UPGRADER.Upgrade($W, $REQUEST, $HEADER) }', selector: call_expression }
          - pattern: { context: 'func f() { websocket.Accept($W, $REQUEST, $OPTIONS) }', selector: call_expression }
          - pattern: { context: 'func f() { ws.UpgradeHTTP($REQUEST, $W) }', selector: call_expression }
        inside:
          stopBy: end
          any:
            - { kind: function_declaration, pattern: $HANDLER }
            - { kind: method_declaration, pattern: $HANDLER }
            - { kind: func_literal, pattern: $HANDLER }
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
      if code.mentions(imports, in: context, strings: true) { servers.append(match) }
    }
    servers += try context.matches("route", of: Self.self)
    for match in servers {
      guard let code = CodeText(match.file, in: context) else { continue }
      if code.mentions(Self.checks, in: context) { continue }
      let guarded = CodeScope.imported(by: match.file, in: context).contains {
        CodeText($0, in: context)?.mentions(Self.checks, in: context) == true && !$0.path.contains("logger")
      }
      if guarded || Self.isHandedOn(match.file, code, context) { continue }
      findings.add("the WebSocket server authenticates nobody", at: match.place, subject: "websocket")
    }
    for match in try context.matches("python", of: Self.self) {
      guard let code = CodeText(match.file, in: context) else { continue }
      if code.mentions(Self.checks, in: context), !isAlone(match, code, context) { continue }
      findings.add("the WebSocket route authenticates nobody", at: match.place, subject: "websocket")
    }
    for match in try context.matches("go", of: Self.self) where isOpen(match, context) {
      findings.add("the WebSocket server authenticates nobody", at: match.place, subject: "websocket")
    }
  }

  /// Whether the connections go to Hocuspocus, and some code of the tree says there who may come
  /// (https://tiptap.dev/docs/hocuspocus/guides/authentication).
  static func isHandedOn(_ file: TreeFile, _ code: CodeText, _ context: AuditContext) -> Bool {
    // An adapter without a listener of its own passes on what comes.
    let listens = #"\bon\(\s*['"](connection|message)['"]|onMessage|onConnection"#
    let isAdapter = code.mentions("noServer", in: context) && !code.mentions(listens, in: context, strings: true)
    guard isAdapter || code.mentions("hocuspocus", in: context, strings: true) else { return false }
    return [Language.typescript, .javascript].flatMap { context.tree.files(in: $0) }.contains { other in
      guard CodeScope.isLookedAt(other), let text = context.tree.text(other),
        ByteSearch.contains("onAuthenticate", in: text.bytes), ByteSearch.contains("ocuspocus", in: text.bytes)
      else { return false }
      return CodeText(other, in: context)?.mentions(#"\bonAuthenticate\s*[(:]"#, in: context) == true
    }
  }

  /// Names of who somebody is, or of what shows it.
  private static let identity =
    "auth|session|token|jwt|user|login|cookie|permission|credential|verif|api_?key|secret|ticket|allowed|identity|claims|current|depends|signed"

  /// Whether a route of FastAPI's names nobody, and calls nothing that could: no function but its socket's own, and loggers.
  private func isAlone(_ match: CodeMatch, _ code: CodeText, _ context: AuditContext) -> Bool {
    guard let start = match.text.firstRange(of: "def ")?.lowerBound else { return false }
    let route = CodeText(Array(match.text.utf8), .python)
    // What follows the line of `def`, whose own bracket is no call.
    let body = CodeText(Array(match.text[start...].drop { $0 != "\n" }.utf8), .python)
    if route.mentions(Self.identity, in: context, strings: true)
      || code.mentions(#"dependencies\s*="#, in: context)
    {
      return false
    }
    let others =
      #"(?<![\w.])(?!(ws|websocket|socket|log|logger|logging|json|asyncio|time|datetime)\.|(print|len|str|int|range|while|if|for|except|and|or|not|in|dict|list|isinstance|WebSocket|await)\b)\w+(\.\w+)*\s*\("#
    if body.mentions(others, in: context) { return false }
    return !context.tree.files(in: .python).contains { file in
      CodeText(file, in: context)?.mentions(#"include_router\(.*dependencies"#, in: context) == true
    }
  }

  /// Whether a function of Go that upgrades is reached by everybody, as far as its module tells.
  private func isOpen(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    let library =
      #""(github\.com/(gorilla/websocket|coder/websocket|gobwas/ws|fasthttp/websocket)|nhooyr\.io/websocket)"#
    let handler = CodeText(Array(match["HANDLER"].utf8), .go)
    guard let own = CodeText(match.file, in: context), own.mentions(library, in: context, strings: true),
      !handler.mentions(Self.identity, in: context, strings: true)
    else { return false }
    // Whoever gets the request may look at it.
    let request = match["REQUEST"]
    guard !request.isEmpty, request.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return false }
    let calls = #"(?<!\bfunc)(?<!\w)(?!func\b)\w+\(([^()]*,)?\s*"# + request + #"\s*[,)]"#
    let given = handler.code.split(separator: 0x0A).filter { line in
      let line = String(decoding: line, as: UTF8.self)
      let isUpgrade = ["Upgrade(", "Accept(", "UpgradeHTTP("].contains { line.contains($0) }
      return !isUpgrade && ((try? context.pattern(calls).firstMatch(in: line)) ?? nil) != nil
    }
    if !given.isEmpty { return false }
    let module = CodeScope.package(of: match.file, "go.mod", in: context) ?? ""
    let files = context.tree.files(in: .go).filter {
      (module.isEmpty || $0.path.hasPrefix(module + "/")) && CodeScope.isLookedAt($0)
    }.compactMap { file in CodeText(file, in: context).map { (file, $0) } }
    let before =
      #"\.(Use|With|Group|Chain|Append|Before)\(.*(auth|jwt|session|token|login|basic|guard|protect)|(auth|jwt|session|login|guard|protect)\w*\((next|h|handler|mux|router|r|http\.)"#
    if files.contains(where: { $0.1.mentions(before, in: context) }) { return false }
    let head = match["HANDLER"].prefix { $0 != "{" }
    let name = head.hasPrefix("func (") ? head.drop { $0 != ")" }.dropFirst() : head.dropFirst(4)
    let function = String(name.trimmed.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    // A function without a name is registered where it stands.
    let registered = files.filter { file, text in
      function.isEmpty || function == "func"
        ? file == match.file
          // `up.Upgrade(…)` is no mention of a function of that name.
        : !(file == match.file && function == "Upgrade")
          && text.mentions(#"(?<!func )(?<!\) )\b"# + function + #"\b(?!\s*\(\w+ http)"#, in: context)
    }
    return !registered.isEmpty
      && !registered.contains { $0.1.mentions("auth|session|jwt|login|token|signed|permission", in: context) }
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
    .finds(
      "app/live.py:9:1", "internal/hub/hub.go:10:12",
      in: [
        "app/live.py": """
        @app.websocket("/private")
        async def private(ws: WebSocket):
            if not verify(ws.headers.get("authorization")):
                await ws.close(4401)
                return
            await ws.accept()

        # authenticate here one day
        @app.websocket("/live")
        async def live(ws: WebSocket):
            await ws.accept()
            while True:
                await ws.send_json({"tick": await ws.receive_text()})
        """,
        "go.mod": "module relay\n",
        "main.go": "package main\n\nfunc main() {\n\tmux.HandleFunc(\"/ws\", hub.Serve)\n}\n",
        "internal/hub/hub.go": """
        package hub

        import "github.com/gorilla/websocket"

        var up = websocket.Upgrader{}

        // Serve authenticates nobody.
        func Serve(w http.ResponseWriter, r *http.Request) {
        \tdefer r.Body.Close()
        \tc, err := up.Upgrade(w, r, nil)
        \tif err != nil {
        \t\treturn
        \t}
        }
        """,
      ], "beside a route that verifies; in Go"),
    .silent(
      "connections that a library takes, which asks who comes",
      [
        "src/adapter.ts": """
        import { WebSocketServer } from 'ws'
        export const server = new WebSocketServer({ noServer: true })
        http.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head, pass))
        """,
        "src/extension.ts":
          "import { Extension } from '@hocuspocus/server'\nexport class Who implements Extension {\n  async onAuthenticate(data) { await who(data) }\n}\n",
      ]),
    .finds(
      "src/adapter.ts:2:23",
      in: [
        "src/adapter.ts": """
        import { WebSocketServer } from 'ws'
        export const server = new WebSocketServer({ noServer: true })
        server.on('connection', (socket) => socket.send('welcome'))
        """,
        "src/extension.ts":
          "import { Extension } from '@hocuspocus/server'\nexport class Who implements Extension {\n  async onAuthenticate(data) { await who(data) }\n}\n",
      ], "a listener of its own beside such a library"),
    .silent(
      "in Go: a header, a middleware, a helper that gets the request, a function that nobody registers",
      [
        "a/go.mod": "module a\n",
        "a/main.go": """
        package main

        import "github.com/gorilla/websocket"

        func main() {
        \thttp.HandleFunc("/a", one)
        \thttp.HandleFunc("/b", two)
        }

        func one(w http.ResponseWriter, r *http.Request) {
        \tif r.Header.Get("Authorization") == "" {
        \t\treturn
        \t}
        \tup.Upgrade(w, r, nil)
        }

        func two(w http.ResponseWriter, r *http.Request) {
        \tif !known(r) {
        \t\treturn
        \t}
        \tup.Upgrade(w, r, nil)
        }
        """,
        "b/go.mod": "module b\n",
        "b/main.go": "package main\n\nfunc main() {\n\trouter.Use(authenticate)\n\trouter.Get(\"/ws\", live)\n}\n",
        "b/live.go": """
        package main

        import "github.com/gorilla/websocket"

        func live(w http.ResponseWriter, r *http.Request) {
        \tup.Upgrade(w, r, nil)
        }
        """,
        "c/go.mod": "module c\n",
        "c/lib.go": """
        package c

        import "github.com/gorilla/websocket"

        func Upgrade(w http.ResponseWriter, r *http.Request) {
        \tup.Upgrade(w, r, nil)
        }
        """,
      ]),
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
