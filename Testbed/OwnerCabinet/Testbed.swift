import Glibc
import GonogoCore
import GonogoServer
import GonogoSystem
import Synchronization

/// `testbed`: the stand-in of the Owner Cabinet.
enum Testbed {
  static let usage = """
    usage: testbed core|web|telegram [--port N] [--log FILE] [--fault NAME]...
           testbed worker [--name NAME] [--log FILE] [--fault NAME]...
           testbed all [--core-port N] [--web-port N] [--telegram-port N] [--fault NAME]...
           testbed core --check [--fault NAME]...     looks at the environment, starts nothing
           testbed provision --dir DIR --postgres URL --redis URL --migrations DIR [--fault NAME]...
           testbed drill botlink-use|botlink-expiry|botlink-secret|drain|takeover --dir DIR
           testbed faults [--json | --names]
           testbed matrix --results DIR [--faults DIR --subject WORD] [--write FILE]

    A role takes its configuration from environment variables alone, by the names of the checklist. Faults may also come
    from TESTBED_FAULTS=a,b.

    """

  static func run(_ words: [String]) async {
    do {
      exit(try await dispatch(words))
    } catch {
      complain("\(error)")
      exit(1)
    }
  }

  private struct UsageError: Error, CustomStringConvertible {
    let description: String
  }

  private static func dispatch(_ words: [String]) async throws -> Int32 {
    guard let command = words.first else {
      complain(usage)
      return 2
    }
    let options = try Options(Array(words.dropFirst()))
    switch command {
    case "core" where options.flags.contains("check"):
      _ = try CoreSettings(
        ProcessEnvironment.all, lenient: options.faults.has(.startupAcceptsBadEnvironment))
      print("the environment is complete")
      return 0
    case "core", "web", "telegram", "worker", "all": return try await serve(command, options)
    case "provision":
      try Provision(
        directory: options.need("dir"), postgres: options.need("postgres"), redis: options.need("redis"),
        migrations: options.need("migrations"), faults: options.faults
      ).run()
      return 0
    case "drill":
      let directory = try options.need("dir")
      var environment = ProcessEnvironment.all
      for (name, value) in try environmentFile("\(directory)/env/core.env") { environment[name] = value }
      guard let name = options.operands.first,
        let seen = try Drills(environment: environment, runDirectory: directory).run(name)
      else { throw UsageError(description: "testbed: no such drill\n\(usage)") }
      print(seen.canonicalString)
      return 0
    case "faults":
      let forgotten = Fault.allCases.filter { FaultCatalog.entry($0) == nil }.map(\.rawValue)
      if !forgotten.isEmpty {
        throw UsageError(description: "testbed: not in the catalog: \(forgotten.joined(separator: ", "))")
      }
      if options.flags.contains("json") {
        print(JSON.array(FaultCatalog.all.map(\.json)).pretty)
      } else if options.flags.contains("names") {
        for entry in FaultCatalog.all { print(entry.fault.rawValue) }
      } else {
        for entry in FaultCatalog.all {
          let name = entry.fault.rawValue
          let pad = String(repeating: " ", count: max(1, 34 - name.count))
          print("\(name)\(pad)\(entry.breaks) [\(entry.red.joined(separator: " "))]")
        }
      }
      return 0
    case "matrix":
      let matrix = try Matrix(
        results: options.need("results"),
        faults: options.values["faults"].map { try MatrixFault.ofFolder($0) } ?? MatrixFault.ofCatalog,
        subject: options.values["subject"] ?? "deployment")
      print(matrix.grid)
      print(matrix.summary)
      if let path = options.values["write"] { try FileSystem.writeAtomically(Array(matrix.markdown.utf8), to: path) }
      for complaint in matrix.complaints { complain("wrong: \(complaint)") }
      return matrix.wrong == 0 ? 0 : 1
    case "help", "--help", "-h":
      print(usage, terminator: "")
      return 0
    default: throw UsageError(description: "testbed: no command is called '\(command)'\n\(usage)")
    }
  }

