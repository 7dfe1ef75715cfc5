public import GonogoCore

/// A server that dies in the middle of its requests whenever it is deployed.
public struct NoGracefulStop: CodeRule {
  public static let manual = RuleManual(
    id: "code-no-graceful-stop", severity: .medium, family: "code",
    title: "A server does not handle SIGTERM",
    what: """
      Looks at Node servers that listen, and at Go's `http.ListenAndServe`, in a package in which nothing names SIGTERM, shuts a \
      server down or uses a library that does. Frameworks that handle it themselves (Next.js, uvicorn, gunicorn, Puma, Vapor) pass, and so does a file that listens where the package \
      starts another one: Nest's `main`, one that its `start` or its `main` names.
      """,
    why: "each deployment and each scaling down cuts off the requests and jobs that are under way",
    mend: "on SIGTERM stop to accept, let what is under way end, close pools, then exit; `server.Shutdown(ctx)` in Go",
    falsifies: "the services shut down gracefully",
    references: ["https://nodejs.org/api/process.html#signal-events", "https://pkg.go.dev/net/http#Server.Shutdown"])

  public static let patterns = [
    CodePattern(
      "listen", .ecmascript,
      """
      rule:
        any:
          - pattern: $SERVER.listen($$$ARGUMENTS)
          - pattern: Bun.serve($$$ARGUMENTS)
      constraints:
        SERVER: { regex: '(?i)(app|server|fastify|httpserver|instance|api)$|createServer|^http' }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: { context: 'func f() { http.ListenAndServe($$$ARGUMENTS) }', selector: call_expression }
          - pattern: { context: 'func f() { http.ListenAndServeTLS($$$ARGUMENTS) }', selector: call_expression }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let node = try context.matches("listen", of: Self.self)
    let go = try context.matches("go", of: Self.self)
    var told: Set<String> = []
    for match in node + go {
      let isGo = match.file.language == .go
      let package = CodeScope.package(of: match.file, isGo ? "go.mod" : "package.json", in: context) ?? ""
      if !isGo, !isStarted(match.file, package, context) { continue }
      // One finding a package, and nothing of a server that a page's tooling starts.
      if !told.insert(package).inserted { continue }
      let prefix = package.isEmpty ? "" : package + "/"
      let handled = context.tree.files.contains { file in
        guard file.path.hasPrefix(prefix), CodeSyntax(file.language) == (isGo ? .go : .ecmascript),
          let code = CodeText(file, in: context)
        else { return false }
        return code.mentions(
          isGo
            ? #"signal\.Notify|syscall\.SIGTERM|\.Shutdown\(|\bgraceful"#
            : #"SIGTERM|enableShutdownHooks|close-with-grace|http-terminator|terminus|graceful|lightship|stoppable"#,
          in: context, strings: true)
      }
      if handled { continue }
      findings.add("the server listens, and nothing in its package handles SIGTERM", at: match.place, subject: package)
    }
  }

  /// Whether the package may start the file: its manifest names it or no other file, and it is not one that was left behind where Nest starts `main`.
  private func isStarted(_ file: TreeFile, _ package: String, _ context: AuditContext) -> Bool {
    guard let manifest = CodeScope.manifest(of: file, in: context) else { return true }
    let root = manifest.root
    let stem = String(file.name.prefix { $0 != "." })
    if CodeScope.isOfCommandLine(file, in: context) { return false }
    if manifest.dependencies.contains("@nestjs/core"), stem != "main" { return false }
    var commands = [root["main"]?.stringValue ?? ""]
    if case .object(let scripts)? = root["scripts"] {
      for name in ["start", "start:prod", "serve", "production"] { commands.append(scripts[name]?.stringValue ?? "") }
    }
    let named = commands.flatMap { $0.split(separator: " ") }.filter { word in
      [".js", ".ts", ".mjs", ".cjs", ".mts"].contains { word.hasSuffix($0) }
    }
    let stems = named.map { ($0.split(separator: "/").last ?? "").prefix { $0 != "." } }
    return stems.isEmpty || stems.contains { $0 == stem }
      || !context.tree.files.contains { other in
        other.path.hasPrefix(package) && stems.contains { $0 == other.name.prefix { $0 != "." } }
          && CodeSyntax(other.language) == .ecmascript
      }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "api/src/index.ts:4:1", "gate/main.go:6:2",
      in: [
        "api/package.json": "{}",
        "api/src/index.ts":
          "import express from 'express'\n// TODO: handle SIGTERM\nconst app = express()\napp.listen(3000)\n",
        "gate/go.mod": "module gate\n",
        "gate/main.go":
          "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\":8080\", nil)\n}\n",
      ], "nothing handles the signal"),
    .silent(
      "a handler in another file of the package, a listener of events",
      [
        "api/package.json": "{}",
        "api/src/index.ts": "import './stop'\nconst app = express()\napp.listen(3000)\n",
        "tunnel/package.json":
          "{ \"bin\": { \"tunnel\": \"bin/tunnel.js\" }, \"dependencies\": { \"yargs\": \"17\", \"express\": \"5\" } }",
        "tunnel/src/index.ts": "const app = express()\napp.listen(9000)\n",
        "api/src/stop.ts": "process.on('SIGTERM', () => server.close())\n",
        "web/package.json": "{}", "web/src/a.ts": "emitter.listen('x', f)\n",
        "nest/package.json": "{ \"dependencies\": { \"@nestjs/core\": \"11\", \"express\": \"5\" } }",
        "nest/src/index.ts": "const app = express()\napp.listen(3000)\n",
        "jobs/package.json": "{ \"scripts\": { \"start\": \"node dist/worker.js\" } }",
        "jobs/src/worker.ts": "run()\n", "jobs/src/try.ts": "const app = express()\napp.listen(3000)\n",
        "gate/go.mod": "module gate\n",
        "gate/main.go":
          "package main\n\nfunc main() {\n\tgo http.ListenAndServe(\":1\", nil)\n\tserver.Shutdown(ctx)\n}\n",
      ]),
  ]
}
