private import CCMark
private import Glibc
import GonogoCore

/// What a reader of the document takes for a line of the checklist, and Markdown does not: told, since a line that nobody reads can
/// never be red.
extension ChecklistWalk {
  /// `- [✓] a`, `- [] a`, `- [x]a`: an item that begins like a task and is none (GFM, section 5.3).
  ///
  /// - Parameter body: the item's first line from its text on.
  func tellNearBox(_ body: ArraySlice<UInt8>, line: Int) {
    guard body.first == UInt8(ascii: "["), let close = body.prefix(8).firstIndex(of: UInt8(ascii: "]")) else { return }
    let mark = body[(body.startIndex + 1)..<close]
    let text = String(decoding: mark, as: UTF8.self)
    let next = close + 1 < body.endIndex ? body[close + 1] : 0x20
    // `[x](address)`, `[x][reference]`, `[x]: address`, and `[1]`, which is a footnote.
    if [UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: ":")].contains(next) { return }
    // `[A]` and `[1]` name things; a tick is a sign, or one of the letters that people tick with, the Cyrillic one among them.
    guard text.count <= 1, text.first.map({ !$0.isNumber && (!$0.isLetter || "xXvVyYnNoOхХ".contains($0)) }) ?? true
    else { return }
    // Nothing behind it: an empty task, which says nothing.
    guard body[(close + 1)...].contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return }
    let isPlain = text.isEmpty || text == " " || text == "\t" || text == "x" || text == "X"
    let isGlued = isPlain && !text.isEmpty && next != 0x20 && next != 0x09
    if isPlain && !isGlued && !text.isEmpty { return }
    sink.report(
      .warning(
        .nearlyBox,
        isGlued
          ? "'[\(text)]' with no blank behind it is not read as a box, and the line is no control"
          : "'[\(text)]' is not read as a box, and the line is no control",
        at: locate("[\(text)]", line: line),
        mend: isGlued ? "leave a blank between the box and the text" : "write `[ ]` or `[x]`"))
  }

  /// `-[x] a`: Markdown takes it for text, often for the end of the line above.
  func tellNearItems(_ lines: ClosedRange<Int>) {
    for number in lines {
      let line = file.line(number).drop { $0 == 0x20 || $0 == 0x09 }
      guard line.count > 4, let first = line.first,
        [UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+")].contains(first),
        line[line.startIndex + 1] == UInt8(ascii: "["), line[line.startIndex + 3] == UInt8(ascii: "]"),
        [0x20, UInt8(ascii: "x"), UInt8(ascii: "X")].contains(line[line.startIndex + 2])
      else { continue }
      let text = String(decoding: line.prefix(4), as: UTF8.self)
      sink.report(
        .warning(
          .nearlyBox, "'\(text)' begins no item, and the line is no control", at: locate(text, line: number),
          mend: "leave a blank behind the '\(text.prefix(1))'"))
    }
  }

  /// A binding, or a box, within HTML or indented so far that it is code.
  func tellHidden(_ node: OpaquePointer, isHTML: Bool) {
    guard let literal = cmark_node_get_literal(node) else { return }
    let bytes = UnsafeRawBufferPointer(start: literal, count: strlen(literal))
    // Most blocks hold neither.
    guard bytes.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "`") || $0 == UInt8(ascii: "~") })
    else {
      return
    }
    let start = place(node).line
    let isComment = isHTML && bytes.starts(with: "<!--".utf8)
    for number in start...max(start, Int(cmark_node_get_end_line(node))) {
      let line = file.line(number).drop { $0 == 0x20 || $0 == 0x09 }
      let text = String(decoding: line.prefix(24), as: UTF8.self)
      let words = text.drop { $0 == "`" || $0 == "~" }.split(separator: " ").prefix(2)
      let isBinding =
        (text.hasPrefix("```") || text.hasPrefix("~~~")) && words.last == "gonogo"
        && (words.count == 1 || words.first == "yaml" || words.first == "yml")
      // A comment is the author's way to take a line out: of it only a binding is told.
      let isBox = isHTML && !isComment && ["- [ ] ", "- [x] ", "- [X] "].contains { text.hasPrefix($0) }
      guard isBinding || isBox else { continue }
      let what = isBinding ? "this binding is not read" : "this box is not read"
      let place = isComment ? "stands in a comment" : isHTML ? "stands in HTML" : "is indented so far that it is code"
      let mend =
        isComment
        ? "take it out of the comment where the line still counts"
        : isHTML ? "leave an empty line after the tag that begins the block" : "indent it like the text of its item"
      sink.report(
        .warning(
          .hiddenLine, "\(what): it \(place)",
          at: locate(isBinding ? "gonogo" : "[", line: number), mend: mend))
      // One is enough to send the author there.
      return
    }
  }
}
