/// A Markdown checklist, read: what it asks, before anything is looked at.
public struct Checklist: Sendable {
  public let file: SourceFile
  /// The front matter's YAML, where it has `gonogo: 1`; a site generator's front matter is left alone.
  public let frontMatter: Node?
  /// In the order of the document.
  public let controls: [Control]

  public init(file: SourceFile, frontMatter: Node?, controls: [Control]) {
    self.file = file
    self.frontMatter = frontMatter
    self.controls = controls
  }
}

/// One line of the checklist: something that must be true before go-live.
public struct Control: Sendable, Equatable {
  public enum IDSource: String, Sendable { case author, slug }

  /// What stands between the brackets of a task item.
  public struct Tick: Sendable, Equatable {
    public let checked: Bool
    /// The offset, in the file, of the one byte between the brackets.
    public let offset: Int
    public init(checked: Bool, offset: Int) {
      self.checked = checked
      self.offset = offset
    }
  }

  public let id: String
  public let idSource: IDSource
  /// The line's text without its marker, its id and its markup.
  public let title: String
  /// The headings above it, outermost first.
  public let section: [String]
  /// From the list marker to the end of the item's first line.
  public let range: SourceRange
  /// `nil` for a bound line that is not a task item.
  public let tick: Tick?
  /// The item says of itself that it is optional or recommended.
  public let optional: Bool
  public let bindings: [Binding]
  /// The rows of the table that stands in the item, for `cases: table`: a row a case, named by the head cells.
  public let tables: [CaseTable]

  public init(
    id: String, idSource: IDSource, title: String, section: [String], range: SourceRange, tick: Tick?, optional: Bool,
    bindings: [Binding], tables: [CaseTable] = []
  ) {
    self.id = id
    self.idSource = idSource
    self.title = title
    self.section = section
    self.range = range
    self.tick = tick
    self.optional = optional
    self.bindings = bindings
    self.tables = tables
  }
}

/// The fenced YAML block under a control that says how to find out.
public struct Binding: Sendable, Equatable {
  public let node: Node
  public init(node: Node) { self.node = node }
}

/// A GFM table inside an item.
public struct CaseTable: Sendable, Equatable {
  public let columns: [String]
  public let rows: [Row]
  public struct Row: Sendable, Equatable {
    public let cells: [String]
    public let line: Int
    public init(cells: [String], line: Int) {
      self.cells = cells
      self.line = line
    }
  }
  public init(columns: [String], rows: [Row]) {
    self.columns = columns
    self.rows = rows
  }
}
