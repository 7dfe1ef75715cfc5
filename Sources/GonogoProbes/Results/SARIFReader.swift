import GonogoCore

/// Reads SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/).
struct SARIFReader {
  /// - Parameter counted: the levels whose results are failures.
  static func read(_ bytes: [UInt8], counted: [String]) throws(ResultFault) -> ResultSummary {
    let json: JSON
    do { json = try JSON.parse(bytes) } catch {
      throw ResultFault(message: "not SARIF: not JSON: \(error.message)", line: error.line, column: error.column)
    }
    func fault(_ message: String) -> ResultFault { ResultFault(message: "not SARIF: \(message)", line: 1, column: 1) }
    guard let version = json["version"]?.stringValue else { throw fault("there is no `version`") }
    guard version == "2.1.0" else { throw fault("version \(version.prefix(20)) is not read, only 2.1.0") }
    guard let runs = json["runs"]?.arrayValue else { throw fault("there is no array `runs`") }
    var summary = ResultSummary(format: .sarif)
    for level in ["error", "warning", "note", "none"] { summary.levels[level] = 0 }
    for (index, run) in runs.enumerated() {
      guard let driver = run["tool"]?["driver"], let name = driver["name"]?.stringValue else {
        throw fault("runs[\(index)] names no tool")
      }
      // Section 3.14.23: null, or none, where the scan itself did not succeed.
      guard let results = run["results"]?.arrayValue else {
        throw ResultFault(
          message: "\(name) reports no results at all, which says that its run failed", line: 1, column: 1,
          bailedOut: true)
      }
      read(run, driver: driver, name: name, results: results, counted: counted, into: &summary)
      if let reason = failedInvocation(run, name) { throw reason }
    }
    return summary
  }

  private static func failedInvocation(_ run: JSON, _ name: String) -> ResultFault? {
    for invocation in run["invocations"]?.arrayValue ?? [] where invocation["executionSuccessful"] == false {
      let notes = invocation["toolExecutionNotifications"]?.arrayValue ?? []
      let why = notes.compactMap { $0["message"]?["text"]?.stringValue }.first
      return ResultFault(
        message: "\(name) says that its own run did not succeed" + (why.map { ": \($0.prefix(200))" } ?? ""), line: 1,
        column: 1, bailedOut: true)
    }
    return nil
  }

  private static func read(
    _ run: JSON, driver: JSON, name: String, results: [JSON], counted: [String], into summary: inout ResultSummary
  ) {
    summary.runs += 1
    let version = driver["semanticVersion"]?.stringValue ?? driver["version"]?.stringValue
    let tool = version.map { "\(name) \($0)" } ?? name
    if !summary.tools.contains(tool) { summary.tools.append(tool) }
    let extensions = run["tool"]?["extensions"]?.arrayValue ?? []
    let rules = driver["rules"]?.arrayValue ?? []
    let ruleCount = rules.count + extensions.reduce(0) { $0 + ($1["rules"]?.arrayValue?.count ?? 0) }
    let invocations = run["invocations"]?.arrayValue ?? []
    if ruleCount > 0 || !results.isEmpty || invocations.contains(where: { $0["executionSuccessful"] == true }) {
      summary.provenRuns += 1
    }
    for invocation in invocations {
      for key in ["toolExecutionNotifications", "toolConfigurationNotifications"] {
        for note in invocation[key]?.arrayValue ?? [] where note["level"] == "error" {
          summary.errored += 1
          summary.add(
            .init(name: key, suite: tool, kind: "errored", message: note["message"]?["text"]?.stringValue ?? ""))
        }
      }
      if let text = invocation["endTimeUtc"]?.stringValue ?? invocation["startTimeUtc"]?.stringValue,
        let instant = Timestamp.parse(text), instant < summary.instant?.milliseconds ?? .max
      {
        summary.instant = (instant, true)
      }
    }
    for result in results {
      // Gone since the baseline: told for the record only.
      if result["baselineState"] == "absent" { continue }
      summary.results += 1
      let rule = rule(of: result, rules: rules, extensions: extensions)
      let id =
        result["ruleId"]?.stringValue ?? result["rule"]?["id"]?.stringValue ?? rule?["id"]?.stringValue ?? "unknown"
      if isSuppressed(result) {
        summary.suppressed += 1
        continue
      }
      summary.rules[id, default: 0] += 1
      let level = level(of: result, rule: rule)
      summary.levels[level, default: 0] += 1
      if counted.contains(level) {
        summary.failed += 1
        summary.add(
          .init(
            name: "\(id)\(location(result).map { " at \($0)" } ?? "")", suite: tool, kind: level,
            message: result["message"]?["text"]?.stringValue ?? ""))
      }
    }
  }

  /// Section 3.27.10: the result's own level, else its rule's, else `warning`; what is no failure has none.
  private static func level(of result: JSON, rule: JSON?) -> String {
    if let kind = result["kind"]?.stringValue, kind != "fail" { return "none" }
    let level =
      result["level"]?.stringValue ?? rule?["defaultConfiguration"]?["level"]?.stringValue ?? "warning"
    return ["error", "warning", "note", "none"].contains(level) ? level : "warning"
  }

  private static func rule(of result: JSON, rules: [JSON], extensions: [JSON]) -> JSON? {
    var list = rules
    if let index = result["rule"]?["toolComponent"]?["index"]?.integerValue, extensions.indices.contains(index) {
      list = extensions[index]["rules"]?.arrayValue ?? []
    }
    if let index = result["ruleIndex"]?.integerValue ?? result["rule"]?["index"]?.integerValue,
      list.indices.contains(index)
    {
      return list[index]
    }
    guard let id = result["ruleId"]?.stringValue ?? result["rule"]?["id"]?.stringValue else { return nil }
    let all = list + extensions.flatMap { $0["rules"]?.arrayValue ?? [] }
    return all.first { $0["id"]?.stringValue == id }
  }

  /// Section 3.27.23: suppressed where there are suppressions and none is under review or rejected.
  private static func isSuppressed(_ result: JSON) -> Bool {
    guard let list = result["suppressions"]?.arrayValue, !list.isEmpty else { return false }
    return list.allSatisfy { $0["status"] == nil || $0["status"] == "accepted" }
  }

  private static func location(_ result: JSON) -> String? {
    guard let place = result["locations"]?[0]?["physicalLocation"],
      let uri = place["artifactLocation"]?["uri"]?.stringValue
    else { return nil }
    return place["region"]?["startLine"]?.integerValue.map { "\(uri):\($0)" } ?? uri
  }
}
