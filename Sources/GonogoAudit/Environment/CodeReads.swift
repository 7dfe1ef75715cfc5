import GonogoCore

/// The reads of the environment in one program's text.
struct CodeReads {
  /// A call of a function of the project's own with a name in it: `requireEnv("X", "y")`. Whether it reads is known when all
  /// files have been seen.
  struct Call: Sendable {
    let function: String
    var read: EnvironmentRead
    /// Whether its fallback is an argument of the call, and not what stands behind it.
    let isGiven: Bool
  }

  /// A function that reads the variable that it is given the name of.
  struct Wrapper: Sendable {
    let function: String
    let refuses: Bool
    /// It reads what its first parameter names: `setting(label, name)` reads something else than it seems.
    var readsFirst = true
    /// What it is given behind the name comes into play beside the read: only then is that a default.
    var defaults = false

    /// What both functions of one name do.
    func joined(_ other: Wrapper) -> Wrapper {
      Wrapper(
        function: function, refuses: refuses && other.refuses, readsFirst: readsFirst && other.readsFirst,
        defaults: defaults && other.defaults)
    }
  }

  let tokens: CodeTokens
  let file: TreeFile
  let purpose: SourcePurpose
  private(set) var reads: [EnvironmentRead] = []
  private(set) var calls: [Call] = []
  private(set) var wrappers: [Wrapper] = []
  /// `const X = "…"` of this file: a fallback by that name is a literal.
  private var constants: [String: String] = [:]
  /// Names that stand for the whole environment: `const env = process.env`.
  private var aliases: Set<String> = []

  init(_ tokens: CodeTokens, _ file: TreeFile) {
    self.tokens = tokens
    self.file = file
    purpose = .of(path: file.path)
    collectNames()
    scan()
  }

  /// What gives a value by a name in brackets, by the last words before the bracket; whether it refuses a missing one.
  static let readers: [String: Bool] = [
    "process.env[": false, "import.meta.env[": false, "Bun.env[": false, "Deno.env.get(": false,
    "os.environ[": true, "environ[": true, "os.environ.get(": false, "environ.get(": false, "os.getenv(": false,
    "getenv(": false, "os.environ.pop(": false, "os.Getenv(": false, "os.LookupEnv(": false, "syscall.Getenv(": false,
    "ENV[": false, "ENV.fetch(": true, "ENV.key(": false, "Environment.get(": false,
    "ProcessInfo.processInfo.environment[": false, "processInfo.environment[": false,
    "Environment.GetEnvironmentVariable(": false, "System.getenv(": false, "env.var(": false, "std.env.var(": false,
    "System.get_env(": false, "System.fetch_env(": true, "$_ENV[": false, "$_SERVER[": false,
    "viper.BindEnv(": false, "request.ENV[": false,
  ]

  /// The words before the brackets of ``readers``.
  private static let lastWords = Set(
    readers.keys.map { $0.dropLast().split(separator: ".").last.map(String.init) ?? "" })

  /// `env("X")` and its like: readers of django-environ, decouple and Laravel, known by their file's imports.
  private static let environReaders: Set<String> = [
    "env", "env.str", "env.bool", "env.int", "env.float", "env.list", "env.dict", "env.url", "env.db", "env.cache",
    "env.json",
    "env.db_url", "env.email_url", "env.tuple", "env.path", "config", "env.get_value", "env.bytes", "env.decimal",
  ]

  private mutating func collectNames() {
    for index in tokens.tokens.indices {
      guard tokens.kind(index) == .identifier, tokens.at(index + 1, "=") else { continue }
      if tokens.kind(index + 2) == .string, let text = tokens.content(index + 2) { constants[tokens[index]] = text }
      let isWhole =
        tokens.at(index + 2, "process") && tokens.at(index + 4, "env")
        || tokens.at(index + 2, "os")
          && tokens.at(index + 4, "environ")
      if isWhole, !tokens.at(index + 5, "."), !tokens.at(index + 5, "["), !tokens.at(index + 5, "?."),
        !tokens.at(index + 5, "(")
      {
        aliases.insert(tokens[index])
      }
    }
  }

  private lazy var usesEnviron: Bool = {
    if !tokens.mentions("environ"), !tokens.mentions("decouple") { return file.language == .php }
    for index in tokens.tokens.indices where tokens.kind(index) == .identifier {
      if tokens.at(index, "environ") || tokens.at(index, "decouple") {
        if tokens.at(index - 1, "import") || tokens.at(index - 1, "from") { return true }
      }
    }
    return file.language == .php
  }()

