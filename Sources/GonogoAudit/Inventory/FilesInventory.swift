public import GonogoCore

/// Files and lines by language, and what was not read.
public enum FilesInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    struct Count {
      var files = 0
      var lines = 0
    }
    var languages: [Language: Count] = [:]
    var other = Count()
    var unread: [SourceTree.Unread: Int] = [:]
    var large: [JSON] = []
    for file in context.tree.files {
      guard let text = context.tree.text(file) else {
        if let why = context.tree.unread(file) {
          unread[why, default: 0] += 1
          // No rule may ask for it; that it could not be looked at stays so.
          if why == .unreadable, let trouble = CouldNotLook.unread(file, why) { context.couldNotLook(trouble) }
          if why == .tooLarge, large.count < 100 {
            large.append(["path": .string(file.path), "bytes": JSON(file.size)])
          }
        }
        continue
      }
      // The empty line behind the last line end is none.
      let lines = text.lineCount - (text.bytes.isEmpty || text.bytes.last == 0x0A ? 1 : 0)
      if let language = file.language {
        languages[language, default: Count()].files += 1
        languages[language, default: Count()].lines += lines
      } else {
        other.files += 1
        other.lines += lines
      }
    }
    let ranked = languages.sorted {
      ($0.value.lines, $1.key.rawValue) > ($1.value.lines, $0.key.rawValue)
    }
    var rows: [JSON] = ranked.map {
      ["language": .string($0.key.rawValue), "files": JSON($0.value.files), "lines": JSON($0.value.lines)]
    }
    if other.files > 0 { rows.append(["language": "other", "files": JSON(other.files), "lines": JSON(other.lines)]) }
    let lines = ranked.reduce(other.lines) { $0 + $1.value.lines }
    var summary = "\(lines) lines"
    if !ranked.isEmpty {
      summary += ": " + ranked.prefix(6).map { "\($0.key.rawValue) \($0.value.lines)" }.joined(separator: ", ")
    }
    let skipped = unread.values.reduce(0, +)
    if skipped > 0 {
      summary +=
        "; not read: "
        + SourceTree.Unread.allCases.compactMap { why in unread[why].map { "\($0) \(why.rawValue)" } }
        .joined(separator: ", ")
    }
    var reasons: [String: JSON] = [:]
    for (why, count) in unread { reasons["\(why)"] = JSON(count) }
    return InventoryEntry(
      "files", count: context.tree.files.count, summary: summary,
      json: [
        "count": JSON(context.tree.files.count), "lines": JSON(lines), "languages": .array(rows),
        "unread": ["count": JSON(skipped), "reasons": .object(reasons), "larger": .array(large)],
      ])
  }
}
