import GonogoCore

/// Which files are the product's own code, and what part of it they belong to.
enum CodeScope {
  /// Components of a path below which nothing runs in production, or nothing was written by hand.
  private static let outside: Set<String> = [
    "test", "tests", "__tests__", "testing", "spec", "specs", "e2e", "integration-tests", "fixture", "fixtures",
    "__fixtures__",
    "mock", "mocks", "__mocks__", "example", "examples", "sample", "samples", "demo", "demos", "docs", "documentation",
    "vendor", "vendored", "third_party", "third-party", "node_modules", "dist", "build", "generated", "__generated__",
    "gen", "stories", "cypress", "playwright", "bench", "benchmark", "benchmarks", "testdata", "test-utils",
    "test_utils",
    "testutil", "testutils", "load-tests", "loadtest", "loadtests", "scripts", "script", "tools", "tooling", "hack",
    "seed", "seeds", "seeders", "seeder", "migrations", "alembic", "templates", "public", "static", ".github", "k6",
    "client-only", "__e2e__", "storybook", ".storybook", "evals", "tmp", "temp", "archive", "archived", "deprecated",
    "legacy", "backup", "suites",
  ]

  /// `e2e_tests`, `api-tests`, `cmd/acme-gen`: tests, and the team's own tools.
  private static let testSuffixes = [
    "_tests", "-tests", "_test", "-test", "-e2e", "_e2e", "-gen", "-scripts", "-examples", "_examples", "-samples",
  ]

  /// Product code of a language that patterns are written for: no test, example, script, vendored or generated file.
  static func isLookedAt(_ file: TreeFile) -> Bool {
    guard file.kind == .regular, file.size <= 1 << 20, CodeSyntax(file.language) != nil else { return false }
    for (depth, part) in file.directory.split(separator: "/").enumerated() {
      let part = part.lowercased()
      if outside.contains(part) || testSuffixes.contains(where: part.hasSuffix) { return false }
      // Settings and examples of tools: `.semgrep/rules/x.py`.
      if part.hasPrefix(".") { return false }
      // What developers run beside the product; deeper down it may be anything's name.
      if depth == 0, part == "dev" || part == "devtools" || part == "bin" && file.language == .python { return false }
    }
    let name = file.name.lowercased()
    let heads = ["test_", "test-", "conftest", "mock", "seed", "jest.", "vitest.", "vitest-", "setuptests."]
    if heads.contains(where: name.hasPrefix) { return false }
    if name == "gen.go" || name.hasSuffix("_gen.go") || name.hasPrefix("zz_generated") { return false }
    for mark in [
      ".test.", ".spec.", ".e2e.", ".stories.", ".min.", ".d.ts", ".d.mts", ".pb.", ".gen.", ".generated.", ".mock.",
      ".config.", ".servertest.", "migration", "_test.go", "_test.py", "_test.rb", "_spec.rb", "_pb2", "-test.",
      ".bundle.", "_templ.go", "tests.",
    ] where name.contains(mark) { return false }
    return true
  }