  /// `from os import environ`, alone or among others.
  private lazy var importsEnviron: Bool = {
    for index in tokens.tokens.indices where tokens.at(index, "import") && tokens.at(index - 1, "os") {
      let line = tokens.place(index).line
      var next = index + 1
      while next < tokens.count, tokens.place(next).line == line || tokens.at(index + 1, "(") && next < index + 12 {
        if tokens.at(next, "environ") { return true }
        next += 1
      }
    }
    return false
  }()

  private mutating func scan() {
    var index = 0
    while index < tokens.count {
      defer { index += 1 }
      guard tokens.kind(index) == .identifier else { continue }
      if tokens.at(index, "env") || tokens.at(index, "environ") { property(index) }
      if tokens.kind(index + 1) == .symbol { bracket(index) }
    }
  }

  // MARK: process.env.X

  private mutating func property(_ index: Int) {
    let isWhole =
      tokens.at(index - 1, ".")
      && (tokens.at(index - 2, "process") || tokens.at(index - 2, "meta") || tokens.at(index - 2, "Bun")
        || tokens.at(index - 2, "os"))
    let isAlias = aliases.contains(tokens[index]) && !tokens.at(index - 1, ".") && !tokens.at(index - 1, "?.")
    guard isWhole || isAlias else { return }
    let how = isWhole ? tokens[index - 2] + "." + tokens[index] : tokens[index]
    if tokens.at(index + 1, ".") || tokens.at(index + 1, "?."), tokens.kind(index + 2) == .identifier {
      let name = tokens[index + 2]
      guard EnvironmentNames.isName(name), !tokens.at(index + 3, "("), name.contains(where: \.isUppercase),
        // A test or a build sets it.
        !(tokens.at(index + 3, "=") && !isComparison(index + 3))
      else { return }
      add(name, at: index + 2, start: isWhole ? index - 2 : index, behind: index + 3, how: how, refuses: false)
    } else if isWhole, tokens.at(index - 3, "=") || tokens.at(index - 4, "=") {
      destructured(index, how)
    }
  }

  private func isComparison(_ index: Int) -> Bool { tokens.at(index, "==") || tokens.at(index, "===") }

  /// `const { A, B: b, C = "x" } = process.env`.
  private mutating func destructured(_ index: Int, _ how: String) {
    let equals = tokens.at(index - 3, "=") ? index - 3 : index - 4
    guard tokens.at(equals - 1, "}") else { return }
    var open = equals - 1
    var depth = 0
    while open >= 0, equals - open < 400 {
      if tokens.at(open, "}") { depth += 1 }
      if tokens.at(open, "{") {
        depth -= 1
        if depth == 0 { break }
      }
      open -= 1
    }
    guard open >= 0, tokens.at(open, "{") else { return }
    var isKey = true
    for position in (open + 1)..<max(open + 1, equals - 1) {
      if tokens.at(position, ",") {
        isKey = true
      } else if isKey, tokens.kind(position) == .identifier {
        isKey = false
        let name = tokens[position]
        guard EnvironmentNames.isConventional(name) else { continue }
        var fallback = EnvironmentRead.Fallback.none
        let value = tokens.at(position + 1, ":") ? position + 3 : position + 1
        if tokens.at(value, "=") { fallback = self.fallback(value + 1) }
        put(name, position, how, fallback == .none ? .unchecked : .optional, fallback, false)
      }
    }
  }

  // MARK: reader("X")

  /// The words before a bracket, joined with dots.
  private func callee(_ index: Int) -> (text: String, start: Int) {
    var words = [tokens[index]]
    var position = index
    while words.count < 4,
      tokens.at(position - 1, ".") || tokens.at(position - 1, "?.") || tokens.at(position - 1, "::"),
      tokens.kind(position - 2) == .identifier
    {
      position -= 2
      words.append(tokens[position])
    }
    return (words.reversed().joined(separator: "."), position)
  }

