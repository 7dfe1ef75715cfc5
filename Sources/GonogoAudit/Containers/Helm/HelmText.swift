import GonogoCore

/// Rendered text that knows where each of its pieces comes from: a template's own line, or the line of a value.
struct HelmText: Sendable, Equatable {
  struct Piece: Sendable, Equatable {
    var text: String
    var origin: TreePlace?
    /// Whether it is the template's own text, whose columns run on from the origin; a value's all have the value's place.
    var isLiteral = false
  }

  /// Stands for what could not be computed. A private character, which no template has a use for.
  static let unknown: Character = "\u{E000}"

  private(set) var pieces: [Piece] = []

  init() {}

  init(_ text: String, from origin: TreePlace?, isLiteral: Bool = false) {
    if !text.isEmpty { pieces = [Piece(text: text, origin: origin, isLiteral: isLiteral)] }
  }

  var string: String { pieces.lazy.map(\.text).joined() }
  var isEmpty: Bool { pieces.isEmpty }
  var origin: TreePlace? { pieces.lazy.compactMap(\.origin).first }

  static func += (left: inout HelmText, right: HelmText) { left.pieces += right.pieces }

  /// The same text with other bytes: it has one origin from here on, the first of its own.
  func mapped(_ change: (String) -> String) -> HelmText { HelmText(change(string), from: origin) }

  /// Its lines, without their ends.
  var lines: [HelmText] {
    var result = [HelmText()]
    for piece in pieces {
      var rest = piece.text[...]
      var origin = piece.origin
      while let end = rest.firstIndex(of: "\n") {
        result[result.count - 1].append(String(rest[..<end]), origin, piece.isLiteral)
        result.append(HelmText())
        rest = rest[rest.index(after: end)...]
        if piece.isLiteral { origin = origin.map { TreePlace($0.path, line: $0.line + 1) } }
      }
      result[result.count - 1].append(String(rest), origin, piece.isLiteral)
    }
    return result
  }

  private mutating func append(_ text: String, _ origin: TreePlace?, _ isLiteral: Bool) {
    if !text.isEmpty { pieces.append(Piece(text: text, origin: origin, isLiteral: isLiteral)) }
  }

  init(lines: [HelmText]) {
    for (index, line) in lines.enumerated() {
      if index > 0 { pieces.append(Piece(text: "\n", origin: nil)) }
      pieces += line.pieces
    }
  }

  /// Each line that is not empty moved to the right.
  func indented(_ count: Int) -> HelmText {
    let blanks = HelmText(String(repeating: " ", count: max(0, min(count, 200))), from: nil)
    return HelmText(
      lines: lines.map { line in
        var result = blanks
        result += line
        return result
      })
  }

  /// Without blanks and line ends at one end or both.
  func trimmed(start: Bool, end: Bool) -> HelmText {
    var result = self
    func isBlank(_ character: Character) -> Bool { character.isWhitespace }
    while start, let first = result.pieces.first {
      let blanks = first.text.prefix { isBlank($0) }
      if blanks.isEmpty { break }
      let rest = first.text[blanks.endIndex...]
      result.pieces.removeFirst()
      if rest.isEmpty { continue }
      var origin = first.origin
      if first.isLiteral, let place = origin {
        let ends = blanks.count { $0.isNewline }
        let column = ends == 0 ? place.column : 1
        let width = blanks.reversed().prefix { !$0.isNewline }.count
        origin = TreePlace(place.path, line: place.line + ends, column: column + width)
      }
      result.pieces.insert(Piece(text: String(rest), origin: origin, isLiteral: first.isLiteral), at: 0)
    }
    while end, let last = result.pieces.last {
      var text = last.text[...]
      while let character = text.last, isBlank(character) { text = text.dropLast() }
      if text.count == last.text.count { break }
      result.pieces.removeLast()
      if !text.isEmpty {
        result.pieces.append(Piece(text: String(text), origin: last.origin, isLiteral: last.isLiteral))
      }
    }
    return result
  }
}

/// Where each position of a rendered text comes from.
struct HelmPlaces: Sendable {
  private var starts: [Int] = []
  private var origins: [(place: TreePlace, isLiteral: Bool)] = []
  private let source: SourceFile
  private let fallback: TreePlace

  init(_ text: HelmText, template: TreePlace) {
    fallback = template
    source = SourceFile(name: template.path, bytes: Array(text.string.utf8))
    var offset = 0
    for piece in text.pieces {
      if let origin = piece.origin {
        starts.append(offset)
        origins.append((origin, piece.isLiteral))
      }
      offset += piece.text.utf8.count
    }
  }

  /// The place of a node: the line of the last value that is a part of it where it is a scalar, else the template's own line.
  func place(of node: Node) -> TreePlace {
    guard node.text != nil else { return place(node.range.start) }
    let (start, end) = (offset(node.range.start), offset(node.range.end))
    let values = starts.indices.filter { index in
      let next = index + 1 < starts.count ? starts[index + 1] : Int.max
      return starts[index] < end && next > start && !origins[index].isLiteral
        && origins[index].place.path != fallback.path
    }
    return values.last.map { origins[$0].place } ?? place(node.range.start)
  }

  private func offset(_ position: SourcePosition) -> Int {
    source.lineStarts[max(0, min(position.line, source.lineCount) - 1)] + max(0, position.column - 1)
  }

  /// The place of a position of the rendered text: in the template, or in the values.
  func place(_ position: SourcePosition) -> TreePlace {
    guard position.line >= 1, position.line <= source.lineCount else { return fallback }
    let offset = offset(position)
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return fallback }
    let (origin, isLiteral) = origins[low - 1]
    guard isLiteral else { return origin }
    let before = source.bytes[starts[low - 1]..<min(offset, source.bytes.count)]
    let ends = before.count { $0 == 0x0A }
    if ends == 0 { return TreePlace(origin.path, line: origin.line, column: origin.column + before.count) }
    return TreePlace(
      origin.path, line: origin.line + ends,
      column: before.count - (before.lastIndex(of: 0x0A).map { $0 - before.startIndex } ?? 0))
  }
}
