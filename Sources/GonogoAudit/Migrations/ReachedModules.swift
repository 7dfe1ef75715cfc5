import GonogoCore

/// Which modules of JavaScript and TypeScript another one imports. What nobody imports never runs, so what it asks for matters
/// to nobody.
struct ReachedModules: Sendable {
  /// The last parts of what files name in quotes, each with the files that name it (no more than two are kept).
  private let named: [Substring: Set<String>]
  private let hasAutoImports: Bool

  /// Folders from which frameworks and programs start files without an import.
  private static let entries: Set<Substring> = [
    "pages", "routes", "api", "functions", "scripts", "bin", "jobs", "workers", "cron", "server", "supabase", "cmd",
    "plugins", "commands", "tasks", "events", "handlers", "controllers", "middleware",
  ]
  private static let starts: Set<Substring> = [
    "index", "main", "app", "server", "page", "route", "layout", "middleware", "proxy", "loading", "error", "template",
    "sitemap", "worker", "cli", "instrumentation",
  ]

  /// Whether a file runs as far as the tree tells. Other languages' files count as reached.
  func reaches(_ file: TreeFile) -> Bool {
    guard file.language == .typescript || file.language == .javascript, !hasAutoImports else { return true }
    let parts = file.path.split(separator: "/")
    let stem = file.name.prefix { $0 != "." }
    if parts.dropLast().contains(where: { Self.entries.contains(Substring($0.lowercased())) })
      || Self.starts.contains(Substring(stem.lowercased())) || parts.count < 3
    {
      return true
    }
    let name = file.name.lastIndex(of: ".").map { file.name[..<$0] } ?? file.name
    return !(named[name] ?? []).subtracting([file.path]).isEmpty
  }
}

extension ReachedModules: Collector {
  static func collect(in context: AuditContext) -> ReachedModules {
    var named: [Substring: Set<String>] = [:]
    for file in context.tree.files {
      switch file.language {
      case .typescript, .javascript, .vue, .svelte, .html: break
      default: continue
      }
      // A test is no reason for a module to be there.
      if file.path.contains(".test.") || file.path.contains(".spec.") || file.path.contains("__tests__") { continue }
      guard let text = context.tree.text(file) else { continue }
      for name in names(in: text.bytes) where (named[name[...]]?.count ?? 0) < 3 {
        named[name[...], default: []].insert(file.path)
      }
    }
    return ReachedModules(
      named: named,
      hasAutoImports: context.tree.files.contains { $0.name.hasPrefix("nuxt.config") || $0.name == "auto-imports.d.ts" }
    )
  }

  /// The last parts, without an ending of code, of strings in quotes that have a slash.
  private static func names(in bytes: [UInt8]) -> Set<String> {
    var result: Set<String> = []
    var start = -1
    var slash = -1
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
        if slash > start, start >= 0, slash + 1 < index {
          var name = String(decoding: bytes[slash + 1..<index], as: UTF8.self)
          for end in [".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs"] where name.hasSuffix(end) {
            name.removeLast(end.utf8.count)
          }
          result.insert(name)
        }
        start = index
        slash = -1
      case UInt8(ascii: "/"): slash = index
      case 0...0x20: start = -1
      default: break
      }
    }
    return result
  }
}