  private mutating func bracket(_ index: Int) {
    var open = index + 1
    // Rust's `env!("X")`, Elixir's `fetch_env!("X")`.
    if tokens.at(open, "!"), file.language == .rust || file.language == .elixir { open += 1 }
    guard tokens.at(open, "(") || tokens.at(open, "[") else { return }
    // Nearly all brackets are those of other calls: a reader ends with a reader's name, or is given a name in quotes.
    if !tokens.at(open, "(") || tokens.kind(open + 1) != .string {
      let last = tokens[index]
      if !Self.lastWords.contains(last), !aliases.contains(last) { return }
    }
    let (text, start) = callee(index)
    let key = text + (tokens.at(open, "(") ? "(" : "[")
    var argument = open + 1
    let refuses =
      Self.readers[key] ?? Self.readers[key.split(separator: ".").suffix(2).joined(separator: ".")]
      ?? (aliases.contains(text) && tokens.at(open, "[") ? false : nil)
    // `viper.BindEnv("key", "NAME")`.
    if text == "viper.BindEnv", tokens.at(argument + 1, ",") { argument += 2 }
    if let refuses {
      // A server hands every request's own `environ` to its application; only what `os` gives is the process's.
      if text == "environ" || text == "environ.get", !importsEnviron { return }
      guard let name = tokens.content(argument), EnvironmentNames.isName(name) else {
        if let name = tokens.content(argument), name.isEmpty { return }
        wrapper(index)
        return
      }
      if text.hasPrefix("$_SERVER"), !EnvironmentNames.isConventional(name) { return }
      let close = tokens.behind(open)
      // `os.environ["X"] = …` sets it.
      if tokens.at(open, "["), tokens.at(close, "=") { return }
      if text == "ENV.fetch", tokens.at(close, "{") {
        put(name, argument, text, .optional, fallback(close + 1), false)
        return
      }
      if tokens.at(open, "("), tokens.at(argument + 1, ",") {
        var second = argument + 2
        if tokens.kind(second) == .identifier, tokens.at(second + 1, "=") || tokens.at(second + 1, ":") { second += 2 }
        let value = tokens.at(second, "None") || tokens.at(second, "nil") ? .none : fallback(second)
        put(name, argument, text, .optional, value, isGuarded(start))
        return
      }
      add(name, at: argument, start: start, behind: close, how: text, refuses: refuses)
      return
    }
    guard tokens.at(open, "("), let name = tokens.content(argument), EnvironmentNames.isConventional(name),
      name.utf8.count >= 3
    else { return }
    var standard = EnvironmentRead.Fallback.none
    var second = argument + 2
    if tokens.at(argument + 1, ",") {
      let isNamed =
        tokens.kind(second) == .identifier && (tokens.at(second + 1, "=") || tokens.at(second + 1, ":"))
      // Elixir's `dev: "x", test: "y"` are those environments' own.
      let isElsewhere = isNamed && file.language == .elixir && !tokens.at(second, "default")
      if isNamed { second += 2 }
      if !isElsewhere, !tokens.at(second, "None") { standard = fallback(second) }
    }
    let isGiven = standard != .none
    let behind = tokens.behind(open)
    if standard == .none, tokens.at(behind, "||") || tokens.at(behind, "??") || tokens.at(behind, "or") {
      standard = fallback(behind + 1)
    }
    let isKnown = usesEnviron && Self.environReaders.contains(text)
    // Laravel's `env("X")` gives null where there is none.
    let refusesMissing = isKnown && file.language != .php
    let need: EnvironmentRead.Need = standard == .none ? (refusesMissing ? .required : .unchecked) : .optional
    let read = make(name, argument, text, need, standard, isGuarded(start))
    if isKnown {
      reads.append(read)
    } else {
      calls.append(Call(function: tokens[index], read: read, isGiven: isGiven))
    }
  }

  /// The function around a read whose name is a parameter.
  private mutating func wrapper(_ index: Int) {
    var open = index + 1
    if tokens.at(open, "!") { open += 1 }
    let argument = tokens.kind(open + 1) == .identifier ? tokens[open + 1] : nil
    var position = index - 1
    while position >= 0, index - position < 120 {
      // A keyword of this language: in another it is a name like any other, a parameter's for instance.
      let isFunction =
        switch file.language {
        case .go, .swift: tokens.at(position, "func")
        case .python, .ruby, .elixir: tokens.at(position, "def") || tokens.at(position, "defp")
        case .rust: tokens.at(position, "fn")
        case .kotlin: tokens.at(position, "fun")
        case .javascript, .typescript, .php, .vue, .svelte: tokens.at(position, "function")
        default:
          ["function", "def", "func", "fn"].contains { tokens.at(position, $0) }
        }
      if isFunction, tokens.kind(position + 1) == .identifier {
        note(position + 1, from: index, argument)
        return
      }
      // `const f = (name) => …`, and a method `f(name) {`.
      if tokens.kind(position) == .identifier, tokens.at(position + 1, "="),
        tokens.at(position + 2, "(") || tokens.at(position + 2, "async") || tokens.at(position + 3, "=>")
          || tokens.at(position + 2, "<") || tokens.at(position + 2, "function")
      {
        note(position, from: index, argument)
        return
      }
      position -= 1
    }
  }

