import GonogoCore
import GonogoDocument
import Testing

/// A line that looks ticked to a reader and is read by nobody left `check` green without a word.
@Suite struct NearMissTests {
  static let told: [(text: String, code: String, line: Int, column: Int)] = [
    ("- [х] Cyrillic\n", "nearly-box", 1, 3), ("- [ ] a\n- [✓] tick\n", "nearly-box", 2, 3),
    ("- [v] letter\n", "nearly-box", 1, 3), ("* [-] dash\n", "nearly-box", 1, 3), ("1. [] empty\n", "nearly-box", 1, 4),
    ("- [x]**A-8** glued\n", "nearly-box", 1, 3), ("- [ ]a\n", "nearly-box", 1, 3),
    ("-[x] no blank\n", "nearly-box", 1, 1), ("- [ ] a\n-[x] no blank\n", "nearly-box", 2, 1),
    ("# T\n\n*[ ] no blank\n", "nearly-box", 3, 1),
    ("<!-- old\n- [x] a\n  ```yaml gonogo\n  files: f\n  ```\n-->\n", "hidden-line", 3, 11),
    ("<div>\n- [x] a\n  ```yaml gonogo\n  files: f\n  ```\n</div>\n", "hidden-line", 2, 3),
    ("<details><summary>more</summary>\n- [ ] a\n</details>\n", "hidden-line", 2, 3),
    ("text\n\n    - [x] a\n      ```yaml gonogo\n      files: f\n      ```\n", "hidden-line", 4, 15),
    ("<div>\n~~~gonogo\nfiles: f\n~~~\n</div>\n", "hidden-line", 2, 4),
  ]

  @Test(arguments: told.indices) func `is told with its place`(_ index: Int) {
    let row = Self.told[index]
    let diagnostics = ChecklistParserTests.parse(row.text).diagnostics.filter { $0.code.id == row.code }
    #expect(diagnostics.count == 1, "\(row.text.debugDescription)")
    #expect(diagnostics.first?.severity == .warning)
    #expect(diagnostics.first?.range?.start == SourcePosition(line: row.line, column: row.column))
    #expect(diagnostics.first?.mend != nil)
  }

  static let quiet = [
    "- [x](http://a) b\n", "- [a][x] b\n\n[x]: http://a\n", "- [1] a footnote\n", "- [A] an option\n", "- [x]\n- [ ]\n",
    "- [ ] a\n- [x] b\n", "- [link] text\n", "-[1]\n", "a - b [x] c\n", "<!--\n- [ ] a\n-->\n", "<p>no list</p>\n",
    "    code `a[0]`\n", "```markdown\n- [✓] a\n<div>\n- [x] b\n```\n", "<details>\n\n- [ ] a\n\n</details>\n",
    "- [*emphasis*] a\n",
  ]

  @Test(arguments: quiet) func `what only resembles it is not`(_ text: String) {
    let codes = ChecklistParserTests.parse(text).diagnostics.map(\.code.id)
    #expect(!codes.contains("nearly-box") && !codes.contains("hidden-line"), "\(text.debugDescription) \(codes)")
  }
}
