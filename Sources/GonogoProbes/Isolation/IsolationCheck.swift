public import GonogoCore

/// The proof without a document: what `gonogo isolation` runs.
public enum IsolationCheck {
  /// Proves a database that is there.
  ///
  /// - Parameter database: a connection URI or a keyword string of libpq.
  /// - Throws: ``ProbeError`` where it could not begin or not end.
  public static func run(database: String, options: IsolationProof.Options, redactor: Redactor) throws(ProbeError)
    -> IsolationResult
  {
    let target = try PostgresTarget(Rendered(plain: database), redactor: redactor)
    return try IsolationProof(options).run(target.options, display: target.display)
  }

  /// The report that scripts read.
  public static func json(_ result: IsolationResult) -> JSON {
    var members = result.facts.objectValue ?? [:]
    members["schema"] = "gonogo.isolation/1"
    return .object(members)
  }

  /// The matrix, and what to do, for people.
  public static func text(_ result: IsolationResult) -> String { IsolationText(result: result).text }
}
