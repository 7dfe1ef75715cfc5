import GonogoBind
import GonogoSystem
import GonogoTestSupport
import Testing

/// Where the public checklists are, beside this checkout or above it.
private enum PublicChecklists {
  static let directory: String? = {
    var parent = GonogoBinary.packageRoot
    while parent != "/" {
      parent = FileSystem.directory(of: parent)
      if FileSystem.exists("\(parent)/shared/checklists") { return "\(parent)/shared/checklists" }
    }
    return nil
  }()
}

/// The public checklists whose lines were labelled by hand. Their texts are not in this repository; where they are not on this
/// machine, these tests are skipped and counted.
@Suite(
  .enabled(if: PublicChecklists.directory != nil, "shared/checklists is not beside this checkout or above it"))
struct LabelledChecklistsTests {
  private static let names = ["agent-platform", "oberaconnect", "owner-cabinet", "pyramid-payments", "valdrix"]

  private static func labels(_ name: String) throws -> [(line: Int, judged: String, digest: String)] {
    let bytes = try FileSystem.read("\(GonogoBinary.packageRoot)/Benchmarks/bind/labels/\(name).tsv")
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let cells = line.split(separator: "\t").map(String.init)
      return (Int(cells[0]) ?? 0, cells[1], cells[2])
    }
  }

  private static func binder(_ path: String) throws -> Binder {
    Binder(try FileSystem.read("\(PublicChecklists.directory ?? "")/\(path)"), options: Binder.Options())
  }

  @Test func `of the lines that a machine can decide 9 in 10 are bound, and 85 in 100 of these need no change`() throws
  {
    var decidable = 0
    var planned = 0
    var right = 0
    for name in Self.names {
      let bound = Dictionary(
        try Self.binder("\(name).md").lines.compactMap { item in item.proposal.map { (item.line.number, $0.blocks) } },
        uniquingKeysWith: { first, _ in first })
      for (line, judged, digest) in try Self.labels(name) {
        decidable += 1
        guard let blocks = bound[line] else { continue }
        planned += 1
        let found = Digest.hex(Digest.sha256(Array(blocks.joined(separator: "\n---\n").utf8)))
        if judged == "right", found.hasPrefix(digest) { right += 1 }
      }
    }
    #expect(decidable > 300)
    #expect(planned * 100 >= decidable * 90, "\(planned) of \(decidable)")
    #expect(right * 100 >= planned * 85, "\(right) of \(planned)")
  }

  @Test func `nothing that the planner would refuse is drafted for them`() throws {
    for name in Self.names {
      #expect(
        try Self.binder("\(name).md").dropped.map { "\($0.line) \($0.recogniser): \($0.message)" } == [], "\(name)")
    }
  }

  @Test func `a broken encoding gives what the clean text gives, line by line`() throws {
    let raw = try FileSystem.list("\(PublicChecklists.directory ?? "")/raw")
    var mended = 0
    for file in raw {
      let broken = try Self.binder("raw/\(file)")
      guard broken.reader.mended else { continue }
      mended += 1
      let twins = try Self.names.map { try Self.binder("\($0).md") }.filter { clean in
        clean.lines.map(\.proposal) == broken.lines.map(\.proposal)
      }
      #expect(twins.count == 1, "\(file)")
    }
    #expect(mended == 2)
  }

  @Test func `a copy of each keeps every byte, and plans`() throws {
    for name in Self.names {
      let raw = try FileSystem.read("\(PublicChecklists.directory ?? "")/\(name).md")
      let binder = Binder(raw, options: Binder.Options())
      let decisions = binder.lines.compactMap { item in
        item.proposal.map { Decision(line: item.line.number, blocks: $0.blocks) }
      }
      let copy = try #require(BoundCopy(raw, binder: binder, decisions: decisions), "\(name)")
      #expect(copy.left.isEmpty, "\(name): \(copy.left)")
      // Every line of the text is in the copy, in its order.
      var rest = copy.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
      for line in raw.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
        guard let place = rest.firstIndex(of: line) else {
          Issue.record("\(name) lost a line: \(String(decoding: line, as: UTF8.self))")
          break
        }
        rest = rest[(place + 1)...]
      }
    }
  }
}
