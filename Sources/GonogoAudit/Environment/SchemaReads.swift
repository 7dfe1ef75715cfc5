import GonogoCore

/// Variables that a schema reads: zod, envalid and t3-env in JavaScript, tags of a struct in Go.
enum SchemaReads {
  private static let validators: Set<String> = [
    "str", "num", "bool", "url", "email", "port", "host", "json", "Joi", "joi", "z", "yup", "v", "t", "Type",
    "makeValidator",
    "zod", "testOnly", "devDefault", "envsafe",
  ]

  /// `NAME: z.string().min(1)` in a file that has to do with the environment.
  static func javaScript(_ tokens: CodeTokens, _ file: TreeFile) -> [EnvironmentRead] {
    let name = file.name.lowercased()
    let isSettings = name.contains("env") || name.contains("config") || name.contains("settings")
    var asks = isSettings
    for index in tokens.tokens.indices where !asks && tokens.kind(index) == .identifier {
      asks =
        tokens.at(index, "createEnv") || tokens.at(index, "cleanEnv")
        || tokens.at(index, "process") && tokens.at(index + 2, "env") && !tokens.at(index + 3, ".")
    }
    guard asks else { return [] }
    let purpose = SourcePurpose.of(path: file.path)
    var reads: [EnvironmentRead] = []
    for index in tokens.tokens.indices {
      guard tokens.kind(index) == .identifier, tokens.at(index + 1, ":"),
        tokens.at(index - 1, "{") || tokens.at(index - 1, ","), tokens.kind(index + 2) == .identifier
      else { continue }
      let name = tokens[index]
      guard EnvironmentNames.isConventional(name) else { continue }
      var end = index + 2
      var validates = false
      var need = EnvironmentRead.Need.required
      var fallback = EnvironmentRead.Fallback.none
      var guarded = false
      let first = tokens[index + 2]
      let isZod = first.first == "z" && first.dropFirst().first?.isUppercase == true
      // A schema of its own elsewhere: whether it lets nothing pass is not told here.
      if isZod { need = .optional }
      if isZod || validators.contains(first) && (tokens.at(index + 3, ".") || tokens.at(index + 3, "(")) {
        validates = true
      }
      while end < tokens.count, !tokens.at(end, ","), !tokens.at(end, "}") {
        if tokens.at(end, "z"), tokens.at(end + 1, ".") { validates = true }
        if tokens.at(end, "optional") || tokens.at(end, "nullish") || tokens.at(end, "nullable") { need = .optional }
        if tokens.at(end, "NODE_ENV") { guarded = true }
        // `z.preprocess(guess, z.string().optional())`: the schema within has the word.
        if tokens.at(end, "preprocess"), tokens.at(end + 1, "(") {
          let close = tokens.behind(end + 1)
          for position in end..<close where tokens.at(position, "optional") || tokens.at(position, "nullish") {
            need = .optional
          }
        }
        // `prefault` and `catch` are zod's defaults before and after the parsing.
        let isDefault = tokens.at(end, "default") || tokens.at(end, "prefault") || tokens.at(end, "catch")
        if isDefault, tokens.at(end + 1, "(") || tokens.at(end + 1, ":") {
          need = .optional
          fallback = literal(tokens, end + 2)
        }
        if tokens.at(end, "("), tokens.at(end + 1, "{") {
          // The options of envalid: `str({ default: "x" })`.
          let close = tokens.behind(end)
          for position in end..<close where tokens.at(position, "default") && tokens.at(position + 1, ":") {
            need = .optional
            fallback = literal(tokens, position + 2)
          }
        }
        end = tokens.at(end, "(") || tokens.at(end, "[") || tokens.at(end, "{") ? tokens.behind(end) : end + 1
      }
      guard validates else { continue }
      reads.append(
        EnvironmentRead(
          name: name, place: TreePlace(file.path, tokens.place(index)), purpose: purpose, language: file.language,
          how: "schema", need: need, fallback: fallback, isGuarded: guarded))
    }
    return reads
  }

  private static func literal(_ tokens: CodeTokens, _ index: Int) -> EnvironmentRead.Fallback {
    if let text = tokens.content(index) { return .literal(text) }
    if tokens.kind(index) == .number || tokens.at(index, "true") || tokens.at(index, "false") {
      return .literal(tokens[index])
    }
    return .expression
  }

