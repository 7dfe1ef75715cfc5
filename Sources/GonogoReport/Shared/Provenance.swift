import GonogoCore

/// Which state of the document and of its repository a run judged. A tick is a claim of the day on which it was made, so a
/// report says what it was held against.
public struct Provenance: Sendable, Equatable {
  /// The last commit that changed the document, abbreviated; `nil` where none holds it.
  public var documentCommit: String?
  /// RFC 3339.
  public var documentDate: String?
  /// The document differs from the last commit.
  public var documentIsChanged: Bool
  /// The commit that is checked out, or that was asked for with `--at`.
  public var commit: String?
  /// Files differ from the commit, so that what was judged is the working tree.
  public var treeIsChanged: Bool
  /// The tree was read from the commit, not from the working tree.
  public var isAtCommit: Bool

  public init(
    documentCommit: String?, documentDate: String?, documentIsChanged: Bool, commit: String?, treeIsChanged: Bool,
    isAtCommit: Bool
  ) {
    self.documentCommit = documentCommit
    self.documentDate = documentDate
    self.documentIsChanged = documentIsChanged
    self.commit = commit
    self.treeIsChanged = treeIsChanged
    self.isAtCommit = isAtCommit
  }

  /// `the document of 3fa9c1d (2025-11-17T09:00:00Z), judged in the working tree on 9ab01fe with changes`.
  var sentence: String {
    var text = "the document "
    if let documentCommit {
      text += "of \(documentCommit)" + (documentDate.map { " (\($0))" } ?? "")
      if documentIsChanged { text += ", changed since" }
    } else {
      text += "as it stands, in no commit yet"
    }
    guard let commit else { return text }
    if isAtCommit { return text + ", judged at \(commit)" }
    return text + ", judged in the working tree on \(commit)\(treeIsChanged ? " with changes" : "")"
  }

  var json: JSON {
    [
      "document_commit": JSON(orNull: documentCommit), "document_date": JSON(orNull: documentDate),
      "document_changed": .bool(documentIsChanged), "commit": JSON(orNull: commit),
      "tree_changed": .bool(treeIsChanged), "at_commit": .bool(isAtCommit),
    ]
  }
}
