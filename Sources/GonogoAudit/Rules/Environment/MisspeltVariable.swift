public import GonogoCore

/// A declared variable that nothing reads, beside a near name that code reads and nothing declares.
public struct MisspeltVariable: AuditRule {
  public static let manual = RuleManual(
    id: "env-misspelt", severity: .high, family: "environment",
    title: "A declared variable that no code reads, whose near name some code does",
    what: """
      Joins the variables that are declared and used by nothing with those that code reads and that nothing declares: two names of \
      which one looks like the other written wrongly (two letters in a long name, one in a shorter, the same words in another \
      order, a word more). Names that differ by a number, or by a word that makes another variable of it (TEST, PUBLIC, CLIENT), \
      pass; so do several that are all near the same one.
      """,
    why: "the value is set, and the code does not see it: it runs on its default, or not at all",
    mend: "write one name in both places",
    falsifies: "every variable that the code needs is set")

  public init() {}

  struct Pair {
    let declaration: EnvironmentDeclaration
    let read: EnvironmentRead
  }

  /// Found once for this rule and that of unused variables.
  enum Pairs: Collector {
    struct Facts: Sendable {
      var pairs: [Pair] = []
      /// So many names look alike that not all of them were compared.
      var isCut = false
    }

    static func collect(in context: AuditContext) -> Facts {
      MisspeltVariable.pairs(context.facts(EnvironmentVariables.self))
    }
  }

  private static func pairs(_ facts: EnvironmentFacts) -> Pairs.Facts {
    // What a binding of a checklist names is declared as well.
    let undeclared = facts.variables.filter {
      $0.declarations.isEmpty && $0.bindings.isEmpty && !$0.deployedReads.isEmpty && $0.name.utf8.count >= 5
    }
    // A near name that is read outweighs that the name could be put together.
    let unused = facts.variables.filter { !$0.isMentioned && $0.reads.isEmpty && $0.name.utf8.count >= 5 }
    var result = Pairs.Facts()
    var names = NearNames(undeclared.map(\.name))
    for variable in unused {
      let declared = variable.declarations.filter { declaration in
        [.example, .dotenv, .compose, .platform].contains(declaration.kind)
          && SourcePurpose.of(path: declaration.place.path) != .test
      }
      guard let first = declared.first else { continue }
      guard let near = names.near(to: variable.name) else {
        result.isCut = true
        break
      }
      guard near.count == 1, let read = undeclared[near[0]].deployedReads.first(where: { $0.how != "compose" }) else {
        continue
      }
      result.pairs.append(Pair(declaration: first, read: read))
    }
    // Several names beside one that is read are a family of their own, and none of them is that one written wrongly.
    let beside = Dictionary(grouping: result.pairs, by: \.read.name)
    result.pairs = result.pairs.filter { beside[$0.read.name]?.count == 1 }
    return result
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(Pairs.self)
    if facts.isCut {
      findings.couldNotLook(
        "so many variables look alike that not all of their names were compared", mend: "name a directory in the tree")
    }
    for pair in facts.pairs {
      findings.add(
        "\(pair.declaration.name) is declared and no code reads it; the code reads \(pair.read.name)",
        at: pair.declaration.place, subject: pair.declaration.name,
        related: [.init(pair.read.place, "\(pair.read.name) is read here")])
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".env.example:1:1", ".env.example:2:1", ".env.example:4:1",
      in: [
        ".env.example": "WEBHOOK_SECERT=\nKOMMO_REDIRECT_URI=\nDATABASE_URL=\nPAGE_SIZ=50\n",
        "app/page.py": "import os\nsize = int(os.getenv('PAGE_SIZE', '50'))\n",
        "src/a.ts":
          "const a = process.env.WEBHOOK_SECRET!\nconst b = process.env.KOMMO_OAUTH_REDIRECT_URI\nconst c = process.env.DATABASE_URL\n",
      ], "a letter, a word"),
    .silent(
      "another variable, a number, both used",
      [
        ".env.example":
          "S3_BUCKET_1=\nAPI_SERVER_HOST=\nTEST_DATABASE_NAME=\nMAIL_USER=\nMAIL_USERS=\nACME_ORDERS_API_ROOT=\nACME_STOCK_API_ROOT=\n",
        "src/a.ts": """
        const a = process.env.S3_BUCKET_2! + process.env.API_SERVER_PORT! + process.env.DATABASE_NAME!
        const b = process.env.MAIL_USER + process.env.MAIL_USERS + process.env.ACME_API_ROOT!
        """,
      ]),
  ]
}