  /// `envconfig:"NAME"` and `env:"NAME,required"` in the tags of a struct.
  static func go(_ tokens: CodeTokens, _ file: TreeFile) -> [EnvironmentRead] {
    var reads: [EnvironmentRead] = []
    let purpose = SourcePurpose.of(path: file.path)
    for index in tokens.tokens.indices where tokens.kind(index) == .string {
      guard tokens.text.bytes[tokens.tokens[index].start] == 0x60, let tag = tokens.content(index) else { continue }
      guard let text = value(of: "envconfig", in: tag) ?? value(of: "env", in: tag) else { continue }
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard let name = parts.first, EnvironmentNames.isConventional(name) else { continue }
      let standard = value(of: "envDefault", in: tag) ?? value(of: "default", in: tag)
      let isRequired =
        parts.dropFirst().contains { $0 == "required" || $0 == "notEmpty" } || value(of: "required", in: tag) == "true"
      reads.append(
        EnvironmentRead(
          name: name, place: TreePlace(file.path, tokens.place(index)), purpose: purpose, language: .go, how: "tag",
          need: isRequired ? .required : standard == nil ? .unchecked : .optional,
          fallback: standard.map { .literal($0) } ?? .none, isGuarded: false))
    }
    return reads
  }

  private static func value(of key: String, in tag: String) -> String? {
    for part in tag.split(separator: " ") where part.hasPrefix(key + ":\"") {
      return String(part.dropFirst(key.utf8.count + 2).prefix { $0 != "\"" })
    }
    return nil
  }
}

/// The settings of pydantic (https://docs.pydantic.dev/latest/concepts/pydantic_settings/): a class of fields, each a
/// variable.
struct SettingsClass: Sendable {
  struct Field: Sendable {
    let name: String
    /// Instead of the prefix and the name.
    let aliases: [String]
    let position: SourcePosition
    let need: EnvironmentRead.Need
    let fallback: EnvironmentRead.Fallback
  }

  let name: String
  let bases: [String]
  let file: TreeFile
  var prefix: String?
  var fields: [Field] = []

  static func read(_ tokens: CodeTokens, _ file: TreeFile) -> [SettingsClass] {
    var result: [SettingsClass] = []
    let columns = Columns(tokens)
    for index in tokens.tokens.indices where tokens.at(index, "class") && columns.isFirst(index) {
      guard tokens.at(index + 2, "(") || tokens.at(index + 2, ":"), tokens.kind(index + 1) == .identifier else {
        continue
      }
      let open = index + 2
      let close = tokens.at(open, "(") ? tokens.behind(open) : open
      let bases = (open..<close).filter { tokens.kind($0) == .identifier && !tokens.at($0 + 1, "=") }.map { tokens[$0] }
      var settings = SettingsClass(name: tokens[index + 1], bases: bases, file: file)
      settings.body(tokens, columns, from: close + 1, outer: columns.column(index))
      result.append(settings)
    }
    return result
  }

  private mutating func body(_ tokens: CodeTokens, _ columns: Columns, from start: Int, outer: Int) {
    guard start < tokens.count else { return }
    let inner = columns.column(start)
    var index = start
    while index < tokens.count {
      if columns.isFirst(index), columns.column(index) <= outer { return }
      if tokens.at(index, "env_prefix"), tokens.at(index + 1, "=") || tokens.at(index + 1, ":") {
        prefix = tokens.content(index + 2)
      }
      guard columns.isFirst(index), columns.column(index) == inner, tokens.kind(index) == .identifier,
        tokens.at(index + 1, ":")
      else {
        index =
          tokens.at(index, "(") || tokens.at(index, "[") || tokens.at(index, "{")
          ? max(index + 1, skip(tokens, index)) : index + 1
        continue
      }
      let at = index
      index += 2
      while index < tokens.count, !columns.isFirst(index), !tokens.at(index, "=") {
        index = tokens.at(index, "[") || tokens.at(index, "(") ? tokens.behind(index) : index + 1
      }
      let name = tokens[at]
      if name.hasPrefix("_") || name == "model_config" { continue }
      let isClassVariable = tokens.at(at + 2, "ClassVar")
      guard !isClassVariable else { continue }
      if index < tokens.count, !columns.isFirst(index), tokens.at(index, "=") {
        fields.append(field(name, tokens, columns, at: at, value: index + 1))
      } else {
        fields.append(.init(name: name, aliases: [], position: tokens.place(at), need: .required, fallback: .none))
      }
    }
  }