  /// The words of each parameter of the function whose name stands at `name`, with their types; and where the body begins.
  private func parameters(_ name: Int) -> (words: [Set<String>], behind: Int) {
    guard let open = (name + 1..<min(tokens.count, name + 12)).first(where: { tokens.at($0, "(") }) else {
      return ([], name + 1)
    }
    let behind = tokens.behind(open)
    var words: [Set<String>] = [[]]
    var depth = 0
    for index in (open + 1)..<max(open + 1, behind - 1) {
      if tokens.at(index, "(") || tokens.at(index, "[") || tokens.at(index, "{") { depth += 1 }
      if tokens.at(index, ")") || tokens.at(index, "]") || tokens.at(index, "}") { depth -= 1 }
      if depth == 0, tokens.at(index, ",") {
        words.append([])
      } else if tokens.kind(index) == .identifier {
        words[words.count - 1].insert(tokens[index])
      }
    }
    if words.count > 1, words[0] == ["self"] || words[0] == ["cls"] || words[0] == ["this"] { words.removeFirst() }
    return (words, behind)
  }

  private static let types: Set<String> = [
    "string", "String", "str", "int", "Int", "bool", "Bool", "boolean", "number", "any", "Any", "Optional", "None", "T",
    "undefined", "null", "nil", "interface", "time", "Duration", "const", "final", "default",
  ]

  private mutating func note(_ name: Int, from index: Int, _ argument: String?) {
    let function = tokens[name]
    let (parameters, body) = parameters(name)
    let readsFirst = argument.map { word in
      !parameters.dropFirst().contains { $0.contains(word) } || parameters[0].contains(word)
    }
    let others = parameters.dropFirst().first ?? []
    var end = min(tokens.count, index + 80)
    // `def` begins a function in these languages; in Go it is a name like any other.
    let hasDef = [.python, .ruby, .elixir].contains(file.language)
    for position in index..<end where tokens.at(position, "function") || hasDef && tokens.at(position, "def") {
      end = position
      break
    }
    let defaults =
      body < end
      && (body..<end).contains { position in
        // `default` is a parameter's name in Python, and a word of the language elsewhere.
        tokens.kind(position) == .identifier && others.contains(tokens[position])
          && (!Self.types.contains(tokens[position]) || file.language == .python && tokens.at(position, "default"))
      }
    var refuses = false
    for position in index..<min(tokens.count, index + 60) {
      if tokens.at(position, "throw") || tokens.at(position, "raise") || tokens.at(position, "panic")
        || tokens.at(position, "Fatal") || tokens.at(position, "fatalError")
        || tokens.at(position, "process") && tokens.at(position + 2, "exit")
      {
        refuses = true
      }
      if tokens.at(position, "function") || tokens.at(position, "def") || tokens.at(position, "func") { break }
    }
    // A function of every program's, `get` or `map`, is no wrapper by its name.
    guard function.utf8.count >= 3, !["get", "main", "map", "constructor", "init", "run", "setup"].contains(function)
    else {
      return
    }
    wrappers.append(
      Wrapper(function: function, refuses: refuses, readsFirst: readsFirst ?? true, defaults: defaults))
  }

  // MARK: What follows

