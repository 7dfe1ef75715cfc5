public import GonogoCore
import GonogoSystem

/// Holds an environment against a contract. No value ever leaves it.
public struct EnvProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "env",
    summary: "holds the process environment, a .env file or a Compose service against a contract",
    discussion: """
      Reads the variables of one source or several (the later one wins) and holds them against a contract: which must be
      set, which must not, what their values must look like. No value is in a fact or a message: those say what was expected
      and what kind of thing was found.

      Every problem is an element of `problems`, and the line passes only if there is none; `expect:` can ask for more, such
      as `malformed: { length: 0 }`, and can take nothing away.

      **Sources.** `process` is the environment of this process. A path is a `.env` file: comments, `export`, single quotes
      (literal), double quotes (`\\n`, `\\"`, `\\$`; over several lines), `${NAME}` from the lines above and the process.
      `{ compose: FILE, service: NAME }` is the environment that Compose gives to a service: `environment` over `env_file`,
      `${NAME:-default}` from the process and the `.env` beside the file. A reference to a name without value and default is
      a problem. Equal names and lines that cannot be read are the facts `duplicates` and `malformed`.

      **Empty** counts as not set, as does a value of blanks: a required variable needs more, a forbidden one may be there
      and empty.

      **Rules.** `NAME: required`, `optional`, `forbidden`, or a mapping. Each is about a value that is set; an optional
      variable that is not set is not looked at, and a contract for which nothing was looked at is no pass. `schemes` stands
      for `type: url`, `minimum` and `maximum` for `type: number`, `items` and `separator` for `type: list`, `future` for
      `type: instant`. `separator: json` reads a list as a JSON array. `secret: true` asks for 64 bits of entropy, unless
      `entropy` says otherwise, and looks for words that stand for a secret (`changeme`, `example`) anywhere in the value.

      **Entropy** is Shannon's, of the value's characters, times their number: an estimate that random values pass with ease
      (32 random bytes in base64 have some 210 bits) and words do not (`correct-horse` has 41).

      **Placeholders** are a problem in every variable that the contract looks at: `changeme`, `your-…`, `<…>`, `xxx…`,
      `todo`, `example`, `placeholder`, `dummy`; `allow_placeholder: true` lets one through.

      **In production** (`production: true`, or where it is not said, an environment called production, prod or live) three
      more things are problems: a key of a payment provider's test mode (`sk_test_`, `pk_test_`, `rk_test_`), a URL that
      leads to this machine (`allow_localhost: true` for a sidecar), and a `secret: true` that is a default in the file.
      """,
    parameters: [
      .init(
        "from",
        .either([
          .string,
          .object([
            .init("file", .string, "A `.env` file."),
            .init("optional", .boolean, "The file need not be there."),
            .init("compose", .string, "A Compose file."),
            .init("service", .string, "The service in it."),
          ]), .list(.any),
        ]), "The source: `process` (default), the path of a `.env` file, a mapping, or a list of these; the later wins."
      ),
      .init(
        "variables", .map(.either([.choice(["required", "optional", "forbidden"]), .object(ruleParameters)])),
        "A rule for each name. Names may be globs where the rule is optional or forbidden."),
      .init("required", .list(.string), "Names that must be set."),
      .init("optional", .list(.string), "Names that may be set; for `closed`."),
      .init("forbidden", .list(.string), "Names or globs that must be unset or empty."),
      .init("one_of", .list(.list(.string)), "Of each list, at least one must be set."),
      .init("exactly_one", .list(.list(.string)), "Of each list, one must be set and no other."),
      .init(
        "when",
        .list(
          .object([
            .init("set", .list(.string), "These are set."),
            .init("unset", .list(.string), "These are not set."),
            .init("equals", .map(.any), "Each has this value, or one of these."),
            .init(
              "then", .map(.any), required: true,
              "A contract: `required`, `optional`, `forbidden`, `variables`, `one_of`, `exactly_one`, `distinct`, `break_glass`."
            ),
          ])), "Contracts that hold only where others have a value."),
      .init(
        "distinct", .either([.choice(["secrets"]), .list(.string)]),
        "No two of these may be equal; `secrets` are all that the contract names and that are secret or are called so."),
      .init(
        "break_glass",
        .list(
          .object([
            .init("flag", .string, required: true, "The variable that opens the emergency exit."),
            .init("reason", .string, required: true, "The variable that says why."),
            .init("expires_at", .string, required: true, "The variable that says until when."),
          ])), "Groups of which all are set (true, a reason, an instant in the future) or none."),
      .init("closed", .boolean, "A file may set no variable that the contract does not name."),
      .init("production", .boolean, "Judge as in production (default: the environment's name says so)."),
    ],
    facts: [
      .init("problems", "array", "What is wrong: `name`, `rule`, `message`, `source`, `line`; by name."),
      .init("variables.NAME.set", "boolean", "It is there, empty or not."),
      .init("variables.NAME.empty", "boolean", "Its value is empty or blank."),
      .init("variables.NAME.length", "integer", "The characters of its value."),
      .init("variables.NAME.entropy_bits", "integer", "The estimated entropy of its value."),
      .init("variables.NAME.placeholder", "boolean", "Its value stands for one that is yet to come."),
      .init("variables.NAME.type_ok", "boolean", "Its value has the type of its rule; absent where that has none."),
      .init("variables.NAME.interpolated", "boolean", "Its value is put together from others."),
      .init("variables.NAME.falls_back", "string", "The variable that stands in for it."),
      .init("variables.NAME.source", "string", "Where it was set."),
      .init("variables.NAME.line", "integer or null", "The line there."),
      .init("set_count", "integer", "How many of the variables above have a value."),
      .init("missing", "array of strings", "Required names without a value."),
      .init("forbidden_set", "array of strings", "Forbidden names with a value."),
      .init("undeclared", "array of strings", "Names in a file that the contract does not name; with `closed`."),
      .init("fallbacks", "object", "For each name that falls back, the other."),
      .init("conditions", "array", "Each `when` in words, and whether it holds."),
      .init("production", "boolean", "The contract was judged as in production."),
      .init("sources", "array", "`name`, `kind` and number of `variables` of each source."),
      .init("duplicates", "array", "Names set twice in a file: `name`, `source`, `line`, `first_line`."),
      .init("malformed", "array", "Lines that cannot be read: `source`, `line`, `message`."),
    ],
    witness: [("variables", "rules of the contract for which there was something to look at")],
    failures: [
      ("a source is not there, or may not be read", "not-found or denied, with its path"),
      ("a source sets no variable", "vacuous"),
      ("a Compose file is no YAML, or has no such service", "malformed-reply or configuration, with line and column"),
      ("every rule is about an optional variable that is not set", "vacuous"),
    ],
    examples: [
      .init(
        "The operator's variables are set",
        """
        env:
          from: .env.production
          variables:
            ENVIRONMENT: { equals: production }
            DATABASE_URL: { schemes: [postgresql, postgresql+asyncpg] }
            ENCRYPTION_KEY: { secret: true, type: base64, bytes: 32 }
            CSRF_SECRET_KEY: { secret: true, length: ">= 32" }
            PAYSTACK_SECRET_KEY: { secret: true, starts_with: sk_live_ }
            CORS_ORIGINS: { type: list, separator: json, items: url, schemes: [https] }
          one_of: [[GROQ_API_KEY, OPENAI_API_KEY, CLAUDE_API_KEY, GOOGLE_API_KEY]]
          when:
            - { equals: { LLM_PROVIDER: groq }, then: { required: [GROQ_API_KEY] } }
          distinct: secrets
        """),
      .init(
        "Strict integrations: tenants bring their own credentials",
        """
        env:
          required: [SAAS_STRICT_INTEGRATIONS]
          when:
            - equals: { SAAS_STRICT_INTEGRATIONS: true }
              then:
                forbidden:
                  - SLACK_CHANNEL_ID
                  - JIRA_BASE_URL
                  - JIRA_EMAIL
                  - JIRA_API_TOKEN
                  - JIRA_PROJECT_KEY
                  - GITHUB_ACTIONS_*
                  - GITLAB_CI_*
                  - GENERIC_CI_WEBHOOK_*
        """),
      .init(
        "Break glass: all three, or none",
        """
        env:
          break_glass:
            - flag: FORECASTER_ALLOW_HOLT_WINTERS_FALLBACK
              reason: FORECASTER_BREAK_GLASS_REASON
              expires_at: FORECASTER_BREAK_GLASS_EXPIRES_AT
        """),
      .init(
        "A secret that may fall back, in a Compose file",
        """
        env:
          from: { compose: docker-compose.yml, service: core }
          variables:
            JWT_SECRET: { secret: true }
            OWNER_BOTLINK_SECRET: { secret: true, fallback: JWT_SECRET }
            TELEGRAM_SECRET_TOKEN: { required: false, secret: true }
        expect: { fallbacks: { length: 0 } }
        """),
    ])

  static let ruleParameters: [ProbeDescriptor.Parameter] = [
    .init("required", .boolean, "It must be set (default true)."),
    .init("forbidden", .boolean, "It must be unset or empty."),
    .init("type", .choice(ValueType.allCases.map(\.rawValue)), "The form of its value."),
    .init("schemes", .list(.string), "The schemes that a URL may have."),
    .init("bytes", .either([.integer, .string]), "How many bytes base64 or hex stands for: 32, \">= 32\"."),
    .init("minimum", .any, "The least number."),
    .init("maximum", .any, "The greatest number."),
    .init("separator", .string, "What stands between a list's elements (default `,`); `json` for a JSON array."),
    .init("items", .choice(ValueType.allCases.filter { $0 != .list }.map(\.rawValue)), "The type of each element."),
    .init("future", .boolean, "The instant must be still to come."),
    .init("matches", .pattern, "A pattern that it must match."),
    .init("one_of", .list(.string), "The values that it may have."),
    .init("starts_with", .string, "What it must begin with."),
    .init("equals", .string, "What it must be."),
    .init("length", .either([.integer, .string]), "Its number of characters: 32, \">= 32\"."),
    .init("entropy", .integer, "The least estimated entropy, in bits."),
    .init("secret", .boolean, "It is a secret: 64 bits of entropy, no placeholder inside it."),
    .init("fallback", .string, "It may be missing where this other one is set; that is reported."),
    .init("allow_placeholder", .boolean, "It may look like a placeholder."),
    .init("allow_localhost", .boolean, "It may be a URL of this machine, in production too."),
  ]

  let sources: [EnvSource]
  let contract: EnvContract
  let production: Bool?
  let range: SourceRange

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    sources = EnvSource.read(arguments)
    var contract = EnvContract(arguments, nested: false)
    contract.closed = arguments.boolean("closed") ?? false
    production = arguments.boolean("production")
    if contract.closed, sources.allSatisfy(\.isProcess) {
      arguments.fail(
        .wrongType, "`closed` is about files: a process has variables from everywhere",
        at: arguments.keyRange("closed"), mend: "add `from: .env`")
    }
    if contract.isEmpty, !EnvContract.keys.contains(where: arguments.has) {
      arguments.fail(
        .emptyExpectation, "the contract asks nothing, so it could never be broken",
        mend: "add `required: [NAME]` or `variables:`")
    } else if contract.isEmpty {
      throw InvalidArguments()
    }
    self.contract = contract
  }

  public var expectations: [Expectation] {
    [Expectation(.fact(FactPath(steps: [.key("problems")]), .length(.equals(.constant(0)))), at: range)]
  }

  public var references: [(name: String, range: SourceRange)] {
    (sources.flatMap(\.templates) + contract.templates).flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    let what = sources.map { $0.describe(in: scope) }.joined(separator: ", ")
    return ["read \(what); hold it against \(contract.count) rule\(contract.count == 1 ? "" : "s")"]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    var loaded: [EnvSource.Loaded] = []
    for source in sources { if let found = try source.load(in: context) { loaded.append(found) } }
    let asked = sources.map { $0.describe(in: context.scope) }.joined(separator: ", ")
    if loaded.isEmpty {
      throw ProbeError(
        .missing, "none of the sources is there", asked: asked, mend: "take `optional` from one of them")
    }
    var evaluation = EnvEvaluation(loaded, production: isProduction(context.scope), context: context)
    try evaluation.evaluate(contract)
    return Observation(
      facts: evaluation.json, witness: ["variables": evaluation.looked], asked: asked,
      repeatCommand: loaded.last.map { source in
        switch source.kind {
        case "process": "env | cut -d= -f1 | sort"
        default: "grep -noE '^ *(export +)?[A-Za-z_][A-Za-z0-9_]*' \(ShellQuote.quote(source.name))"
        }
      }, vacuityMend: "require at least one of the variables")
  }

  private func isProduction(_ scope: Scope) -> Bool {
    if let production { return production }
    guard let name = (try? scope.lookup("environment"))?.json.stringValue else { return false }
    return ["production", "prod", "live"].contains(name.lowercased())
  }
}
