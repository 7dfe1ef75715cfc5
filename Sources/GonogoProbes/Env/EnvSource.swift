import GonogoCore
import GonogoSystem

/// Where the variables come from.
enum EnvSource: Sendable {
  case process
  case file(Template, optional: Bool)
  case compose(Template, service: Template)

  /// What a source gave.
  struct Loaded {
    let name: String
    let kind: String
    var variables: [String: Variable]
    var faults: [(source: String, fault: DotenvReader.Fault)] = []
    var duplicates: [(source: String, duplicate: DotenvReader.Duplicate)] = []
  }

  static func read(_ arguments: Arguments) -> [EnvSource] {
    guard let node = arguments.node("from") else { return [.process] }
    if node.elements?.isEmpty == true {
      arguments.fail(.emptyExpectation, "`from` names no source", at: node.range)
    }
    return (node.elements ?? [node]).compactMap { element in
      if element.text == "process" { return .process }
      if element.text != nil { return arguments.template(of: element, "from").map { .file($0, optional: false) } }
      let inner = arguments.arguments(of: element, "`from`")
      defer { inner.finish() }
      let compose = inner.template("compose")
      let service = inner.template("service")
      let file = inner.template("file")
      let optional = inner.boolean("optional") ?? false
      if let compose, let service, file == nil { return .compose(compose, service: service) }
      if let file, compose == nil, service == nil { return .file(file, optional: optional) }
      inner.fail(
        .missingKey, "a source is `process`, a file's path, `{ file, optional }` or `{ compose, service }`",
        mend: "write `{ compose: docker-compose.yml, service: api }`")
      return nil
    }
  }

  var isProcess: Bool {
    if case .process = self { return true }
    return false
  }

  var templates: [Template] {
    switch self {
    case .process: []
    case .file(let path, _): [path]
    case .compose(let path, let service): [path, service]
    }
  }

  func describe(in scope: Scope) -> String {
    switch self {
    case .process: "the process environment"
    case .file(let path, _): scope.preview(path)
    case .compose(let path, let service): "the service \(scope.preview(service)) of \(scope.preview(path))"
    }
  }

  /// - Returns: `nil` for an optional file that is not there.
  /// - Throws: ``ProbeError`` where the source cannot be read, or holds no variable at all.
  func load(in context: ProbeContext) throws(ProbeError) -> Loaded? {
    let environment = context.scope.environment
    let loaded: Loaded
    switch self {
    case .process:
      loaded = Loaded(
        name: "process", kind: "process",
        variables: environment.mapValues { Variable(value: $0, source: "process", line: nil) })
    case .file(let template, let optional):
      let rendered = try context.render(template)
      let path = FileSystem.join(context.directory, rendered.exposed)
      if optional, !FileSystem.exists(path) { return nil }
      let bytes = try LocalFile.read(path, shown: rendered.display, limit: 4 << 20)
      let reader = DotenvReader(bytes, source: rendered.display, outside: { environment[$0] })
      if reader.variables.isEmpty, let fault = reader.faults.first {
        throw ProbeError(
          .malformed, "\(rendered.display):\(fault.line): \(fault.message), and no line of the file sets a variable",
          asked: "read \(rendered.display)", mend: "write NAME=value, a line each")
      }
      loaded = Loaded(
        name: rendered.display, kind: "dotenv", variables: reader.variables,
        faults: reader.faults.map { (rendered.display, $0) },
        duplicates: reader.duplicates.map { (rendered.display, $0) })
    case .compose(let template, let service):
      let rendered = try context.render(template)
      let reader = try ComposeReader(
        path: FileSystem.join(context.directory, rendered.exposed), shown: rendered.display,
        service: try context.render(service).exposed, environment: environment)
      loaded = Loaded(
        name: rendered.display, kind: "compose", variables: reader.variables, faults: reader.faults,
        duplicates: reader.duplicates)
    }
    if loaded.variables.isEmpty {
      throw ProbeError(
        .vacuous, "\(describe(in: context.scope)) sets no variable, so nothing could be held against the contract",
        asked: "read \(describe(in: context.scope))", mend: "name the source that the deployment really uses")
    }
    return loaded
  }
}
