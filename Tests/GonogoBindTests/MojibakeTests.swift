import GonogoBind
import GonogoSystem
import GonogoTestSupport
import Testing

/// Files that went through a wrong encoding.
@Suite struct MojibakeTests {
  private func first(_ bytes: [UInt8]) -> String { LineReader(bytes).lines().first?.text ?? "" }

  @Test(arguments: [
    ("- [x] готово âœ… done", "готово"), ("- [x] –ö—Ä–∞—Ç–∫–æ–µ —Ä–µ–∑—é–º–µ", "Краткое резюме"),
    ("- [x] РњРёРіСЂР°С†РёРё РїСЂРёРјРµРЅРµРЅС‹", "Миграции применены"),
  ])
  func `UTF-8 that was read as something else is read as it was meant`(broken: String, meant: String) {
    #expect(first(Array(broken.utf8)).contains(meant), "\(first(Array(broken.utf8)))")
  }

  @Test(arguments: ["- [x] Überprüft: café → naïve", "- [x] Миграции применены ✅", "- [x] plain", "- [x] 日本語の行"])
  func `text that is right stays as it is`(text: String) {
    #expect(LineReader(Array(text.utf8)).text == text)
    #expect(!LineReader(Array(text.utf8)).mended)
  }

  @Test func `bytes that are no UTF-8 are read as Windows-1251 or 1252`() {
    let cyrillic: [UInt8] = Array("- [x] ".utf8) + [0xCC, 0xE8, 0xE3, 0xF0, 0xE0, 0xF6, 0xE8, 0xE8]
    #expect(first(cyrillic) == "Миграции")
    #expect(first(Array("- [x] caf".utf8) + [0xE9] + Array(" open".utf8)) == "café open")
  }

  @Test func `UTF-16 is read`() {
    let units = Array("- [ ] Rate limiting active\n".utf16)
    #expect(first([0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == "Rate limiting active")
  }

  @Test func `lines stay where they are`() {
    let text = "# A\n\n- [x] one âœ…\n\n- [x] two âœ…\n"
    #expect(LineReader(Array(text.utf8)).lines().map(\.number) == [3, 5])
  }
}
