import GonogoBind
import GonogoCore
import GonogoTestSupport
import Testing

/// Every recogniser by its own samples.
@Suite struct RecogniserTests {
  private static func read(_ markdown: String) -> (line: ChecklistLine, context: BindContext)? {
    let reader = LineReader(Array(markdown.utf8))
    let lines = reader.lines()
    return lines.last.map { ($0, BindContext(lines: lines, text: reader.text)) }
  }

  @Test func `names are their own, and every recogniser has samples, look-alikes and a manual`() {
    #expect(Set(Recognisers.all.map(\.name)).count == Recognisers.all.count)
    for recogniser in Recognisers.all {
      #expect(!recogniser.samples.isEmpty && recogniser.lookalikes.count >= 2, "\(recogniser.name)")
      #expect(recogniser.manual.count > 80, "\(recogniser.name)")
    }
  }

  @Test(arguments: Recognisers.all.map(\.name))
  func `a sample gives its YAML, and a look-alike none`(name: String) throws {
    let recogniser = try #require(Recognisers.all.first { $0.name == name })
    for sample in recogniser.samples {
      let (line, context) = try #require(Self.read(sample.markdown), "\(sample.markdown)")
      let draft = recogniser.recognise(line, context)
      #expect(draft?.blocks == sample.blocks, "\(sample.markdown)")
      #expect(draft?.reason.isEmpty == false)
    }
    for markdown in recogniser.lookalikes {
      guard let (line, context) = Self.read(markdown), !line.isHistory else { continue }
      #expect(recogniser.recognise(line, context) == nil, "\(markdown)")
    }
  }

  @Test(arguments: Recognisers.all.map(\.name))
  func `what a sample gives parses and plans`(name: String) throws {
    let recogniser = try #require(Recognisers.all.first { $0.name == name })
    for sample in recogniser.samples {
      let binder = Binder(Array(sample.markdown.utf8), options: Binder.Options())
      #expect(binder.dropped.filter { $0.recogniser == name }.map(\.message) == [], "\(sample.markdown)")
    }
  }
}