  /// `env_prefix` within the brackets is still seen.
  private mutating func skip(_ tokens: CodeTokens, _ index: Int) -> Int {
    let end = tokens.behind(index)
    for position in index..<end where tokens.at(position, "env_prefix") {
      prefix = tokens.content(position + 2) ?? prefix
    }
    return end
  }

  private func field(_ name: String, _ tokens: CodeTokens, _ columns: Columns, at: Int, value: Int) -> Field {
    func made(_ need: EnvironmentRead.Need, _ fallback: EnvironmentRead.Fallback, _ aliases: [String] = []) -> Field {
      Field(name: name, aliases: aliases, position: tokens.place(at), need: need, fallback: fallback)
    }
    func literal(_ index: Int) -> EnvironmentRead.Fallback {
      if let text = tokens.content(index) { return .literal(text) }
      if tokens.kind(index) == .number || tokens.at(index, "True") || tokens.at(index, "False") {
        return .literal(tokens[index])
      }
      return tokens.at(index, "None") ? .none : .expression
    }
    guard tokens.at(value, "Field"), tokens.at(value + 1, "(") else { return made(.optional, literal(value)) }
    let end = tokens.behind(value + 1)
    var need = EnvironmentRead.Need.required
    var fallback = EnvironmentRead.Fallback.none
    var aliases: [String] = []
    let first = value + 2
    if !tokens.at(first, "."), !tokens.at(first + 1, "="), first < end - 1 {
      need = .optional
      fallback = literal(first)
    }
    for index in first..<end {
      if tokens.at(index, "default"), tokens.at(index + 1, "="), !tokens.at(index + 2, ".") {
        need = .optional
        fallback = literal(index + 2)
      }
      if tokens.at(index, "default_factory") { need = .optional }
      if tokens.at(index, "alias") || tokens.at(index, "validation_alias") || tokens.at(index, "env"),
        tokens.at(index + 1, "=")
      {
        if let text = tokens.content(index + 2) {
          aliases.append(text)
        } else if tokens.at(index + 2, "AliasChoices") {
          let close = tokens.behind(index + 3)
          aliases += (index..<close).compactMap { tokens.content($0) }
        }
      }
    }
    return made(need, fallback, aliases)
  }

  /// Columns of tokens, and which of them begin a line.
  private struct Columns {
    let places: [SourcePosition]
    init(_ tokens: CodeTokens) { places = tokens.tokens.indices.map { tokens.place($0) } }
    func column(_ index: Int) -> Int { places.indices.contains(index) ? places[index].column : 0 }
    func isFirst(_ index: Int) -> Bool {
      index == 0 || places.indices.contains(index) && places[index].line != places[index - 1].line
    }
  }

  /// The reads of the classes that are settings: those that have `BaseSettings` among their bases or the bases of these.
  static func reads(of classes: [SettingsClass]) -> [EnvironmentRead] {
    let byName = Dictionary(classes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    func isSettings(_ one: SettingsClass, _ depth: Int) -> Bool {
      one.bases.contains { base in
        base == "BaseSettings" || depth < 6 && (byName[base].map { isSettings($0, depth + 1) } ?? false)
      }
    }
    var reads: [EnvironmentRead] = []
    func tell(_ one: SettingsClass, _ prefix: String, _ depth: Int) {
      for field in one.fields {
        for name in field.aliases.isEmpty ? [prefix + field.name] : field.aliases {
          reads.append(
            EnvironmentRead(
              name: name.uppercased(), place: TreePlace(one.file.path, field.position),
              purpose: .of(path: one.file.path), language: .python, how: "pydantic", need: field.need,
              fallback: field.fallback, isGuarded: false))
        }
      }
      if depth < 4 {
        for base in one.bases where base != "BaseSettings" {
          if let other = byName[base], !isSettings(other, 0) { tell(other, prefix, depth + 1) }
        }
      }
    }
    for one in classes where isSettings(one, 0) { tell(one, one.prefix ?? "", 0) }
    return reads
  }
}
