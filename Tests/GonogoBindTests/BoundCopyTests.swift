import GonogoBind
import GonogoCore
import GonogoDocument
import GonogoSystem
import GonogoTestSupport
import Testing

/// The bound copy: the user's bytes, and what was put in.
@Suite struct BoundCopyTests {
  private func copy(_ text: String, targets: [String: String] = [:]) -> BoundCopy? {
    var options = Binder.Options()
    options.targets = targets
    let raw = Array(text.utf8)
    let binder = Binder(raw, options: options)
    let decisions = binder.lines.compactMap { item in
      item.proposal.map { Decision(line: item.line.number, blocks: $0.blocks) }
    }
    return BoundCopy(raw, binder: binder, decisions: decisions)
  }

  /// The copy without what was put in must be the file.
  private func withoutBlocks(_ bytes: [UInt8]) -> String {
    var kept: [Substring] = []
    var inBlock = false
    var head = 0
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
      if head < 2, line == "---" {
        head += 1
        continue
      }
      if head == 1 { continue }
      if line.hasPrefix("## Lines above that cannot") {
        if kept.last == "" { kept.removeLast() }
        kept.append("")
        break
      }
      if line.contains("```yaml gonogo") {
        inBlock = true
      } else if inBlock, line.contains("```") {
        inBlock = false
      } else if !inBlock {
        kept.append(line)
      }
    }
    return kept.joined(separator: "\n")
  }

  @Test(arguments: [
    "# A\n\n- [x] Rate limiting active\n  - [ ] All migrations applied\n\n1. `npm test`\n\ntail\n",
    "- [ ] All migrations applied\n",
    "| x | y |\n|---|---|\n| `REDIS_URL` | Redis |\n\n- [ ] Rate limiting active\n\ttabbed\n",
  ])
  func `every byte of the text is kept`(text: String) throws {
    let bound = try #require(copy(text))
    #expect(withoutBlocks(bound.bytes) == text)
    #expect(bound.left.isEmpty)
  }

  @Test func `a file without a last line end, with CRLF or a mark is kept`() throws {
    let plain = try #require(copy("- [ ] Rate limiting active"))
    #expect(String(decoding: plain.bytes, as: UTF8.self).contains("- [ ] Rate limiting active\n  ```yaml gonogo\n"))
    let windows = try #require(copy("\u{FEFF}# T\r\n- [ ] Rate limiting active\r\n"))
    #expect(windows.bytes.starts(with: [0xEF, 0xBB, 0xBF] + Array("---\r\ngonogo: 1\r\n".utf8)))
    #expect(windows.bytes.count { $0 == 0x0A } == windows.bytes.count { $0 == 0x0D })
  }

  @Test func `broken text keeps its broken bytes`() throws {
    let text = "- [x] Rate limiting active âœ…\n"
    let bound = try #require(copy(text))
    #expect(withoutBlocks(bound.bytes) == text)
  }

  @Test func `front matter of its own gets the targets it lacks, and no other change`() throws {
    let text =
      "---\ngonogo: 1\nvars: \n  region: eu\n---\n- [ ] **A-1** Rate limiting active\n- [ ] All migrations applied\n"
    let bound = try #require(copy(text))
    let result = String(decoding: bound.bytes, as: UTF8.self)
    #expect(result.hasPrefix("---\ngonogo: 1\nvars: \n  database: \"${DATABASE_URL}\""))
    #expect(result.contains("  limited: ") && result.contains("  region: eu\n---\n- [ ] **A-1**"))
  }

  @Test func `a mark before front matter of its own is kept once`() throws {
    let bound = try #require(copy("\u{FEFF}---\r\ngonogo: 1\r\n---\r\n- [ ] Rate limiting active\r\n"))
    #expect(bound.bytes.starts(with: [0xEF, 0xBB, 0xBF] + Array("---\r\ngonogo: 1\r\nvars:\r\n  limited: ".utf8)))
    #expect(bound.left.isEmpty)
  }

  @Test func `somebody else's front matter has no copy`() {
    #expect(copy("---\nlayout: page\n---\n- [ ] Rate limiting active\n") == nil)
  }

  @Test func `what cannot hold a block goes to the end, with its tick`() throws {
    let bound = try #require(
      copy("```bash\n[x] All tests passing\n```\n| ok | name |\n|---|---|\n| [x] | `REDIS_URL` |\n"))
    #expect(bound.appended == [2, 6])
    let sink = DiagnosticSink()
    let controls = ChecklistParser().parse(bound.bytes, name: "c.md", sink: sink).controls
    #expect(!sink.hasErrors)
    #expect(controls.filter { !$0.bindings.isEmpty }.count == 2)
    #expect(controls.allSatisfy { $0.tick?.checked == true })
  }

  @Test func `bullets and steps become controls by their block alone`() throws {
    let bound = try #require(copy("1. Bot token from @BotFather\n- `REDIS_URL` - Redis\n"))
    let controls = ChecklistParser().parse(bound.bytes, name: "c.md", sink: DiagnosticSink()).controls
    #expect(controls.count == 2 && controls.allSatisfy { $0.tick == nil && $0.bindings.count == 1 })
  }

  @Test func `a copy that is bound again gets nothing a second time`() throws {
    let first = try #require(
      copy(
        "**Rate limiting active** \n\n✅ Rate limiting active\n\n| x | y |\n|---|---|\n| `REDIS_URL` | Redis |\n\n```sql\nCREATE INDEX i ON t (a);\n```\n"
      ))
    #expect(!first.appended.isEmpty)
    let text = String(decoding: first.bytes, as: UTF8.self)
    #expect(Binder(first.bytes, options: Binder.Options()).lines.allSatisfy { $0.proposal == nil }, "\(text)")
    // A new line that cannot hold a block joins those that are there.
    let more = try #require(
      copy(text.replacing("| `REDIS_URL` | Redis |", with: "| `REDIS_URL` | Redis |\n| `AMQP_URL` | queue |")))
    let second = String(decoding: more.bytes, as: UTF8.self)
    #expect(more.appended.count == 1 && second.components(of: "## Lines above that cannot") == 1, "\(second)")
  }

  @Test func `a part that nobody looks at is said in the copy`() throws {
    let binder = Binder(
      Array("- [ ] `GET /readyz` returns 200 and checks the database\n".utf8), options: Binder.Options())
    let proposal = try #require(binder.lines.first?.proposal)
    #expect(proposal.annotated[0].hasPrefix("# not looked at: “checks the database”\nhttp:"))
    let decision = Decision(line: 1, blocks: proposal.annotated)
    let bound = try #require(
      BoundCopy(
        Array("- [ ] `GET /readyz` returns 200 and checks the database\n".utf8), binder: binder, decisions: [decision]))
    #expect(bound.left.isEmpty)
    #expect(String(decoding: bound.bytes, as: UTF8.self).contains("  # not looked at: “checks the database”\n  http:"))
  }

  @Test func `a target that was named stands in the head, and nothing else is invented`() throws {
    let bound = try #require(copy("- `GET /health` returns 200\n", targets: ["app": "https://api.example.org"]))
    let text = String(decoding: bound.bytes, as: UTF8.self)
    #expect(text.contains("app: \"https://api.example.org\""))
    let open = try #require(copy("- `GET /health` returns 200\n"))
    #expect(String(decoding: open.bytes, as: UTF8.self).contains("app: \"${APP_URL}\""))
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
