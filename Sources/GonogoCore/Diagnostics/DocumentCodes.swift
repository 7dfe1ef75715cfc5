/// The problems a document can have. Each is explained by `gonogo explain ID`.
extension DiagnosticCode {
  public static let badInterpolation = DiagnosticCode(
    "bad-interpolation", "a ${…} cannot be read",
    "`${name}` stands for a value: a target of the environment, a variable, a secret, a capture, a case's column, or an environment variable in capitals. Write `$${` for a literal `${`."
  )
  public static let unknownReference = DiagnosticCode(
    "unknown-reference", "a ${name} means nothing here",
    "The name is no target, variable, secret, capture or column. Environment variables are written in capitals or as `${env.NAME}`; their absence is found only when the line runs."
  )
  public static let wrongType = DiagnosticCode(
    "wrong-type", "a value has the wrong form",
    "The message says which form is needed; `gonogo explain PROBE` shows examples.")
  public static let outOfRange = DiagnosticCode(
    "out-of-range", "a value is outside its bounds", "The message says which values are possible.")
  public static let missingKey = DiagnosticCode(
    "missing-key", "something that is needed was not given", "`gonogo explain PROBE` lists what a probe needs.")
  public static let unknownKey = DiagnosticCode(
    "unknown-key", "a key that nothing reads",
    "A key that is silently ignored is how a check comes to check nothing, so Gonogo refuses it. A misspelt key is the usual reason."
  )
  public static let duplicateKey = DiagnosticCode(
    "duplicate-key", "a key that is written twice",
    "In most YAML readers the last one wins and the first disappears without a word. Gonogo refuses both and names both lines."
  )
  public static let emptyExpectation = DiagnosticCode(
    "empty-expectation", "nothing is expected, so nothing could fail",
    "Law 1: no vacuous pass. Every binding says what must hold, by `expect:` or `jq:`.")
  public static let badPath = DiagnosticCode(
    "bad-path", "a fact's path cannot be read", "Paths look like `rows[0].name`, `rows[*].id`, `headers[\"x.y\"]`.")
  public static let unknownFact = DiagnosticCode(
    "unknown-fact", "the probe reports no such fact", "`gonogo explain PROBE` lists its facts.")
  public static let badMatcher = DiagnosticCode(
    "bad-matcher", "a matcher cannot be read",
    "A matcher is a literal, a comparison such as `\">= 1\"` or `\"< 500ms\"`, `exists`, `absent`, or a mapping with equals, not, length, matches, contains, starts_with, ends_with, one_of, exactly, includes, type, each, some, all_of, any_of."
  )
  public static let badPattern = DiagnosticCode(
    "bad-pattern", "a regular expression cannot be read",
    "Patterns are Perl-compatible (PCRE2), with a bound on their steps.")
  public static let badQuery = DiagnosticCode(
    "bad-query", "a jq expression cannot be compiled",
    "It is jq 1.6; its input is the probe's facts, and it must give `true`.")
  public static let badVersion = DiagnosticCode(
    "bad-version", "the document is of another format version", "This gonogo reads `gonogo: 1`.")
  public static let unknownEnvironment = DiagnosticCode(
    "unknown-environment", "no environment has this name", "Environments are declared in the front matter.")
  public static let unknownProbe = DiagnosticCode(
    "unknown-probe", "no probe has this name", "`gonogo probes` lists all probes.")
  public static let missingProbe = DiagnosticCode(
    "missing-probe", "a binding names no probe", "A binding has one key that is a probe's name, or `attest: ROLE`.")
  public static let twoProbes = DiagnosticCode(
    "two-probes", "a binding has more than one probe", "Write one fenced block for each; all must pass.")
  public static let denialWithoutControl = DiagnosticCode(
    "denial-without-control", "a refusal is expected, and nothing shows that the door opens for anyone",
    "Law 2: every denial has a control. A 403 counts only if, in the same run, the same attempt by someone who may is accepted; else a broken token, a wrong path or a server that refuses everything would pass."
  )
  public static let emptyCases = DiagnosticCode(
    "empty-cases", "there is no case to run", "A binding with `cases` runs once for each; none would pass for nothing.")
  public static let unknownControl = DiagnosticCode(
    "unknown-control", "no control has this id", "`gonogo list FILE` prints every id.")
  public static let cycle = DiagnosticCode(
    "cycle", "controls need each other in a ring", "None of them could ever run. Take one `needs` out.")
  public static let emptySelection = DiagnosticCode(
    "empty-selection", "a selection matches nothing",
    "--only and --skip take ids, tags and globs; a name that matches nothing is an error, because a gate that runs nothing must not look green."
  )

  public static let unselectedNeed = DiagnosticCode(
    "unselected-need", "a line needs one that the selection leaves out",
    "Selecting a line does not run what it needs: --only runs what it names and nothing else. The line runs without; whether what it needs holds is then not known."
  )

  /// All of this file.
  public static let document: [DiagnosticCode] = [
    badInterpolation, unknownReference, wrongType, outOfRange, missingKey, unknownKey, duplicateKey, emptyExpectation,
    badPath, unknownFact, badMatcher, badPattern, badQuery, badVersion, unknownEnvironment, unknownProbe, missingProbe,
    twoProbes, denialWithoutControl, emptyCases, unknownControl, cycle, emptySelection,
    unselectedNeed,
  ]
}