  private struct Options {
    var values: [String: String] = [:]
    var flags: Set<String> = []
    var operands: [String] = []
    var faults = Faults()

    init(_ words: [String]) throws {
      var names = ProcessEnvironment.all["TESTBED_FAULTS"]?.split(separator: ",").map(String.init) ?? []
      var index = 0
      while index < words.count {
        let word = words[index]
        index += 1
        if ["--json", "--check", "--names"].contains(word) {
          flags.insert(String(word.dropFirst(2)))
        } else if word.hasPrefix("--") {
          guard index < words.count else { throw UsageError(description: "testbed: \(word) needs a value") }
          if word == "--fault" {
            names += words[index].split(separator: ",").map(String.init)
          } else {
            values[String(word.dropFirst(2))] = words[index]
          }
          index += 1
        } else {
          operands.append(word)
        }
      }
      var on: Set<Fault> = []
      for name in names {
        guard let fault = Fault(rawValue: name) else {
          let near = Suggestion.nearest(to: name, in: Fault.allCases.map(\.rawValue))
          throw UsageError(
            description: "testbed: no fault is called '\(name)'\(near.map { "; did you mean '\($0)'?" } ?? "")")
        }
        on.insert(fault)
      }
      faults = Faults(on)
    }

    func need(_ name: String) throws -> String {
      guard let value = values[name] else { throw UsageError(description: "testbed: --\(name) is required\n\(usage)") }
      return value
    }

    func port(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }
  }

  // MARK: Roles

  /// Serves until SIGTERM or SIGINT, then drains.
  private static func serve(_ command: String, _ options: Options) async throws -> Int32 {
    let environment = ProcessEnvironment.all
    let everything = command == "all"
    let (stops, stop) = AsyncStream.makeStream(of: Int32.self)
    Signals.handle([15, 2]) { stop.yield($0) }
    var servers: [HTTPServer] = []
    var worker: Worker?
    var finished: Task<Void, any Error>?
    func log(_ role: String) throws -> Log { try Log(service: role, path: options.values["log"]) }
    func open(_ role: String, _ router: Router) throws {
      let server = try HTTPServer(port: options.port(everything ? "\(role)-port" : "port")) {
        await router.respond(to: $0)
      }
      servers.append(server)
      complain("\(role): http://127.0.0.1:\(server.port)")
    }
    if everything || command == "telegram" {
      try open("telegram", Telegram(token: environment["TELEGRAM_BOT_TOKEN"] ?? "", faults: options.faults).router)
    }
    if everything || command == "core" {
      let settings = try CoreSettings(environment, lenient: options.faults.has(.startupAcceptsBadEnvironment))
      let log = try log("core")
      let core = try CoreAPI(settings: settings, faults: options.faults, log: log)
      try core.prepare()
      if options.faults.has(.logsWithErrors) { log.write(.error, "cache-warmup-failed") }
      try open("core", core.router)
    }
    if everything || command == "worker" {
      let made = try Worker(
        settings: try WorkerSettings(environment), faults: options.faults, log: try log("worker"),
        consumer: options.values["name"] ?? "worker-\(getpid())")
      worker = made
      finished = Task.detached(executorPreference: ProbeExecutor(limit: 2)) {
        do { try made.run() } catch {
          stop.yield(0)
          throw error
        }
      }
    }
    if everything || command == "web" {
      try open("web", Web(settings: try WebSettings(environment), faults: options.faults, log: try log("web")).router)
    }
    for await _ in stops { break }
    worker?.stop()
    for server in servers { await server.stop(drain: 5000) }
    try await finished?.value
    return 0
  }

  /// `NAME=value` lines, as provisioning writes them.
  private static func environmentFile(_ path: String) throws -> [(String, String)] {
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    return text.split(separator: "\n").compactMap { (line: Substring) -> (String, String)? in
      guard let equals = line.firstIndex(of: "=") else { return nil }
      return (String(line[..<equals]), String(line[line.index(after: equals)...]))
    }
  }

  private static func complain(_ text: String) {
    _ = FileSystem.writeAll(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: 2)
  }
}
