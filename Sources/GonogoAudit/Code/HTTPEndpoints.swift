public import GonogoCore

/// A route that the code serves.
public struct HTTPEndpoint: Sendable, Hashable {
  /// In capitals; `*` where it takes any, or where the code does not say.
  public let method: String
  /// From the slash on, as the framework writes it: `/users/:id`, `/users/{id}`, `/users/[id]`.
  public let path: String
  public let framework: String
  public let place: TreePlace
}

/// The HTTP endpoints of the tree: Express, Fastify, Hono and their like, NestJS, Next.js (app and pages), FastAPI, Flask,
/// Django, Go's net/http, chi, gin and echo, Rails, Vapor. Prefixes are joined where the same file has them; a router that is
/// mounted from another file has its path as its own file says.
public enum HTTPEndpoints: Collector {
  static let patterns = [
    CodePattern(
      "router", .ecmascript,
      """
      rule:
        pattern: $APP.$METHOD($PATH, $$$HANDLERS)
      constraints:
        METHOD: { regex: '^(get|post|put|patch|delete|options|head|all)$' }
        PATH: { regex: '^["''`]/' }
        APP: { regex: '^(app|appInstance|router|server|fastify|instance|hono|route|routes|web|\\w*(Router|App|Routes))$' }
      """),
    CodePattern(
      "nest", .ecmascript,
      """
      rule:
        kind: decorator
        regex: '^@(Get|Post|Put|Patch|Delete|All|Controller)\\('
      """),
    CodePattern(
      "next", .ecmascript,
      """
      rule:
        kind: export_statement
        any:
          - has: { kind: function_declaration, has: { field: name, pattern: $METHOD } }
          - has: { kind: lexical_declaration, has: { kind: variable_declarator, has: { field: name, pattern: $METHOD } } }
      constraints:
        METHOD: { regex: '^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$' }
      """),
    CodePattern(
      "decorator", .python,
      """
      rule:
        pattern: $APP.$METHOD($$$ARGUMENTS)
        inside: { kind: decorator }
      constraints:
        METHOD: { regex: '^(get|post|put|patch|delete|options|head|route|websocket|api_route)$' }
      """),
    CodePattern(
      "prefix", .python,
      """
      rule:
        any:
          - pattern: $ROUTER = APIRouter($$$ARGUMENTS)
          - pattern: $ROUTER = Blueprint($$$ARGUMENTS)
      """),
    CodePattern(
      "django", .python,
      """
      rule:
        any:
          - pattern: path($PATH, $VIEW)
          - pattern: path($PATH, $VIEW, $$$)
          - pattern: re_path($PATH, $VIEW)
          - pattern: re_path($PATH, $VIEW, $$$)
      constraints:
        PATH: { kind: string }
        VIEW: { not: { regex: '^include\\(' } }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: $APP.$METHOD($PATH, $$$HANDLERS)
      constraints:
        METHOD: { regex: '^(Get|Post|Put|Patch|Delete|Head|Options|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|Any|Handle|HandleFunc)$' }
        PATH: { regex: '^["`]([A-Z]+ )?/' }
      """),
    CodePattern(
      "rails", .ruby,
      """
      rule:
        any:
          - pattern: $METHOD $PATH
          - pattern: $METHOD $PATH, $$$OPTIONS
      constraints:
        METHOD: { regex: '^(get|post|put|patch|delete|resources|resource)$' }
        PATH: { regex: '^(["'']|:)' }
      """),
    CodePattern(
      "vapor", .swift,
      """
      rule:
        kind: call_expression
        regex: '^\\w*(app|routes|router|group|protected|api)\\.(get|post|put|patch|delete)\\('
      """),
  ]

