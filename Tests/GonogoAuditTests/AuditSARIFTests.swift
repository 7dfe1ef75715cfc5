import GonogoCore
import GonogoReport
import GonogoTestSupport
import Testing

@testable import GonogoAudit

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
    try #require(audit.findings.count > 30)
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
    }
    let results = elements(run["results"])
    #expect(results.count == audit.findings.count)
    var fingerprints: Set<String> = []
    for result in results {
      let id = result["ruleId"]?.stringValue ?? ""
      let index = result["ruleIndex"]?.integerValue ?? -1
      #expect(ids.indices.contains(index) && ids[index] == id)
      #expect(["error", "warning", "note"].contains(result["level"]?.stringValue ?? ""))
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
