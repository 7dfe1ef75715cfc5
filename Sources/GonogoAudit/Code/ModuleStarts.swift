import GonogoCore
import GonogoSystem

/// The modules that run without an import: by their names, by the folders that programs and frameworks look into, or because they start something.
enum ModuleStarts {
  private static let scripts: Set<String> = [
    "main", "app", "server", "page", "route", "layout", "template", "default", "middleware", "proxy", "loading",
    "error",
    "global-error", "not-found", "forbidden", "unauthorized", "sitemap", "robots", "manifest", "icon", "apple-icon",
    "opengraph-image", "twitter-image", "worker", "cli", "instrumentation", "instrumentation-client", "root", "sw",
    "service-worker", "background", "content", "popup", "options", "preload", "handler", "lambda", "function", "bot",
    "start",
    "run", "boot", "bootstrap", "setup", "config", "env", "polyfills", "client", "entry", "schema", "auth", "seed",
    "cron",
    "scheduler", "queue", "consumer", "global", "globals", "test-setup", "i18n", "request", "mdx-components", "types",
  ]
  private static let python: Set<String> = [
    "main", "app", "server", "manage", "wsgi", "asgi", "worker", "workers", "cli", "__main__", "conftest", "conf",
    "config",
    "settings", "local_settings", "noxfile", "fabfile", "setup", "celery", "celery_app", "celeryconfig", "handler",
    "function",
    "lambda_function", "function_app", "urls", "hooks", "plugin", "streamlit_app", "run", "start", "bot", "api",
    "index",
    "job", "jobs", "cron", "daemon", "scheduler", "consumer", "consumers", "env", "models", "model", "admin", "apps",
    "tasks",
    "signals", "receivers", "translation", "search_indexes", "wagtail_hooks", "cms_plugins", "cms_apps", "documents",
    "rules",
    "routing", "permissions", "events", "schema", "panels", "sitemaps", "feeds", "checks", "lookups", "version",
    "_version",
    "logging_config", "exceptions", "types",
  ]
  /// Folders out of which programs start files, whatever the framework.
  private static let folders: Set<String> = [
    "pages", "scripts", "script", "bin", "tools", "jobs", "workers", "worker", "cron", "crons", "cmd", "commands",
    "tasks",
    "supabase", "functions", "lambdas", "lambda", "edge-functions", "netlify", "plugins", "migrations", "alembic",
    "versions",
    "seeds", "seeders", "seed", "prisma", "convex", "trigger", "public", "static", "assets", "entrypoints", "extension",
    "extensions", "locales", "lang", "templates", "template", "stubs", "generated", "subgraphs", "deploy", "spiders",
    "notebooks", "management", "templatetags", "settings", "config", "hooks.d", "conf", "filter_plugins", "library",
    "env", "envs", "environments", "environment", "emails", "examples", "addons", "e2e", "stories", "contracts",
  ]
  /// Folders that a framework may look into, where none is known that does not.
  private static let conventional: Set<String> = [
    "routes", "api", "server", "events", "handlers", "controllers", "middleware", "middlewares", "subscribers",
    "listeners",
  ]

  static func isStart(_ file: TreeFile, _ package: ModulePackages.Package, isPython: Bool) -> Bool {
    let stem = ModuleNames.bare(String(file.name)).lowercased()
    let parts = file.path.dropFirst(package.folder.count).lowercased().split(separator: "/").dropLast()
    if parts.contains(where: { folders.contains(String($0)) }) { return true }
    if isPython {
      // The folder of a framework's own settings, and what stands beside the manifest as a name alone.
      return python.contains(stem) || stem.hasPrefix("settings") || stem.hasPrefix("config") || stem.hasPrefix("test")
    }
    // What stands beside the manifest is for tools and for whoever starts it; the index of a package is its face.
    if parts.isEmpty || stem == "index" && parts.count < 2 || ["+", "_", ".", "["].contains(where: stem.hasPrefix) {
      return true
    }
    if !package.isExplicit, parts.contains(where: { conventional.contains(String($0)) }) { return true }
    // Vercel's own folder of functions.
    if parts.first == "api" { return true }
    let words = stem.split(separator: ".").map(String.init)
    if words.contains(where: {
      ["config", "worker", "workers", "d", "page", "test", "spec", "stories", "setup"].contains($0)
    }) {
      return true
    }
    return scripts.contains(words.first ?? stem) || stem.hasPrefix("entry") || stem.hasPrefix("global")
      || stem.hasPrefix("hooks.")
      || stem.hasSuffix("worker")
  }

  private static let listening = LiteralSearch(
    [
      ".listen(", "exports.handler", "export const handler", "addEventListener('fetch'", "Deno.serve", "Bun.serve",
      "customElements.define", "createRoot(", "hydrateRoot(", "self.onmessage", "parentPort", "process.argv",
      "declare global",
      "require.main", "import.meta.main",
    ].map { Array($0.utf8) }, ignoringCase: false)

  /// - Parameter bytes: the code without its comments.
  static func startsItself(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array("#!".utf8)) || listening?.first(in: bytes) != nil
  }

  private static let serving = LiteralSearch(
    [
      "__main__", "FastAPI(", "Flask(", "Starlette(", "Sanic(", "Quart(", "Litestar(", "get_wsgi_application",
      "Celery(",
      "Application(", "lambda_handler", "import streamlit", "Typer(", "@click.", "argparse", "sys.argv",
    ].map { Array($0.utf8) }, ignoringCase: false)

  /// A module that makes what is served, or has a part for being run. One whose own part for that starts another module is a copy that was put aside.
  static func startsItself(python bytes: [UInt8], _ file: TreeFile, _ context: AuditContext) -> Bool {
    guard bytes.starts(with: Array("#!".utf8)) || serving?.first(in: bytes) != nil else { return false }
    let stem = ModuleNames.bare(String(file.name))
    let run = context.pattern(#"uvicorn\.run\(\s*['"][\w.]+:\w+"#)
    guard let hit = (try? run.lineMatches(in: bytes, limit: 1))?.hits.first else { return true }
    let text = String(decoding: bytes[hit.match], as: UTF8.self)
    let module = text.split(whereSeparator: { $0 == "'" || $0 == "\"" }).last?.split(separator: ":").first ?? ""
    return module.split(separator: ".").last.map(String.init) == stem
  }
}

/// What somebody ran once by hand: a file in a folder for what is thrown away, or a script that looks for a fault.
enum OneOffScripts {
  private static let folders: Set<String> = [
    "tmp", "temp", ".tmp", "_tmp", "scratch", "scratchpad", "_scratch", "sandbox",
  ]
  private static let scripts: Set<String> = ["scripts", "script", "tools", "debug", "hack", "dev"]
  private static let heads = [
    "debug", "check", "test", "inspect", "investigate", "try", "tmp", "temp", "diagnose", "probe", "dump", "oneoff",
    "one-off",
    "quick",
  ]

  static func isOne(_ file: TreeFile) -> Bool {
    switch file.language {
    case .typescript, .javascript, .python, .sql, .shell, .ruby, .php: break
    default: return false
    }
    let parts = file.directory.lowercased().split(separator: "/").map(String.init)
    if parts.contains(where: folders.contains) { return true }
    guard file.language != .sql, let last = parts.last, scripts.contains(last) else { return false }
    let name = file.name.lowercased()
    return heads.contains { name.hasPrefix($0 + "-") || name.hasPrefix($0 + "_") }
  }
}