  /// Whether code of this syntax is told by the file as the server's: not that of a page in a browser.
  static func isServer(_ file: TreeFile, _ code: CodeText, in context: AuditContext) -> Bool {
    if isTestSupport(code, in: context) || context.facts(TestPackages.self).contains(String(file.directory)) {
      return false
    }
    guard CodeSyntax(file.language) == .ecmascript else { return true }
    let lower = "/" + file.path.lowercased()
    let isView = [".tsx", ".jsx"].contains { lower.hasSuffix($0) }
    if code.mentions(#"^\s*['"]use client['"]"#, in: context, strings: true) { return false }
    if isPage(file) || isOfPages(file, in: context) || isOfCommandLine(file, in: context) { return false }
    if code.mentions(
      #"\bwindow\.|\blocalStorage\.|\bsessionStorage\.|\bdocument\.(get|query|create|cookie|location)"#, in: context)
    {
      return false
    }
    if isView { return false }
    for part in ["/server/", "/backend/", "/supabase/functions/", "/worker/", "/workers/", "/netlify/functions/"]
    where lower.contains(part) { return true }
    if lower.hasSuffix("/route.ts") || lower.hasSuffix("/route.js") || isEndpoint(file) { return true }
    if let package = package(of: file, "package.json", in: context),
      context.facts(ServerPackages.self).contains(package)
    {
      return true
    }
    return code.mentions(
      #"(from|require\()\s*['"](node:[a-z/]+|fs|http|https|crypto|net|child_process|express|fastify|hono|koa|@nestjs/.*|next/server|next/headers|server-only|pg|ioredis|redis|bullmq|@prisma/client|drizzle-orm.*|mongoose|stripe|nodemailer|socket\.io|ws|jsonwebtoken|bcrypt|bcryptjs|kafkajs)['"]|\bDeno\.|\bBun\.serve"#,
      in: context, strings: true)
  }

  /// Whether a file is of a page or an app on somebody's device, by its place.
  static func isPage(_ file: TreeFile) -> Bool {
    guard CodeSyntax(file.language) == .ecmascript else { return false }
    let lower = "/" + file.path.lowercased()
    return ["/components/", "/hooks/", "/frontend/", "/client/", "/mobile/", "/extension/", "/browser/", "/ui/"]
      .contains { lower.contains($0) }
  }

  /// Whether a folder `api` is one of endpoints: at the top, or right below what holds a server's code. `lib/api` and
  /// `services/api` are as often a page's way to them.
  private static func isEndpoint(_ file: TreeFile) -> Bool {
    let parts = file.directory.lowercased().split(separator: "/")
    return parts.indices.contains { index in
      parts[index] == "api"
        && (index == 0
          || ["app", "apps", "pages", "packages", "functions", "modules", "routes"].contains(parts[index - 1]))
    }
  }

  /// Whether the nearest package is one of pages or of an app on somebody's device alone: its manifest names what builds or runs such, and no server.
  private static func isOfPages(_ file: TreeFile, in context: AuditContext) -> Bool {
    guard !file.path.contains("supabase/functions/"), let names = manifest(of: file, in: context)?.dependencies else {
      return false
    }
    let isOfDevice = !names.isDisjoint(with: devices)
    guard isOfDevice || !names.isDisjoint(with: builders) && !names.isDisjoint(with: pages) else { return false }
    // An app on a device may keep a database of its own, and speak to others through sockets: it serves nobody by that.
    let serving = isOfDevice ? servers.subtracting(local) : servers
    return !names.contains { name in
      serving.contains(name)
        || ["@nestjs/", "@remix-run/", "@react-router/", "@tanstack/react-start"].contains {
          name.hasPrefix($0)
        }
    }
  }

  /// Whether the nearest package is a program of the command line: it has a command of its own and a library that reads arguments.
  static func isOfCommandLine(_ file: TreeFile, in context: AuditContext) -> Bool {
    guard let manifest = manifest(of: file, in: context), manifest.root["bin"] != nil else { return false }
    return !manifest.dependencies.isDisjoint(with: [
      "commander", "yargs", "cac", "@oclif/core", "citty", "meow", "sade", "clipanion",
    ])
  }

  private static let builders: Set<String> = [
    "vite", "react-scripts", "webpack", "parcel", "@angular/cli", "@vue/cli-service", "esbuild", "@rsbuild/core",
  ]
  private static let pages: Set<String> = ["react", "vue", "svelte", "preact", "solid-js", "@angular/core"]
  private static let devices: Set<String> = [
    "react-native", "expo", "electron", "@capacitor/core", "@tauri-apps/api", "@nativescript/core",
  ]
  private static let local: Set<String> = [
    "better-sqlite3", "ws", "socket.io", "redis", "ioredis", "wrangler", "pg", "mysql2",
  ]

  private static let servers: Set<String> = [
    "express", "fastify", "hono", "koa", "next", "nuxt", "@sveltejs/kit", "astro", "pg", "mysql2", "@prisma/client",
    "drizzle-orm", "mongoose", "ws", "socket.io", "@hono/node-server", "elysia", "@vercel/node", "redis",
    "ioredis", "better-sqlite3", "nitropack", "vinxi", "@trpc/server", "netlify-cli", "@netlify/functions", "wrangler",
  ]

  /// Whether a file is one of tests by what it imports, whatever its name is: what sets up a server for them, say.
  private static func isTestSupport(_ code: CodeText, in context: AuditContext) -> Bool {
    code.mentions(
      #"^\s*(\w+ )?"(testing|github\.com/stretchr/testify/\w+)"\s*$|^\s*(import|from) (pytest|unittest)\b|(from|require\()\s*['"](vitest|@jest/globals|@playwright/test|supertest|msw/node|node:test)['"]"#,
      in: context, strings: true)
  }

  /// Whether a program of the command line has it: whoever runs it sits before it and can stop it.
  static func isCommandLine(_ file: TreeFile) -> Bool {
    file.directory.split(separator: "/").contains { part in
      let part = part.lowercased()
      return part == "cli" || part.hasSuffix("-cli") || part.hasSuffix("_cli")
    } || ("/" + file.path).contains("/management/commands/")
  }

  /// The same, told by its code as well: it reads its arguments or is a command of a library for such, and serves nobody; or it is the command by which a
  /// container asks after its own health.
  static func isCommandLine(_ file: TreeFile, _ code: CodeText, in context: AuditContext) -> Bool {
    if isCommandLine(file) { return true }
    let stem = file.name.prefix { $0 != "." }
    let folders = file.directory.split(separator: "/")
    let asked = context.facts(HealthCommands.self)
    if asked.contains(String(stem)) { return true }
    if let last = folders.last, folders.dropLast().last == "cmd", asked.contains(String(last)) { return true }
    let (reads, serves): (String, String) =
      switch CodeSyntax(file.language) {
      case .go:
        (
          #"\*cli\.(Command|Context)\b|\*cobra\.Command\b|\bflag\.Parse\(|\bos\.Args\b"#,
          #"ListenAndServe|\.Serve\(|\.Listen\(|\.NewServer\(|\.Start\(|\.Run\(|\bfor \{"#
        )
      case .python:
        (
          #"\bargparse\b|^import click|@click\.|\btyper\b|\bsys\.argv\b|^if __name__ =="#,
          #"FastAPI\(|Flask\(|Router\(|Blueprint\(|@\w+\.(route|get|post|task)\b|uvicorn|\bcelery\b|shared_task|while True|schedul|polling|\.run\(host"#
        )
      case .ecmascript:
        (
          #"^#!|\bprocess\.argv\b|(from|require\()\s*['"](commander|yargs|cac|inquirer|prompts|@clack/prompts|@oclif/core|citty|meow)['"]"#,
          #"\.listen\(|\bserve\(|setInterval\(|createServer\("#
        )
      default: ("(?!)", "")
      }
    return code.mentions(reads, in: context, strings: true) && !code.mentions(serves, in: context)
  }

  /// The directory of the nearest file of a name above a file; `nil` where there is none.
  static func package(of file: TreeFile, _ manifest: String, in context: AuditContext) -> String? {
    var directory = String(file.directory)
    while true {
      if context.tree[directory.isEmpty ? manifest : "\(directory)/\(manifest)"] != nil { return directory }
      if directory.isEmpty { return nil }
      directory = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? ""
    }
  }

  /// The files that a file imports from the tree, one step: relative paths, and aliases (`@/lib/x`, `~/lib/x`) by their end.
  static func imported(by file: TreeFile, in context: AuditContext) -> [TreeFile] {
    guard CodeSyntax(file.language) == .ecmascript, let source = context.tree.text(file) else { return [] }
    let pattern = context.pattern(#"(?:from|require\(|import\()?\s*['"]((?:\.{1,2}|@|~)/[^'"]+)['"]"#)
    var result: [TreeFile] = []
    for hit in (try? pattern.lineMatches(in: source.bytes, limit: 200))?.hits ?? [] {
      let text = String(decoding: source.bytes[hit.match], as: UTF8.self)
      guard let quote = text.firstIndex(where: { $0 == "'" || $0 == "\"" }) else { continue }
      let wanted = text[text.index(after: quote)...].dropLast()
      var parts = wanted.hasPrefix(".") ? file.directory.split(separator: "/").map(String.init) : []
      for part in wanted.split(separator: "/") {
        switch part {
        case ".", "@", "~": continue
        case "..": _ = parts.popLast()
        default: parts.append(String(part))
        }
      }
      let path = parts.joined(separator: "/")
      for ending in [".ts", ".tsx", ".js", "/index.ts", "/index.js", ""] {
        let ended = path.hasSuffix(".js") ? String(path.dropLast(3)) + ending : path + ending
        if let found = context.tree[ended] ?? (wanted.hasPrefix(".") ? nil : context.tree["src/" + ended]) {
          result.append(found)
          break
        }
        if !wanted.hasPrefix("."), let package = package(of: file, "package.json", in: context),
          let found = context.tree["\(package)/\(ended)"] ?? context.tree["\(package)/src/\(ended)"]
        {
          result.append(found)
          break
        }
      }
    }
    return result
  }
}
