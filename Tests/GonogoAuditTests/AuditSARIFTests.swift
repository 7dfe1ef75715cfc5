import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoAudit
@testable import GonogoReport

/// What code scanning asks of a SARIF file, held against an audit of all rules' faulty samples in one tree.
@Suite struct AuditSARIFTests {
  func result(unlooked: [CouldNotLook] = []) async -> AuditResult {
    var files: [String: String] = ["odd name/ü #1.yml": "a: b\n"]
    for rule in BuiltinRules.all {
      for (index, sample) in rule.samples.enumerated() where !sample.places.isEmpty {
        for (path, text) in sample.files { files["\(rule.manual.id) #\(index)/\(path)"] = text }
      }
    }
    let outcome = await Audit(version: "1.2.3").look(in: AuditContext(tree: SourceTree(texts: files), now: 0))
    return AuditResult(
      root: ".", commit: nil, inventory: outcome.inventory, findings: outcome.findings, suppressed: [],
      claims: [], unlooked: outcome.unlooked + unlooked, rules: BuiltinRules.all.map { $0.manual }, failOn: .high,
      started: 0, milliseconds: 5, version: "1.2.3")
  }

  func elements(_ json: JSON?) -> [JSON] {
    if case .array(let elements)? = json { return elements }
    return []
  }

