public import GonogoCore

/// A file of tests and how many cases it has.
public struct TestFile: Sendable {
  public let file: TreeFile
  public let language: Language
  /// Written cases: one that is run for many inputs counts once.
  public let cases: Int
}

/// The tests, by the names of files and the lines that begin a case.
public enum TestFiles: Collector {
  // `test.beforeEach(` and `test.describe(` are no cases.
  private static let cases: [Language: String] = [
    .typescript:
      #"^\s*(it|test)(\.(only|skip|each|concurrent|sequential|failing|fails|fixme|slow|todo|if|runIf|skipIf|todoIf))*\s*(\(|<|`)"#,
    .javascript:
      #"^\s*(it|test)(\.(only|skip|each|concurrent|sequential|failing|fails|fixme|slow|todo|if|runIf|skipIf|todoIf))*\s*(\(|`)"#,
    .python: #"^\s*(async\s+)?def\s+test\w*\s*\("#, .go: #"^func\s+(\(\w+\s+\*?\w+\)\s+)?(Test|Fuzz|Example)\w*\s*\("#,
    .swift: #"^\s*(@Test\b|func\s+test\w*\s*\()"#,
    .ruby: #"^\s*((it|test|specify|scenario)\s*\(?\s*["']|it\s*\{|def\s+test_\w)"#,
    .rust: #"^\s*#\[((\w+::)*test(\(.*\))?|rstest)\]"#, .java: #"^\s*@(Test|ParameterizedTest|RepeatedTest)\b"#,
    .kotlin: #"^\s*@Test\b"#,
    .csharp: #"^\s*\[(Fact|Theory|Test|TestMethod|TestCase)\b"#,
    // PHPUnit knows a test by its name, by an annotation or by an attribute.
    .php: #"^\s*(((final|public)\s+)*function\s+test\w*|it\(|test\(|#\[Test\b|/?\*+\s*@test\b)"#,
    .elixir: #"^\s*(test|property|feature)\s+""#, .dart: #"^\s*(test|testWidgets)\("#,
    .sql: #"^\s*select\s+(\*\s+from\s+)?(ok|is|throws_ok|has_table|results_eq|lives_ok)\("#,
  ]

  public static func collect(in context: AuditContext) -> [TestFile] {
    var result: [TestFile] = []
    for (language, source) in cases.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      for file in context.tree.files(in: language) where isTest(file, language) {
        guard let text = context.tree.text(file),
          let matches = try? context.pattern(source, ignoringCase: language == .sql).lineMatches(
            in: text.bytes, limit: 0),
          matches.count > 0
        else { continue }
        result.append(TestFile(file: file, language: language, cases: matches.count))
      }
    }
    return result
  }

  /// By the names that the languages' test runners look for.
  private static func isTest(_ file: TreeFile, _ language: Language) -> Bool {
    let name = file.name.lowercased()
    let folders = Set(file.directory.lowercased().split(separator: "/").map(String.init))
    let inTests = !folders.isDisjoint(with: [
      "test", "tests", "spec", "specs", "__tests__", "e2e", "cypress", "testing",
    ])
    switch language {
    case .typescript, .javascript:
      return name.contains(".test.") || name.contains(".spec.") || name.contains(".cy.")
        || folders.contains("__tests__") || inTests
    case .python: return name.hasPrefix("test") || name.hasSuffix("_test.py") || inTests
    case .go: return name.hasSuffix("_test.go")
    case .ruby: return name.hasSuffix("_test.rb") || name.hasSuffix("_spec.rb")
    case .rust: return true
    case .elixir: return name.hasSuffix("_test.exs")
    case .dart: return name.hasSuffix("_test.dart")
    case .swift, .java, .kotlin, .csharp, .php:
      return inTests || name.contains("test") || folders.contains { $0.hasSuffix("tests") }
    default: return inTests
    }
  }
}

/// Test files and cases by language.
public enum TestsInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let files = context.facts(TestFiles.self)
    if files.isEmpty { return nil }
    var languages: [Language: (files: Int, cases: Int)] = [:]
    for file in files {
      let known = languages[file.language] ?? (0, 0)
      languages[file.language] = (known.files + 1, known.cases + file.cases)
    }
    let ranked = languages.sorted { ($0.value.cases, $1.key.rawValue) > ($1.value.cases, $0.key.rawValue) }
    let total = files.reduce(0) { $0 + $1.cases }
    return InventoryEntry(
      "tests", count: files.count,
      summary: "\(total) cases: "
        + ranked.map { "\($0.key.rawValue) \($0.value.cases) in \($0.value.files) files" }.joined(separator: ", "),
      json: [
        "files": JSON(files.count), "cases": JSON(total),
        "languages": .array(
          ranked.map {
            ["language": .string($0.key.rawValue), "files": JSON($0.value.files), "cases": JSON($0.value.cases)]
          }),
      ])
  }
}