  private mutating func add(
    _ name: String, at index: Int, start: Int, behind: Int, how: String, refuses: Bool
  ) {
    var next = behind
    // `.trim()`, `?.split(",")`, `as string`.
    while tokens.at(next, ".") || tokens.at(next, "?."), tokens.kind(next + 1) == .identifier, tokens.at(next + 2, "(")
    {
      next = tokens.behind(next + 2)
    }
    // `(process.env.X as Kind) ?? …`.
    if tokens.at(next, "as"), tokens.kind(next + 1) == .identifier { next += 2 }
    if tokens.at(next, ")"), tokens.at(start - 1, "(") || tokens.at(start - 2, "(") {
      let after = next + 1
      if tokens.at(after, "||") || tokens.at(after, "??") || tokens.at(after, "or") { next = after }
    }
    if tokens.at(next, "||") || tokens.at(next, "??") || tokens.at(next, "or") {
      let other = next + 1
      if tokens.at(other, "throw") || tokens.at(other, "raise") || tokens.at(other, "fatalError")
        || tokens.at(other, "abort")
      {
        put(name, index, how, .required, .none, false)
      } else {
        put(name, index, how, .optional, fallback(other), isGuarded(start))
      }
      return
    }
    if refuses {
      put(name, index, how, .required, .none, false)
      return
    }
    if tokens.at(start - 1, "!") {
      put(name, index, how, isRefused(behind) ? .required : .optional, .none, false)
      return
    }
    // The last of a chain: something went before it, and nothing need follow.
    let isLast = tokens.at(start - 1, "||") || tokens.at(start - 1, "??") || tokens.at(start - 1, "or")
    let isQuestion =
      isLast
      || tokens.at(next, "===") || tokens.at(next, "==") || tokens.at(next, "!=") || tokens.at(next, "?")
      || tokens.at(next, "&&") || tokens.at(start - 1, "&&") || tokens.at(start - 1, "==")
      || tokens.at(start - 1, "if") || tokens.at(start - 1, "(") && tokens.at(start - 2, "if")
      || tokens.at(start - 1, "in") || how == "os.LookupEnv" || tokens.at(behind, "?.")
      // `toOptional(process.env.X)`.
      || tokens.at(start - 1, "(") && tokens[max(0, start - 2)].lowercased().contains("optional")
    if let languages = file.language, languages == .swift, tokens.at(behind, "!") {
      put(name, index, how, .required, .none, false)
      return
    }
    put(name, index, how, isQuestion || isAskedNext(start, next) ? .optional : .unchecked, .none, false)
    if tokens.at(next, "===") || tokens.at(next, "==") || tokens.at(next, "!="),
      let other = tokens.content(next + 1) ?? tokens.content(next + 2), ["true", "false", "1", "0"].contains(other)
    {
      reads[reads.count - 1].isSwitch = true
    }
  }

  /// `host = os.environ.get("X")`, and on the next line `if host:`.
  private func isAskedNext(_ start: Int, _ next: Int) -> Bool {
    if file.language == .typescript || file.language == .javascript { return isPassedOver(start, next) }
    guard file.language == .python, tokens.at(start - 1, "="), tokens.kind(start - 2) == .identifier else {
      return false
    }
    return tokens.at(next, "if") && tokens[next + 1] == tokens[start - 2] && tokens.at(next + 2, ":")
  }

  /// `const url = process.env.X`, and then `url ?? …`, or `if (!url) return` with no word of what is missing: whoever wrote it
  /// has a way without.
  private func isPassedOver(_ start: Int, _ next: Int) -> Bool {
    guard tokens.at(start - 1, "="), tokens.kind(start - 2) == .identifier else { return false }
    let name = tokens[start - 2]
    for position in next..<min(tokens.count, next + 40)
    where tokens.kind(position) == .identifier && tokens[position] == name {
      if tokens.at(position + 1, "??") || tokens.at(position + 1, "||") && !tokens.at(position - 1, "!") { return true }
      guard tokens.at(position - 1, "!"), tokens.at(position - 2, "("), tokens.at(position - 3, "if"),
        tokens.at(position + 1, ")")
      else { continue }
      let end = tokens.at(position + 2, "{") ? tokens.behind(position + 2) : position + 6
      let words = (position + 2..<min(end, tokens.count)).lazy.map { (tokens.content($0) ?? tokens[$0]).lowercased() }
      return words.contains("return")
        && !words.contains { word in
          ["throw", "console", "log", "error", "warn", "fail", "exit", "missing", "status"].contains {
            word.contains($0)
          }
        }
    }
    return false
  }

  /// `if (!process.env.X) { throw …`.
  private func isRefused(_ index: Int) -> Bool {
    for position in index..<min(tokens.count, index + 24) {
      if tokens.at(position, "throw") || tokens.at(position, "raise")
        || tokens.at(position, "process") && tokens.at(position + 2, "exit")
      {
        return true
      }
      if tokens.at(position, "return") || tokens.at(position, "}") { return false }
    }
    return false
  }

