public import GonogoCore

/// A file's bytes made fit for a Markdown parser, every byte in its place.
struct DocumentText {
  /// The same length as the file: bytes that are not UTF-8, and NULs, are question marks; so no column moves.
  let bytes: [UInt8]
  /// How many bytes a byte-order mark takes at the head of line 1.
  let markLength: Int
  /// The file is UTF-16: it was decoded, and cannot be written back byte for byte.
  let transcoded: Bool

  init(_ raw: [UInt8], name: String, sink: DiagnosticSink) {
    if raw.starts(with: [0xFF, 0xFE]) || raw.starts(with: [0xFE, 0xFF]) {
      let little = raw[0] == 0xFF
      var units: [UInt16] = []
      var index = 2
      while index + 1 < raw.count {
        units.append(
          little ? UInt16(raw[index]) | UInt16(raw[index + 1]) << 8 : UInt16(raw[index]) << 8 | UInt16(raw[index + 1]))
        index += 2
      }
      bytes = String(decoding: units, as: UTF16.self).utf8.map { $0 == 0 ? UInt8(ascii: "?") : $0 }
      markLength = 0
      transcoded = true
      sink.report(
        .warning(
          .badEncoding, "the file is UTF-16; it is read as such, and `--write` cannot write it back", at: .beginning,
          mend: "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 \(name)`"))
      return
    }
    transcoded = false
    markLength = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var copy = raw
    var first: Int?
    var count = 0
    var index = 0
    while index < raw.count {
      if raw[index] < 0x80, raw[index] != 0 {
        index += 1
        continue
      }
      let length = Self.sequenceLength(raw, index)
      if length == 0 {
        copy[index] = UInt8(ascii: "?")
        first = first ?? index
        count += 1
        index += 1
      } else {
        index += length
      }
    }
    bytes = copy
    if let first {
      let file = SourceFile(name: name, bytes: raw)
      let place = file.position(of: first)
      let end = SourcePosition(line: place.line, column: place.column + 1)
      let byte = String(raw[first], radix: 16, uppercase: true)
      sink.report(
        .warning(
          .badEncoding,
          "the file is not UTF-8: byte 0x\(byte.count == 1 ? "0" : "")\(byte) at offset \(first)"
            + (count > 1 ? ", and \(count - 1) more" : ""), at: SourceRange(start: place, end: end),
          mend: "save it as UTF-8; the bytes are read as '?' and left as they are"))
    }
  }

  /// The length of a well-formed UTF-8 sequence at `index` (Unicode 15, table 3-7); 0 where there is none, or a NUL.
  static func sequenceLength(_ bytes: [UInt8], _ index: Int) -> Int {
    func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      index + offset < bytes.count && range.contains(bytes[index + offset])
    }
    switch bytes[index] {
    case 0: return 0
    case 0x01...0x7F: return 1
    case 0xC2...0xDF: return continues(1) ? 2 : 0
    case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
    case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
    case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
    case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
    case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
    case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
    default: return 0
    }
  }
}

extension DiagnosticCode {
  public static let badEncoding = DiagnosticCode(
    "bad-encoding", "the file is not UTF-8",
    "The file is read all the same, with `?` for each byte that is not UTF-8; nothing is lost, and `--write` leaves those bytes as they are. Often a file was saved twice through different encodings."
  )
  public static let badYAML = DiagnosticCode(
    "bad-yaml", "a binding or the front matter is not YAML",
    "YAML 1.2's core schema, read by libyaml. Quote texts that begin with a special character or hold `: ` or ` #`. Indent with blanks, never with tabs."
  )
  public static let strayBinding = DiagnosticCode(
    "stray-binding", "a binding stands under no line of the checklist",
    "A fenced `yaml gonogo` block belongs to the list item it stands in: indent it like the item's text. Elsewhere it names its line with `control: ID`."
  )
  public static let duplicateID = DiagnosticCode(
    "duplicate-id", "two controls have one id",
    "Ids address evidence, waivers and attestations; each must be the only one of its name.")
  public static let nearlyBinding = DiagnosticCode(
    "nearly-binding", "a fenced block looks like a binding and is none",
    "The info string of a binding is `yaml gonogo`. A block with a misspelt one would be passed over, and its line be unbound."
  )
  public static let nearlyBox = DiagnosticCode(
    "nearly-box", "a line looks like a task and is none",
    "A task is a list item whose text begins with `[ ]` or `[x]` and a blank (GitHub-flavoured Markdown, section 5.3). Another mark, or no blank, makes it plain text: it is no control, and nothing it says can turn the gate red."
  )
  public static let hiddenLine = DiagnosticCode(
    "hidden-line", "a line of the checklist stands where Markdown does not read it",
    "What stands in a comment, within an HTML block, or indented by four blanks or more beyond its list, is no list item for Markdown. Its box is not shown, and its binding is never run."
  )
  public static let openFrontMatter = DiagnosticCode(
    "open-front-matter", "the front matter has no end",
    "It begins with `---` on the first line and ends with `---` on a line of its own.")

  /// The problems that reading a document can find, beside those of its meaning.
  public static let reading: [DiagnosticCode] = [
    badEncoding, badYAML, strayBinding, duplicateID, nearlyBinding, nearlyBox, hiddenLine, openFrontMatter,
  ]
}
