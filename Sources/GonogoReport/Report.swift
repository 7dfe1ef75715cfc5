public import GonogoCore

/// What a run says, before it has a form. Secrets have been replaced already.
public struct Report: Sendable {
  /// The document, as it was named.
  public let file: SourceFile
  public let title: String?
  public let environment: String?
  public let results: [ControlResult]
  public let verdict: Verdict
  /// Controls that the selection left out.
  public let excluded: Int
  public let interrupted: Bool
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let started: Int64
  public let milliseconds: Int
  /// The run's name in the store; `nil` where none was kept.
  public let run: String?
  /// The SHA-256 of each result's evidence, in the order of the results; empty where none was kept.
  public let digests: [String]
  /// The version of Gonogo that looked.
  public let version: String
  /// Which state of the document and of the repository was judged; `nil` outside a repository.
  public var provenance: Provenance?

  public init(
    file: SourceFile, title: String?, environment: String?, results: [ControlResult], verdict: Verdict, excluded: Int,
    interrupted: Bool, started: Int64, milliseconds: Int, run: String?, digests: [String], version: String,
    provenance: Provenance? = nil
  ) {
    self.file = file
    self.title = title
    self.environment = environment
    self.results = results
    self.verdict = verdict
    self.excluded = excluded
    self.interrupted = interrupted
    self.started = started
    self.milliseconds = milliseconds
    self.run = run
    self.digests = digests
    self.version = version
    self.provenance = provenance
  }

  public struct Counts: Sendable, Equatable {
    public var passed = 0
    public var failed = 0
    public var errored = 0
    public var skipped = 0
    public var retried = 0
  }

  public var counts: Counts { Counts(results) }
}

extension Report.Counts {
  init(_ results: [ControlResult]) {
    self.init()
    for result in results {
      switch result.outcome {
      case .passed: passed += 1
      case .failed: failed += 1
      case .errored: errored += 1
      case .skipped: skipped += 1
      }
      if result.passedAfterRetry { retried += 1 }
    }
  }
}

/// A form that a report can take.
public protocol ReportFormat: Sendable {
  /// What `--output` calls it.
  static var name: String { get }
  static var summary: String { get }
  init(options: ReportOptions)
  /// The same report gives the same bytes.
  func render(_ report: Report) -> [UInt8]
}

/// What a format may need to know of where it is written.
public struct ReportOptions: Sendable {
  public let colour: Bool
  /// Columns of the terminal.
  public let width: Int
  public init(colour: Bool = false, width: Int = 100) {
    self.colour = colour
    self.width = width
  }
}

/// The formats that come with Gonogo: the one list.
public enum ReportFormats {
  public static let all: [any ReportFormat.Type] = [
    TextReport.self, JSONReport.self, JSONLinesReport.self, JUnitReport.self, TAPReport.self, SARIFReport.self,
    GitHubReport.self, MarkdownReport.self, HTMLReport.self, NagiosReport.self, PrometheusReport.self,
  ]

  public static func named(_ name: String) -> (any ReportFormat.Type)? { all.first { $0.name == name } }
}
