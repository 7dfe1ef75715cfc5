public import GonogoCore

/// What the proof found.
public struct IsolationResult: Sendable {
  public struct Leak: Sendable {
    public let table: String
    /// With its schema, as the migrations' map names it.
    var object = ""
    public let command: String
    public let principal: String
    public let role: String
    /// The first way that worked.
    public let kind: String
    /// Every way that worked.
    public var kinds: [String]
    /// A psql script that shows it from scratch, and rolls back.
    public let transcript: String
    /// The policies that let it pass; empty where none stands in the way.
    public let policies: [String]
    public let mend: String
    /// What else opens with what was gained, `orders SELECT`.
    public var gains: [String] = []
    /// Where the policies, or the table that has none, stand in the migrations: `file:line`.
    public var places: [String] = []

    public var json: JSON {
      var members: [String: JSON] = [
        "table": .string(table), "command": .string(command), "principal": .string(principal), "role": .string(role),
        "kind": .string(kind), "kinds": JSON(kinds), "transcript": .string(transcript), "policies": JSON(policies),
        "mend": .string(mend),
      ]
      if !places.isEmpty { members["places"] = JSON(places) }
      if !gains.isEmpty { members["gains"] = JSON(gains) }
      return .object(members)
    }
  }

  public struct Remark: Sendable, Equatable {
    public let table: String
    public let reason: String
    public var json: JSON { ["table": .string(table), "reason": .string(reason)] }
  }

  /// Something that the catalogue alone shows.
  public struct Finding: Sendable {
    public let rule: String
    public let object: String
    public let message: String
    public let mend: String
    public let isAdvisory: Bool
    /// The table with its schema, and the policies that it is about: what the migrations' map is asked for.
    var subject = ""
    var policies: [String] = []
    /// Where they stand in the migrations: `file:line`.
    public var places: [String] = []
    /// What EXPLAIN says of a SELECT by the application's role.
    public var plan: [String] = []
    public var json: JSON {
      var members: [String: JSON] = [
        "rule": .string(rule), "object": .string(object), "message": .string(message), "mend": .string(mend),
        "advisory": .bool(isAdvisory),
      ]
      if !places.isEmpty { members["places"] = JSON(places) }
      if !plan.isEmpty { members["plan"] = JSON(plan) }
      return .object(members)
    }
  }

  public var tables = 0
  /// Tables on which row security is switched on, which says nothing of what its policies let through.
  public var enabled: Int { enabledNames.count }
  public var proven = 0
  public var leaks: [Leak] = []
  public var unproven: [Remark] = []
  public var broken: [Remark] = []
  /// Tables that the application reaches, and of which nothing says whose their rows are.
  public var unjudged: [String] = []
  public var allowed: [Remark] = []
  public var findings: [Finding] = []
  var cells: [IsolationCell] = []
  public var attempts = 0
  public var controls = 0
  public var notes: [String] = []
  public var oracles: [Remark] = []
  public var functionsCalled = 0
  public var functionsLeftOut: [Remark] = []
  public var model: JSON = .null
  public var untouched: JSON = .null
  public var migrations: JSON = ["applied": 0, "failed": []]
  /// The tables, views and functions that were looked at, with their schema.
  var objects: Set<String> = []
  /// Those that hold no tenant's data.
  var sharedTables: Set<String> = []

  /// How the proof fares on the schema spoiled in one place at a time, where that was asked for.
  public var mutation: MutationReport?

  /// What linters of others say.
  public var beside: [BesideReport] = []

  /// Tables of which every cell is proven and none leaks.
  public var isolates: Int {
    let leaking = Set(leaks.map(\.table)).union(unproven.map(\.table)).union(broken.map(\.table))
    return Set(cells.map(\.table)).subtracting(leaking).intersection(provingNames).count
  }
  /// The tables that hold a tenant's data.
  var provingNames: Set<String> = []
  var enabledNames: Set<String> = []

  public var coverage: Double { tables == 0 ? 0 : (Double(proven) * 1000 / Double(tables)).rounded() / 10 }

  /// `table.command.principal: state`.
  public var matrix: JSON {
    var tables: [String: JSON] = [:]
    for cell in cells {
      var value: [String: JSON] = ["state": .string(cell.state.rawValue)]
      if !cell.kinds.isEmpty { value["kinds"] = JSON(cell.kinds) }
      if let reason = cell.reason { value["reason"] = .string(reason) }
      tables[cell.table] = (tables[cell.table] ?? [:]).setting([cell.command, cell.principal], .object(value))
    }
    return .object(tables)
  }

  public var facts: JSON {
    var members = ownFacts.objectValue ?? [:]
    if let mutation { members["mutation"] = mutation.json }
    if !beside.isEmpty { members["beside"] = .array(beside.map(\.json)) }
    return .object(members)
  }

  private var ownFacts: JSON {
    [
      "tables": JSON(tables), "enabled": JSON(enabled), "isolates": JSON(isolates), "proven": JSON(proven),
      "coverage": .number(coverage),
      "leaks": .array(leaks.map(\.json)), "unproven": .array(unproven.map(\.json)),
      "broken": .array(broken.map(\.json)), "allowed": .array(allowed.map(\.json)),
      "findings": .array(findings.map(\.json)), "matrix": matrix, "model": model, "notes": JSON(notes),
      "unjudged": JSON(unjudged),
      "oracles": .array(oracles.map(\.json)), "untouched": untouched,
      "functions": ["called": JSON(functionsCalled), "left_out": .array(functionsLeftOut.map(\.json))],
      "migrations": migrations, "attempts": JSON(attempts), "controls": JSON(controls),
    ]
  }

  public var witness: [String: Int] { ["tables": proven, "attempts": attempts, "controls": controls] }
}
