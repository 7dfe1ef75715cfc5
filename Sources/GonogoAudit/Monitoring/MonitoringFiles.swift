import GonogoCore

/// A file of recording and alerting rules, or a PrometheusRule object.
public struct AlertRuleFile: Sendable {
  public struct Rule: Sendable {
    /// The alert's name, or the name of the recorded series.
    public let name: String
    public let isAlert: Bool
    public let expression: Node
    public let place: TreePlace
  }
  public let file: TreeFile
  public let rules: [Rule]
  /// Whether the Prometheus operator finds it by its kind: nothing has to name it.
  public let isObject: Bool
}

/// A dashboard of Grafana's, with its PromQL.
public struct Dashboard: Sendable {
  public let file: TreeFile
  public let expressions: [Node]
}

public struct MonitoringFiles: Sendable {
  public var rules: [AlertRuleFile] = []
  public var prometheus: [(file: TreeFile, node: Node)] = []
  public var alertmanagers: [(file: TreeFile, node: Node)] = []
  public var dashboards: [Dashboard] = []
}

/// The configuration of Prometheus, Alertmanager and Grafana, by what is in the files.
public enum Monitoring: Collector {
  public static func collect(in context: AuditContext) -> MonitoringFiles {
    var result = MonitoringFiles()
    // Rules may be called `.rules`, as in Prometheus' own documents.
    let others = context.tree.files.filter { $0.language == nil && $0.name.hasSuffix(".rules") }
    for file in context.tree.files(in: .yaml) + others {
      let words = Set(file.path.lowercased().split { "/.-_".contains($0) }.map(String.init))
      guard
        words.isDisjoint(with: [
          "node_modules", "test", "tests", "testdata", "fixtures", "vendor", "examples", "example",
        ]),
        let text = context.tree.text(file)
      else { continue }
      let isRules = text.hasLine(beginning: "groups:") && text.contains("expr:")
      let isObject = text.hasLine(beginning: "kind: PrometheusRule") && !text.contains("{{-")
      let isPrometheus = text.hasLine(beginning: "scrape_configs:") || text.hasLine(beginning: "rule_files:")
      let isAlertmanager = text.hasLine(beginning: "receivers:") && text.hasLine(beginning: "route:")
      guard isRules || isObject || isPrometheus || isAlertmanager, let yaml = context.yaml(file) else { continue }
      for document in yaml.documents {
        if isPrometheus, document["scrape_configs"] != nil || document["rule_files"] != nil {
          result.prometheus.append((file, document))
        } else if isAlertmanager, document["receivers"]?.elements != nil, document["route"] != nil {
          result.alertmanagers.append((file, document))
        } else if let groups = (isObject ? document["spec"]?["groups"] : document["groups"])?.elements {
          let rules = groups.flatMap { $0["rules"]?.elements ?? [] }.compactMap { rule -> AlertRuleFile.Rule? in
            guard let name = rule["alert"] ?? rule["record"], let expression = rule["expr"] else { return nil }
            return AlertRuleFile.Rule(
              name: name.text ?? "", isAlert: rule["alert"] != nil, expression: expression,
              place: TreePlace(file.path, name.range.start))
          }
          // Loki's rules look the same, but for the language of their queries.
          if words.contains(where: { $0.hasPrefix("loki") })
            || rules.contains(where: { LogQL.isQuery($0.expression.text ?? "") })
          {
            continue
          }
          if !rules.isEmpty { result.rules.append(AlertRuleFile(file: file, rules: rules, isObject: isObject)) }
        }
      }
    }
    for file in context.tree.files(in: .json) {
      guard let text = context.tree.text(file), text.contains("\"panels\""), text.contains("\"expr\""),
        let node = context.jsonNode(file)
      else { continue }
      var expressions: [Node] = []
      gather(node, &expressions, depth: 0)
      if !expressions.isEmpty { result.dashboards.append(Dashboard(file: file, expressions: expressions)) }
    }
    return result
  }

