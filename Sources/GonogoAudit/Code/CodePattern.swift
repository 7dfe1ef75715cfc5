public import GonogoCore

/// A rule of the audit that looks at code through ast-grep.
///
/// Its patterns run in one pass with those of all other rules; it gets what they matched from ``AuditContext/matches(_:of:)``.
public protocol CodeRule: AuditRule {
  static var patterns: [CodePattern] { get }
}

/// Languages that share a pattern: those whose syntax trees have the same node kinds.
public enum CodeSyntax: String, Sendable, CaseIterable {
  /// JavaScript and TypeScript, with and without JSX.
  case ecmascript
  case python
  case go
  case ruby
  case swift

  /// ast-grep's names. JavaScript is parsed as TSX, which takes it in whole, so that one kind of tree stands for all.
  var languages: [String] {
    switch self {
    case .ecmascript: ["TypeScript", "Tsx"]
    case .python: ["Python"]
    case .go: ["Go"]
    case .ruby: ["Ruby"]
    case .swift: ["Swift"]
    }
  }

  /// The syntax of a file; `nil` where no pattern is written for its language.
  init?(_ language: Language?) {
    switch language {
    case .javascript, .typescript: self = .ecmascript
    case .python: self = .python
    case .go: self = .go
    case .ruby: self = .ruby
    case .swift: self = .swift
    default: return nil
    }
  }
}

/// One ast-grep rule (https://ast-grep.github.io/reference/rule.html).
public struct CodePattern: Sendable {
  /// Distinct within its rule.
  public let name: String
  public let syntax: CodeSyntax
  /// The YAML of the rule from `rule:` on: `rule`, and `constraints` and `utils` where it needs them.
  public let yaml: String

  public init(_ name: String, _ syntax: CodeSyntax, _ yaml: String) {
    self.name = name
    self.syntax = syntax
    self.yaml = yaml
  }
}

/// A piece of code that a pattern matched.
public struct CodeMatch: Sendable {
  public let file: TreeFile
  /// Bytes of the file.
  public let range: Range<Int>
  /// Bytes, from the first of the line.
  public let place: TreePlace
  /// Without its comments.
  public let text: String
  /// What `$NAME` stands for here.
  public let captures: [String: String]

  public subscript(name: String) -> String { captures[name] ?? "" }
}

extension CodePattern {
  /// What stands in the branch of JavaScript that only a development's server takes: `if (isDev) { … }`, not its `else`. A condition that holds elsewhere, too
  /// (`isDev || asked`, `!isDev`), is none.
  static let forDevelopers =
    #"{ stopBy: end, kind: if_statement, field: consequence, has: { field: condition, regex: '^\(([\w.]*\.)?(__DEV__|(?i:is_?dev(elopment)?(_?mode)?))(\(\))?(\s*&&[^|]*)?\)$|^\(([^|!]*&&\s*)?[\w.]*NODE_ENV\s*(={2,3}\s*[''"]development|!==?\s*[''"]production)[''"](\s*&&[^|]*)?\)$' } }"#

  /// Where a webhook's signature is made, in JavaScript (`hmac`) and Python (`python`).
  static let hmacs = [
    CodePattern(
      "hmac", .ecmascript,
      """
      rule:
        any:
          - pattern: createHmac($$$)
          - pattern: crypto.createHmac($$$)
      """),
    CodePattern("python", .python, "rule: { pattern: hmac.new($$$) }"),
  ]
}