  @Test func everyResultHasWhatItsSchemaRequires() async throws {
    let audit = await result()
    try #require(audit.findings.count + audit.reviews.count > 30 && !audit.findings.isEmpty && !audit.reviews.isEmpty)
    let log = try JSON.parse(AuditSARIFReport(options: ReportOptions()).render(audit))
    #expect(log["version"]?.stringValue == "2.1.0")
    #expect(log["$schema"]?.stringValue?.hasSuffix("sarif-schema-2.1.0.json") == true)
    let run = try #require(elements(log["runs"]).first)
    let rules = elements(run["tool"]?["driver"]?["rules"])
    let ids = rules.compactMap { $0["id"]?.stringValue }
    #expect(Set(ids).count == rules.count)
    for rule in rules {
      #expect(rule["shortDescription"]?["text"]?.stringValue?.isEmpty == false)
      #expect((rule["fullDescription"]?["text"]?.stringValue?.count ?? 9_999) <= 1024)
      #expect(elements(rule["properties"]?["tags"]).count <= 20)
      let weight = rule["properties"]?["security-severity"]?.stringValue.flatMap(Double.init) ?? -1
      #expect((0.1...10).contains(weight))
      #expect(["high", "medium"].contains(rule["properties"]?["precision"]?.stringValue ?? ""))
    }
    let results = elements(run["results"])
    #expect(results.count == audit.findings.count + audit.reviews.count)
    #expect(results.filter { $0["kind"]?.stringValue == "review" }.count == audit.reviews.count)
    var fingerprints: Set<String> = []
    for result in results {
      let id = result["ruleId"]?.stringValue ?? ""
      let index = result["ruleIndex"]?.integerValue ?? -1
      #expect(ids.indices.contains(index) && ids[index] == id)
      // 3.27.10: what is no failure has no level.
      let level = result["level"]?.stringValue ?? ""
      #expect(result["kind"]?.stringValue == "fail" ? ["error", "warning", "note"].contains(level) : level == "none")
      #expect(result["message"]?["text"]?.stringValue?.isEmpty == false)
      let fingerprint = result["partialFingerprints"]?["gonogoAudit/v1"]?.stringValue ?? ""
      #expect(fingerprints.insert(fingerprint).inserted, "\(fingerprint) twice")
      for location in elements(result["locations"]) + elements(result["relatedLocations"]) {
        let place = location["physicalLocation"]
        let uri = place?["artifactLocation"]?["uri"]?.stringValue ?? " "
        // A relative reference of RFC 3986: no blank, no sign that begins a fragment or a query, no letter beyond ASCII.
        #expect(
          !uri.isEmpty && !uri.hasPrefix("/")
            && uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x23 && $0 != 0x3F })
        #expect((place?["region"]?["startLine"]?.integerValue ?? 0) >= 1)
        #expect((place?["region"]?["startColumn"]?.integerValue ?? 0) >= 1)
      }
      #expect(!elements(result["locations"]).isEmpty)
    }
    #expect(run["invocations"]?[0]?["executionSuccessful"]?.boolValue == audit.unlooked.isEmpty)
  }

  /// Places count bytes, and `columnKind` says code points: a place behind Cyrillic was shown too far to the right.
  @Test func columnsAreCodePoints() async throws {
    let folder = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-sarif")
    defer { try? FileSystem.remove(folder) }
    let compose = "services:\n  a: { labels: { имя: 'дом 🏠' }, image: 'acme/a:latest' }\n"
    try FileSystem.writeAtomically(Array(compose.utf8), to: "\(folder)/compose.prod.yml")
    let audit = try await Audit(version: "1").run(directory: folder)
    let line = try #require(compose.split(separator: "\n").last)
    let image = try #require(line.firstRange(of: "'acme")?.lowerBound)
    let bytes = line.utf8.distance(from: line.startIndex, to: image) + 1
    let characters = line.unicodeScalars.distance(from: line.startIndex, to: image) + 1
    try #require(audit.findings.contains { $0.place == TreePlace("compose.prod.yml", line: 2, column: bytes) })
    let log = try JSON.parse(AuditSARIFReport(options: ReportOptions()).render(audit))
    #expect(log["runs"]?[0]?["columnKind"]?.stringValue == "unicodeCodePoints")
    let columns = elements(log["runs"]?[0]?["results"]).flatMap { elements($0["locations"]) }
      .map { $0["physicalLocation"]?["region"] }
      .filter { $0?["startLine"]?.integerValue == 2 }.compactMap { $0?["startColumn"]?.integerValue }
    #expect(columns.contains(characters) && !columns.contains(bytes))
    let annotations = String(decoding: AuditGitHubReport(options: ReportOptions()).render(audit), as: UTF8.self)
    #expect(annotations.contains("col=\(characters),") && !annotations.contains("col=\(bytes),"))
  }

  @Test func whatCodeScanningDoesNotTakeIsLeftOutAndCounted() throws {
    let places = (1...26_000).map { TreePlace("a.yml", line: $0) }
    func audit(_ findings: [Finding], excused: [Finding]) -> AuditResult {
      let by = Suppression(place: TreePlace("a.md"), rule: "r", path: "**", reason: "known", until: "2030-01-01")
      return AuditResult(
        root: ".", commit: nil, inventory: [], findings: findings,
        suppressed: excused.map { AuditResult.Suppressed($0, by: by) }, claims: [], unlooked: [], rules: [],
        failOn: .high, started: 0, milliseconds: 5, version: "1")
    }
    func finding(_ place: TreePlace) -> Finding {
      Finding(
        rule: "r", severity: .low, precision: .high, place: place, message: "m", why: "w", mend: "m", falsifies: "f",
        subject: "s",
        related: places.prefix(place.line == 1 ? 500 : 0).map { .init($0, "the same") })
    }
    let all = places.map(finding)
    for (result, kept, told) in [
      (audit(all, excused: []), 25_000, "1000 findings"),
      (audit(Array(all.prefix(24_000)), excused: all), 25_000, "25000 excused findings"),
    ] {
      var report = AuditSARIFReport(options: ReportOptions())
      report.byteLimit = .max
      let run = try JSON.parse(report.render(result))["runs"]?[0]
      #expect(elements(run?["results"]).count == kept)
      #expect(elements(run?["results"]).first.map { elements($0["relatedLocations"]).count } == 100)
      let notes = elements(run?["invocations"]?[0]?["toolExecutionNotifications"])
      #expect(notes.compactMap { $0["message"]?["text"]?.stringValue }.contains { $0.hasPrefix(told) })
    }
    let bytes = AuditSARIFReport(options: ReportOptions()).render(audit(all, excused: all))
    #expect(bytes.count <= 9_500_000)
    let rest = elements(try JSON.parse(bytes)["runs"]?[0]?["results"]).count
    #expect(rest > 5_000)
  }

  @Test func whatCouldNotBeLookedAtIsANotification() async throws {
    let audit = await result(unlooked: [CouldNotLook("a tool is not installed", mend: "pip install it")])
    let log = try JSON.parse(AuditSARIFReport(options: ReportOptions()).render(audit))
    let invocation = log["runs"]?[0]?["invocations"]?[0]
    #expect(invocation?["executionSuccessful"]?.boolValue == false)
    let texts = elements(invocation?["toolExecutionNotifications"]).compactMap { $0["message"]?["text"]?.stringValue }
    #expect(texts.count == audit.unlooked.count)
    #expect(texts.contains { $0.contains("a tool is not installed") })
  }
}