  private static func gather(_ node: Node, _ found: inout [Node], depth: Int) {
    guard depth < 40 else { return }
    for entry in node.entries ?? [] {
      // Loki's and Tempo's queries have a data source of their own kind.
      if entry.name == "expr", entry.value.text != nil {
        found.append(entry.value)
      } else if !((entry.value["datasource"]?["type"]?.text).map { $0 != "prometheus" } ?? false) {
        gather(entry.value, &found, depth: depth + 1)
      }
    }
    for element in node.elements ?? []
    where !((element["datasource"]?["type"]?.text).map { $0 != "prometheus" && !$0.hasPrefix("$") } ?? false) {
      gather(element, &found, depth: depth + 1)
    }
  }
}

/// Loki's language of queries (https://grafana.com/docs/loki/latest/query).
enum LogQL {
  /// Whether an expression asks for lines of logs: it filters or parses them, or counts what a selector without a name gives.
  static func isQuery(_ expression: String) -> Bool {
    if expression.contains("|=") || expression.contains("|~") { return true }
    let dense = String(expression.filter { !$0.isWhitespace })
    return dense.contains("}|")
      || ["count_over_time({", "bytes_over_time({", "bytes_rate({", "(rate({"].contains(where: dense.contains)
      || dense.hasPrefix("rate({")
  }
}

/// The names of series in an expression of PromQL; no parser, only its tokens.
enum PromQL {
  private static let words: Set<String> = [
    "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "and", "or", "unless", "inf",
    "nan", "start", "end",
    "atan2",
  ]
  private static let lists: Set<String> = ["by", "without", "on", "ignoring", "group_left", "group_right"]

  static func metrics(in expression: String) -> [String] {
    let bytes = Array(expression.utf8)
    var result: [String] = []
    var index = 0
    func isName(_ byte: UInt8, first: Bool) -> Bool {
      (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x5F || byte == 0x3A
        || !first && byte >= 0x30 && byte <= 0x39
    }
    func skip(to close: UInt8) {
      while index < bytes.count, bytes[index] != close {
        if bytes[index] == 0x22 || bytes[index] == 0x27 { string(bytes[index]) } else { index += 1 }
      }
      index += 1
    }
    func string(_ quote: UInt8) {
      index += 1
      while index < bytes.count, bytes[index] != quote { index += bytes[index] == 0x5C ? 2 : 1 }
      index += 1
    }
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "{"): skip(to: UInt8(ascii: "}"))
      case UInt8(ascii: "["): skip(to: UInt8(ascii: "]"))
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): string(byte)
      case UInt8(ascii: "#"): while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      case UInt8(ascii: "$"):
        // Grafana's variables: `$name`, `${name}`.
        index += 1
        if index < bytes.count, bytes[index] == UInt8(ascii: "{") {
          skip(to: UInt8(ascii: "}"))
        } else {
          while index < bytes.count, isName(bytes[index], first: false) { index += 1 }
        }
      case 0x30...0x39:
        while index < bytes.count, isName(bytes[index], first: false) || bytes[index] == UInt8(ascii: ".") {
          index += 1
        }
      case _ where isName(byte, first: true):
        let start = index
        while index < bytes.count, isName(bytes[index], first: false) { index += 1 }
        // A name that a variable goes on is not known.
        if index < bytes.count, bytes[index] == UInt8(ascii: "$") || start > 0 && bytes[start - 1] == UInt8(ascii: "}")
        {
          continue
        }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        var next = index
        while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x0A || bytes[next] == 0x09 { next += 1 }
        let opens = next < bytes.count && bytes[next] == UInt8(ascii: "(")
        if lists.contains(name.lowercased()), opens {
          index = next
          skip(to: UInt8(ascii: ")"))
        } else if !opens, !words.contains(name.lowercased()),
          !["sum", "avg", "max", "min", "count", "topk"].contains(name)
        {
          result.append(name)
        }
      default: index += 1
      }
    }
    return result
  }
}
