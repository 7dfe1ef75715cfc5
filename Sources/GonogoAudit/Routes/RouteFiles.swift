import GonogoCore
import GonogoSystem

/// Paths that files are served at because of where they stand: pages and routes of Next.js, Nuxt, SvelteKit, Remix, Astro, Fresh
/// and their like, functions of platforms, what is served as it is.
enum RouteFiles {
  private static let roots: Set<String> = [
    "app", "pages", "routes", "api", "functions", "controllers", "handlers", "endpoints", "views", "resources",
    "server",
    "routers", "modules", "apis", "rest", "http",
  ]
  private static let served: Set<String> = ["public", "static", "www", "htdocs", "webroot", "wwwroot"]
  private static let plain: Set<String> = [
    "index", "route", "+server", "+page", "page", "mod", "main", "handler", "routes",
  ]

  /// Every path that the file may be served at.
  static func paths(of file: TreeFile) -> [RoutePath] {
    var result: [RoutePath] = []
    let parts = file.path.split(separator: "/").map(String.init)
    let isCode = isCode(file)
    for (index, part) in parts.dropLast().enumerated() {
      if served.contains(part) { result.append(RoutePath(parts[(index + 1)...].joined(separator: "/"))) }
      guard isCode, roots.contains(part.lowercased()) else { continue }
      let path = route(parts[(index + 1)...])
      result.append(path)
      // `pages/api/x` is served as `/api/x`, and a document may leave a prefix out.
      if part == "api" || part == "rest" { result.append(RoutePath([.word(part)] + path.segments)) }
      if part == "functions" {
        result.append(RoutePath([.word("functions"), .word("v1")] + path.segments))
        result.append(RoutePath([.word(".netlify"), .word("functions")] + path.segments))
      }
    }
    return result
  }

  private static func isCode(_ file: TreeFile) -> Bool {
    switch file.language {
    case .javascript, .typescript, .python, .go, .ruby, .swift, .php, .java, .kotlin, .csharp, .rust, .elixir, .vue,
      .svelte:
      true
    default: file.fileExtension == "astro" || file.fileExtension == "mdx"
    }
  }

  private static func route(_ parts: ArraySlice<String>) -> RoutePath {
    var segments = Array(parts)
    let name = segments.removeLast()
    // `users.get.ts` of Nuxt, `users.$id.tsx` of Remix; `[...slug].ts` keeps its dots.
    var stem = name
    if let dot = name.lastIndex(of: "."), dot > name.startIndex { stem = String(name[..<dot]) }
    var words = stem.hasPrefix("[") ? [stem] : stem.split(separator: ".").map(String.init)
    if words.count > 1, let last = words.last,
      ["get", "post", "put", "patch", "delete", "controller", "router", "routes", "handler", "service", "module"]
        .contains(
          last)
    {
      words.removeLast()
    }
    for ending in [
      "_controller", "Controller", "_router", "Router", "_routes", "Routes", "_handler", "Handler", "_views",
    ] {
      if let last = words.last, last.hasSuffix(ending), last.count > ending.count {
        words[words.count - 1] = String(last.dropLast(ending.count))
      }
    }
    if let last = words.last, plain.contains(last) { words.removeLast() }
    segments += words
    segments = segments.filter { !$0.hasPrefix("(") && !$0.hasPrefix("@") && !$0.hasPrefix("_") }
    return RoutePath(segments.map { $0.hasPrefix("$") ? ":" + $0 : $0 }.joined(separator: "/"))
  }
}

