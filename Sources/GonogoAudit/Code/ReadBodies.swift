import GonogoCore

/// Which of the bodies that handlers read are checked by nobody whom the tree shows.
///
/// A body is checked where its handler asks something of its values, where whoever it is given to does, where a route's validator stands beside the
/// handler's name, or where the package has one for all routes. It is another's to check where the handler passes it on whole, and where a
/// model with a schema of its own takes it in (Mongoose). In each of these cases nothing is told.
struct ReadBodies {
  private var unchecked: Set<TreePlace> = []

  /// Validators that a package sets up once for all its routes.
  private static let forAll =
    #"OpenApiValidator|openapi-?backend|express-openapi|swagger-tools|useGlobalPipes|ValidationPipe|zod-?openapi|OpenAPIHono|fastify-type-provider|withTypeProvider|\bt\.Object\(|connect-openapi"#

  private static let calls = ["post", "put", "patch", "request"]
  private static let stores: Set<String> = [
    "create", "insertMany", "findByIdAndUpdate", "findOneAndUpdate", "updateOne", "set",
  ]

  /// - Parameter matches: with `HANDLER`, the function's text, and `BOUND`, what the body is bound to.
  init(_ matches: [CodeMatch], checks: String, in context: AuditContext) {
    let bodies = matches.map {
      ($0, HandlerBody(handler: $0["HANDLER"], bound: $0["BOUND"]), Self.name(of: $0, context))
    }
    .filter { !$0.1.isChecked }
    var names: Set<String> = []
    for (_, body, handler) in bodies {
      names.formUnion(body.calls.map(\.name))
      names.formUnion(handler.map { [$0] } ?? [])
    }
    let functions = NamedFunctions(names, beside: checks, in: context)
    var packages: [String: Bool] = [:]
    for (match, body, handler) in bodies {
      if let handler, functions.beside.contains(handler) { continue }
      let isAnothers = body.calls.contains { call in
        if call.isWhole, call.receiver == "JSON" || Self.calls.contains(call.name) { return true }
        return functions.meant(by: call, in: match.file).contains { $0.code.mentions(checks, in: context) }
      }
      if isAnothers { continue }
      if body.calls.contains(where: { $0.isNew || Self.stores.contains($0.name) }), Self.hasModels(match.file, context)
      {
        continue
      }
      // Decorators of class-validator stand above the methods and classes that a body is given to.
      if !body.calls.isEmpty, Self.manifest(of: match.file, names: "class-validator", context) { continue }
      let package = CodeScope.package(of: match.file, "package.json", in: context) ?? ""
      let isForAll = packages[package] ?? Self.checksAll(package, in: context)
      packages[package] = isForAll
      if !isForAll { unchecked.insert(match.place) }
    }
  }

  func isUnchecked(_ match: CodeMatch) -> Bool { unchecked.contains(match.place) }

  /// The name of the function that a body is read in, where routes may name it: not that of a Next.js route's method.
  private static func name(of match: CodeMatch, _ context: AuditContext) -> String? {
    guard let text = context.tree.text(match.file) else { return nil }
    let head = context.pattern(
      #"(?:function\*?\s+|(?:const|let)\s+|exports\.|^\s*(?:(?:public|static|async)\s+)*)([\w$]+)\s*(?::[^=]+)?(?:=\s*(?:async|function|\(|\w+\()|\([^)]*\breq\w*\b)"#
    )
    for number in stride(from: match.place.line, through: max(1, match.place.line - 60), by: -1) {
      let line = String(decoding: text.line(number), as: UTF8.self)
      // A handler that stands in its route has no name, and needs none.
      if Self.isRoute(line) { return nil }
      guard ["req", "ctx", "async", "function"].contains(where: line.contains) else { continue }
      guard let found = (try? head.firstMatch(in: line)) ?? nil, let name = found.groups.last ?? nil,
        !["if", "for", "while", "switch", "catch", "return", "await"].contains(name)
      else { continue }
      return ["GET", "POST", "PUT", "PATCH", "DELETE", "handler", "serve", "app", "router"].contains(name) ? nil : name
    }
    return nil
  }

  private static func isRoute(_ line: String) -> Bool {
    [".post(", ".put(", ".patch(", ".delete(", ".all(", ".use("].contains { line.contains($0) } && line.contains("=>")
  }

  private static func hasModels(_ file: TreeFile, _ context: AuditContext) -> Bool {
    manifest(of: file, names: "mongoose", context)
  }

  private static func manifest(of file: TreeFile, names library: String, _ context: AuditContext) -> Bool {
    CodeScope.manifest(of: file, in: context)?.dependencies.contains(library) == true
  }

  private static func checksAll(_ package: String, in context: AuditContext) -> Bool {
    let prefix = package.isEmpty ? "" : package + "/"
    return context.tree.files.contains { file in
      file.path.hasPrefix(prefix) && CodeSyntax(file.language) == .ecmascript && CodeScope.isLookedAt(file)
        && CodeText(file, in: context)?.mentions(forAll, in: context, strings: true) == true
    }
  }
}