  private func fallback(_ index: Int) -> EnvironmentRead.Fallback {
    var index = index
    while tokens.at(index, "(") { index += 1 }
    if let text = tokens.content(index) {
      // A string that is only a part of something.
      if tokens.at(index + 1, "+") || tokens.at(index + 1, ".") { return .expression }
      return .literal(text)
    }
    // `10 * time.Minute` is no ten.
    if tokens.kind(index) == .number { return tokens.at(index + 1, "*") ? .expression : .literal(tokens[index]) }
    if ["true", "false", "True", "False"].contains(tokens[index]) { return .literal(tokens[index]) }
    if ["undefined", "null", "None", "nil"].contains(tokens[index]) { return .none }
    if tokens.at(index + 1, "."), tokens.at(index + 2, "env") || tokens.at(index + 2, "meta") {
      let env = tokens.at(index + 2, "env") ? index + 2 : index + 4
      if tokens.at(env + 1, ".") || tokens.at(env + 1, "?."), tokens.kind(env + 2) == .identifier {
        return .variable(tokens[env + 2])
      }
      if tokens.at(env + 1, "["), let name = tokens.content(env + 2) { return .variable(name) }
    }
    // `os.getenv("Y")`, `ENV["Y"]`, `Deno.env.get("Y")`.
    for open in index..<min(tokens.count, index + 7) {
      if tokens.at(open, "(") || tokens.at(open, "[") {
        let (text, start) = callee(open - 1)
        let key = text + (tokens.at(open, "(") ? "(" : "[")
        if start == index, Self.readers[key] != nil, let name = tokens.content(open + 1) { return .variable(name) }
        break
      }
    }
    if tokens.kind(index) == .identifier, let text = constants[tokens[index]], !tokens.at(index + 1, "(") {
      return .literal(text)
    }
    return .expression
  }

  /// Whether the words before it ask where the program runs.
  private func isGuarded(_ start: Int) -> Bool {
    var position = start - 1
    while position >= 0, start - position < 24 {
      if tokens.at(position, ";") || tokens.at(position, "}") { break }
      if tokens.kind(position) == .identifier {
        let word = tokens[position].lowercased()
        if word == "node_env" || word.contains("isprod") || word.contains("is_prod") || word.contains("isdev")
          || word.contains("istest") || word.contains("is_dev") || word == "local" || word.contains("islocal")
          || word.contains("is_local") || word.contains("development")
        {
          return true
        }
      }
      position -= 1
    }
    return isBelowDevelopers(start)
  }

  /// Whether a block around it is entered for tests or developers only: `if (process.env.NODE_ENV === "test") {`; or where
  /// something has failed already, `catch (error) {`: what stands there only lets the program say so.
  private func isBelowDevelopers(_ start: Int) -> Bool {
    var depth = 0
    var position = start - 1
    while position > 0, start - position < 600 {
      defer { position -= 1 }
      if tokens.at(position, "}") { depth += 1 }
      guard tokens.at(position, "{") else { continue }
      if depth > 0 {
        depth -= 1
        continue
      }
      if tokens.at(position - 1, "catch") { return true }
      guard tokens.at(position - 1, ")") else { continue }
      var open = position - 2
      while open > 0, position - open < 40, !tokens.at(open, "if") {
        if tokens.at(open, "catch"), tokens.behind(open + 1) == position { return true }
        open -= 1
      }
      guard tokens.at(open, "if"), !tokens.at(open + 2, "!") else { continue }
      let question = (open..<position).map { tokens.content($0) ?? tokens[$0] }.map { $0.lowercased() }
      let asksForStage = question.contains { ["node_env", "app_env", "environment", "mode", "env"].contains($0) }
      let isNegated = question.contains { ["!", "!=", "!=="].contains($0) }
      if asksForStage, !isNegated, question.contains(where: { ["test", "development", "dev", "local"].contains($0) }) {
        return true
      }
    }
    return false
  }

  /// Where `if __name__ == "__main__":` begins: what follows is run by hand.
  private lazy var mainOffset: Int = {
    guard file.language == .python else { return Int.max }
    for index in tokens.tokens.indices where tokens.at(index, "__name__") && tokens.at(index - 1, "if") {
      if tokens.place(index - 1).column == 1 { return tokens.tokens[index].start }
    }
    return Int.max
  }()

  private mutating func make(
    _ name: String, _ index: Int, _ how: String, _ need: EnvironmentRead.Need, _ fallback: EnvironmentRead.Fallback,
    _ guarded: Bool
  ) -> EnvironmentRead {
    EnvironmentRead(
      name: name, place: TreePlace(file.path, tokens.place(index)),
      purpose: purpose == .application && tokens.tokens[index].start > mainOffset ? .script : purpose,
      language: file.language, how: how,
      need: need, fallback: fallback, isGuarded: guarded)
  }

  private mutating func put(
    _ name: String, _ index: Int, _ how: String, _ need: EnvironmentRead.Need, _ fallback: EnvironmentRead.Fallback,
    _ guarded: Bool
  ) {
    reads.append(make(name, index, how, need, fallback, guarded))
  }
}
