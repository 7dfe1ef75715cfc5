/// A line of a first checklist, with its binding.
struct FirstLine {
  let text: String
  let blocks: [String]

  init(_ text: String, _ blocks: String...) {
    self.init(text, blocks: blocks)
  }

  init(_ text: String, blocks: [String]) {
    self.text = text
    self.blocks = blocks
  }
}

/// The lines of one matter. Ids are its prefix and a number.
struct FirstSection {
  let title: String
  let prefix: String
  /// A sentence or two under the heading, where there is something to know.
  var lead: String?
  var lines: [FirstLine] = []
}
