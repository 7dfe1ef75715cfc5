/// The canonical JSON of one result: what is stored, addressed by its SHA-256, and never edited.
///
/// The form is versioned (`schema`), documented in `Documentation/Evidence.md`, and apart from the model: a change of a
/// Swift type does not change what an auditor reads.
public enum Evidence {
  public static let schema = "gonogo.evidence/1"

  public static func json(of result: ControlResult, file: String) -> JSON {
    var object: [String: JSON] = [
      "schema": .string(schema),
      "control": control(result.control, file: file),
      "severity": .string(result.blocking ? "blocking" : "advisory"),
      "outcome": .string(result.outcome.name),
      "tick": .string(result.tickTruth.rawValue),
      "passed_after_retry": .bool(result.passedAfterRetry),
      "started": .string(Timestamp.format(result.started)),
      "duration_ms": JSON(result.milliseconds),
      "checks": .array(result.checks.map { check($0, file: file) }),
    ]
    if !result.tags.isEmpty { object["tags"] = JSON(result.tags) }
    if let mend = result.mend { object["mend"] = .string(mend) }
    object.merge(detail(result.outcome, file: file)) { _, new in new }
    return .object(object)
  }

  public static func control(_ control: Control, file: String) -> JSON {
    var object: [String: JSON] = [
      "id": .string(control.id), "title": .string(control.title), "section": JSON(control.section),
      "file": .string(file), "line": JSON(control.range.start.line), "column": JSON(control.range.start.column),
    ]
    object["ticked"] = control.tick.map { .bool($0.checked) } ?? .null
    return .object(object)
  }

  static func check(_ check: CheckResult, file: String) -> JSON {
    var object: [String: JSON] = [
      "probe": .string(check.probeName), "outcome": .string(check.outcome.name), "facts": check.facts,
      "witness": .object(check.witness.mapValues { JSON($0) }), "line": JSON(check.range.start.line),
      "column": JSON(check.range.start.column),
      "attempts": .array(check.attempts.map { attempt($0, file: file) }),
    ]
    if let label = check.label { object["case"] = .string(label) }
    if let asked = check.asked { object["asked"] = .string(asked) }
    if let command = check.repeatCommand { object["repeat"] = .string(command) }
    if let reason = check.noControl { object["no_control"] = .string(reason) }
    if !check.allowed.isEmpty { object["allowed"] = .array(check.allowed.map { Evidence.check($0, file: file) }) }
    if !check.attachments.isEmpty {
      object["attachments"] = .array(
        check.attachments.map {
          [
            "name": .string($0.name), "media_type": .string($0.mediaType), "bytes": JSON($0.bytes.count),
            "base64": .string(Base64.encode($0.bytes)),
          ]
        })
    }
    object.merge(detail(check.outcome, file: file)) { _, new in new }
    return .object(object)
  }

  public static func attempt(_ attempt: Attempt, file: String) -> JSON {
    var object: [String: JSON] = [
      "outcome": .string(attempt.outcome.name), "started": .string(Timestamp.format(attempt.started)),
      "duration_ms": JSON(attempt.milliseconds),
    ]
    object.merge(detail(attempt.outcome, file: file)) { _, new in new }
    return .object(object)
  }

  /// What an outcome says beyond its name.
  static func detail(_ outcome: Outcome, file: String) -> [String: JSON] {
    switch outcome {
    case .passed: return [:]
    case .failed(let mismatches):
      return [
        "mismatches": .array(
          mismatches.map {
            [
              "path": .string($0.path), "expected": .string($0.expected), "found": .string($0.found),
              "line": JSON($0.range.start.line), "column": JSON($0.range.start.column),
            ]
          })
      ]
    case .errored(let error):
      var object: [String: JSON] = ["kind": .string(error.kind.rawValue), "message": .string(error.message)]
      if let asked = error.asked { object["asked"] = .string(asked) }
      if let mend = error.mend { object["mend"] = .string(mend) }
      if let command = error.repeatCommand { object["repeat"] = .string(command) }
      return ["error": .object(object)]
    case .skipped(let reason):
      return ["skip": ["reason": .string(reason.name), "message": .string(reason.message)]]
    }
  }
}