extension ServedRoutes: Collector {
  static func collect(in context: AuditContext) -> ServedRoutes {
    var routes = ServedRoutes()
    for file in context.tree.files where file.kind == .regular && !isForeign(file) {
      for path in RouteFiles.paths(of: file) { routes.add(path, TreePlace(file.path), file) }
      guard isSource(file) else { continue }
      for route in context.facts(WrittenRoutes.self, of: file) ?? [] {
        routes.add(route.path, TreePlace(file.path, route.position), file)
      }
    }
    // A service is often reached under its own name.
    for (name, folders) in context.facts(ProductParts.self) {
      for folder in folders {
        for manifest in ["package.json", "Dockerfile", "pyproject.toml", "go.mod", "requirements.txt", "Cargo.toml"] {
          if let file = context.tree[folder + manifest] { routes.add(RoutePath(name), TreePlace(file.path), file) }
        }
      }
    }
    return routes
  }

  /// The paths that a file's strings can be a part of.
  private enum WrittenRoutes: FileCollector {
    static func collect(from text: SourceFile, of file: TreeFile) -> [(path: RoutePath, position: SourcePosition)] {
      guard let language = file.language else { return [] }
      return literals(text, file, language).map { literal in
        var path = RoutePath(literal.text)
        if isPrefix(literal, in: text, language) { path = RoutePath(path.segments + [.rest]) }
        return (path, text.position(of: literal.offset))
      }
    }
  }

  /// Whether all that begins so is served: a proxy's location, a path of Go's mux that ends in a slash.
  private static func isPrefix(_ literal: RouteLiterals.Literal, in text: SourceFile, _ language: Language) -> Bool {
    switch language {
    case .go: return literal.text.hasSuffix("/")
    case .nginx, .ini, .yaml, .toml:
      let line = String(decoding: text.line(text.position(of: literal.offset).line), as: UTF8.self)
      return ["location ", "PathPrefix", "path:"].contains { line.contains($0) } && !line.contains("location =")
    default: return false
    }
  }

  private static func isForeign(_ file: TreeFile) -> Bool {
    let lower = file.path.lowercased()
    return lower.contains("node_modules/") || lower.contains("postman") || lower.contains(".min.")
      || lower.hasSuffix("lock.json") || lower.hasSuffix("-lock.yaml")
  }

  /// Whether a file may say what is served. Documents serve nothing, and pages of a browser, whose strings are what they ask for.
  private static func isSource(_ file: TreeFile) -> Bool {
    switch file.language {
    case nil, .markdown, .sql, .css, .scss, .html, .text, .xml, .prisma, .graphql, .svelte, .vue, .c, .cpp: return false
    default: break
    }
    let name = file.name.lowercased()
    return !(name.hasSuffix(".tsx") || name.hasSuffix(".jsx") || name.hasSuffix(".d.ts"))
  }

  /// What a file says that may be served.
  private static func literals(_ text: SourceFile, _ file: TreeFile, _ language: Language) -> [RouteLiterals.Literal] {
    switch language {
    case .yaml, .json, .toml, .ini, .nginx, .dotenv, .dockerfile, .hcl, .make, .shell:
      return file.size > 1 << 19 ? [] : RouteLiterals.words(of: text.bytes)
    default:
      return RouteLiterals.literals(of: text.bytes, language) + (language == .python ? actions(text) : [])
    }
  }

  private static let actionMarks = LiteralSearch(
    ["@action", "@detail_route", "@expose"].map { Array($0.utf8) }, ignoringCase: false)

  /// Extra actions of Django REST framework: a method's name is its path.
  private static func actions(_ text: SourceFile) -> [RouteLiterals.Literal] {
    guard actionMarks?.first(in: text.bytes) != nil else { return [] }
    var result: [RouteLiterals.Literal] = []
    var isAction = false
    for number in 1...max(1, text.lineCount) {
      let line = String(decoding: text.line(number), as: UTF8.self).trimmed
      if line.hasPrefix("@action") || line.hasPrefix("@detail_route") || line.hasPrefix("@expose") { isAction = true }
      guard isAction, let name = line.firstRange(of: "def ") else { continue }
      isAction = false
      let word = line[name.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      result.append(.init(text: String(word), offset: text.offset(of: SourcePosition(line: number, column: 1))))
    }
    return result
  }
}