  public static func collect(in context: AuditContext) -> [HTTPEndpoint] {
    let facts = context.facts(CodeMatches.self)
    if let trouble = facts.trouble { context.couldNotLook(trouble) }
    func matches(_ name: String) -> [CodeMatch] { facts.matches["endpoints/\(name)"] ?? [] }
    var found: [HTTPEndpoint] = []
    func add(_ method: String, _ path: String, _ framework: String, _ place: TreePlace) {
      let joined = path.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
      found.append(HTTPEndpoint(method: method.uppercased(), path: "/" + joined, framework: framework, place: place))
    }
    for match in matches("router") {
      let method = match["METHOD"] == "all" ? "*" : match["METHOD"]
      add(method, literal(match["PATH"]), "node", match.place)
    }
    var controller: (file: TreeFile, path: String)?
    for match in matches("nest") {
      let name = match.text.dropFirst().prefix { $0 != "(" }
      let path = literal(match.text)
      if name == "Controller" {
        controller = (match.file, path)
      } else if let controller, controller.file == match.file {
        add(name == "All" ? "*" : String(name), controller.path + "/" + path, "nest", match.place)
      }
    }
    for match in matches("next") where match.file.name.hasPrefix("route.") {
      if let path = nextPath(match.file) { add(match["METHOD"], path, "next", match.place) }
    }
    for file in context.tree.files where CodeScope.isLookedAt(file) && CodeSyntax(file.language) == .ecmascript {
      let parts = file.path.split(separator: "/")
      guard let pages = parts.firstIndex(of: "pages"), pages + 1 < parts.count, parts[pages + 1] == "api",
        let code = CodeText(file, in: context), code.mentions(#"^\s*export default"#, in: context)
      else { continue }
      add("*", page(parts[(pages + 1)...].map(String.init)), "next", TreePlace(file.path))
    }
    python(matches("decorator"), matches("prefix"), add)
    for match in matches("django") where match.file.name == "urls.py" {
      add("*", literal(match["PATH"]), "django", match.place)
    }
    for match in matches("go") {
      var path = literal(match["PATH"])
      var method = match["METHOD"]
      if let space = path.firstIndex(of: " ") {
        method = String(path[..<space])
        path = String(path[path.index(after: space)...])
      }
      add(["Handle", "HandleFunc", "Any"].contains(method) ? "*" : method, path, "go", match.place)
    }
    for match in matches("rails") where match.file.path.contains("config/routes") {
      let path =
        match["PATH"].hasPrefix(":")
        ? String(match["PATH"].dropFirst().prefix { $0 != "," && $0 != " " }) : literal(match["PATH"])
      add(match["METHOD"].hasPrefix("resource") ? "*" : match["METHOD"], path, "rails", match.place)
    }
    for match in matches("vapor") {
      let head = match.text.prefix { $0 != "{" && $0 != "\n" }
      guard let dot = head.firstIndex(of: "."), let open = head.firstIndex(of: "(") else { continue }
      let parts = head[open...].split(separator: ",").map { literal(String($0)) }.filter { !$0.isEmpty }
      add(String(head[head.index(after: dot)..<open]), parts.joined(separator: "/"), "vapor", match.place)
    }
    var seen: Set<HTTPEndpoint> = []
    return found.filter { seen.insert($0).inserted }.sorted { $0.place < $1.place }
  }

  private static func python(
    _ routes: [CodeMatch], _ prefixes: [CodeMatch], _ add: (String, String, String, TreePlace) -> Void
  ) {
    func argument(_ names: [String], _ text: String) -> String {
      for name in names {
        guard let found = text.firstRange(of: name + "=") else { continue }
        return literal(String(text[found.upperBound...]))
      }
      return ""
    }
    var prefix: [String: String] = [:]
    for match in prefixes {
      prefix["\(match.file.path) \(match["ROUTER"])"] = argument(["url_prefix", "prefix"], match.text)
    }
    for match in routes {
      let open = match.text.firstIndex(of: "(") ?? match.text.endIndex
      let first = match.text[open...].dropFirst().drop { $0 == " " || $0 == "\n" }
      // A decorator of something else has no path: `@cache.get(5)`.
      guard first.hasPrefix("\"") || first.hasPrefix("'") else { continue }
      let path = literal(String(first))
      guard path.hasPrefix("/") || path.isEmpty else { continue }
      let own = prefix["\(match.file.path) \(match["APP"])"] ?? ""
      switch match["METHOD"] {
      case "route", "api_route":
        let methods = match.text.firstRange(of: "methods=").map { match.text[$0.upperBound...].prefix { $0 != "]" } }
        let names = methods.map { text in
          text.split { !$0.isLetter }.map(String.init).filter { $0 == $0.uppercased() }
        }
        for method in names ?? ["GET"] { add(method, own + "/" + path, "flask", match.place) }
      case "websocket": add("GET", own + "/" + path, "fastapi", match.place)
      default: add(match["METHOD"], own + "/" + path, "fastapi", match.place)
      }
    }
  }

  /// The path that Next.js gives a file of its app directory: groups and slots are none of it. `nil` outside of one.
  private static func nextPath(_ file: TreeFile) -> String? {
    let parts = file.directory.split(separator: "/").map(String.init)
    guard let app = parts.firstIndex(of: "app") else { return nil }
    return parts[(app + 1)...].filter { !$0.hasPrefix("(") && !$0.hasPrefix("@") }.joined(separator: "/")
  }

  private static func page(_ parts: [String]) -> String {
    var parts = parts
    let name = parts.removeLast()
    // The last dot: `[...path].ts` is a name of its own.
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    if stem != "index" { parts.append(stem) }
    return parts.joined(separator: "/")
  }

  /// What stands between the first two quotes.
  private static func literal(_ text: String) -> String {
    guard let open = text.firstIndex(where: { "\"'`".contains($0) }) else { return "" }
    let rest = text[text.index(after: open)...]
    return String(rest.prefix { $0 != text[open] })
  }
}
