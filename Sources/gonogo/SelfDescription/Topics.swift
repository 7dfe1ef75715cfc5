import GonogoAudit
import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoReport

/// Everything that `gonogo explain` knows.
struct Topic: Sendable {
  let name: String
  let kind: String
  let summary: String
  /// Markdown.
  let text: String

  static let all: [Topic] =
    codes + errors + skips
    + BuiltinProbes.all.map { type in
      Topic(
        name: type.descriptor.name, kind: "probe", summary: type.descriptor.summary, text: ProbeManual.markdown(type))
    } + rules + formats + matchers + words + exits + ticks + keys

  /// Every meaning of a word: `when` is a key, and the reason of a skip.
  static func named(_ name: String) -> [Topic] {
    let exact = all.filter { $0.name == name }
    return exact.isEmpty ? all.filter { $0.name.lowercased() == name.lowercased() } : exact
  }

  private static let rules: [Topic] = (BuiltinRules.all.map { $0.manual } + BuiltinRules.others).map {
    Topic(name: $0.id, kind: "rule of the audit", summary: $0.title, text: $0.markdown)
  }

  private static let codes: [Topic] = (DiagnosticCode.document + DiagnosticCode.reading).map {
    Topic(name: $0.id, kind: "problem of a document", summary: $0.summary, text: $0.explanation)
  }

  private static let errors: [Topic] = ProbeError.Kind.allCases.map { kind in
    let (summary, text) = explanation(kind)
    return Topic(name: kind.rawValue, kind: "why a line is errored", summary: summary, text: text)
  }

  private static func explanation(_ kind: ProbeError.Kind) -> (String, String) {
    switch kind {
    case .unreachable:
      (
        "nothing answered where the probe looked",
        "The name did not resolve, the connection was refused or the host could not be reached. The system may be down, or the target of the environment may be wrong; Gonogo cannot tell which, and so the line is undecided, not failed."
      )
    case .denied:
      (
        "the probe was not let in",
        "A password, a certificate, a role or a rule kept it out. Give it an identity that may look, with as little more as possible."
      )
    case .timedOut:
      (
        "no answer came in time",
        "The message says in which phase. `timeout:` under the binding gives one attempt more time; `within:` and `retry:` give it more attempts, each recorded."
      )
    case .tls:
      (
        "TLS could not be set up",
        "The certificate did not verify, or the peers share no protocol. The probe `tls` looks at the certificate itself and reports what is wrong with it as facts."
      )
    case .malformed:
      (
        "the reply was cut short or was of another protocol",
        "Something answered, but not in the protocol that was asked, or it stopped in the middle."
      )
    case .tooLarge:
      (
        "the reply was larger than the probe takes",
        "Replies are bounded so that no peer can fill the memory. The probe's manual page says how to raise the bound."
      )
    case .missing:
      (
        "what should be looked at is not there",
        "A file, a folder or an object that the binding names does not exist. Where its absence is what you expect, expect that fact."
      )
    case .toolMissing:
      (
        "a program that the probe runs is not installed",
        "`gonogo doctor` lists what is missing and how to install it. A missing tool is never a pass."
      )
    case .vacuous:
      (
        "what was expected holds of nothing",
        "Law 1: no vacuous pass. Zero rows, zero files, zero requests prove nothing, so they are never green. Let the probe look at something: for a query that expects no rows, `examined:` says how many were looked at."
      )
    case .control:
      (
        "the positive control did not succeed",
        "Law 2: every denial has a control. The refusal was not even tried, because the same attempt by someone who may did not succeed; a refusal would have proven nothing."
      )
    case .configuration:
      (
        "the binding cannot be carried out here",
        "A variable is not set, a capture found nothing, an expression failed on these facts. The message names it."
      )
    case .interrupted:
      ("the run was stopped while this was being looked at", "What had finished is kept. Run it again.")
    case .unexpected:
      (
        "something that should not happen",
        "A fault of Gonogo itself; please report it with the command that repeats it."
      )
    }
  }

  private static let skips: [Topic] = [
    (
      "unbound", "no binding stands under the line",
      "Nothing looks at it, so it is undecided whatever its tick says. Bind it with a fenced `yaml gonogo` block, or mark it `attest: ROLE`."
    ),
    (
      "awaits-word", "the line waits for a person's word",
      "`attest: ROLE` says that no probe can see this, and whose word decides it. Until it is given the line is undecided."
    ),
    (
      "when", "the line's own `when:` does not hold",
      "It does not apply here, and the reason is printed. This is the only skip that does not hold back a GO."
    ),
    (
      "blocked", "a line that it needs did not pass",
      "`needs:` orders lines; what depends on a line that did not pass is not looked at, and names it."
    ),
    (
      "not-allowed", "it does more than read, and was not allowed to",
      "A probe that writes or disturbs runs only with `--allow writes` or `--allow disrupts`, and on a protected environment only when that is named with `--environment`."
    ),
  ].map { Topic(name: $0.0, kind: "why a line is skipped", summary: $0.1, text: $0.2) }

  private static let formats: [Topic] = ReportFormats.all.map {
    Topic(
      name: $0.name, kind: "report format", summary: $0.summary,
      text: "`gonogo check FILE --output \($0.name)` or `--output \($0.name)=PATH`.")
  }

  private static let matchers: [Topic] = [
    (
      "equals", "the value itself",
      "`expect: { status: 200 }` is short for `{ status: { equals: 200 } }`. Write it out where the text looks like another matcher: `{ equals: \">= 1\" }`."
    ),
    (
      "comparison", "more, less, at least, at most",
      "`\">= 1\"`, `\"< 500ms\"`, `\"<= 10MiB\"`, `\"!= 0\"`. Durations compare with milliseconds, sizes with bytes: those are the units of all facts."
    ),
    ("exists", "the fact is there", "`exists` and `absent` stand alone: `expect: { headers.server: absent }`."),
    ("absent", "the fact is not there", "`exists` and `absent` stand alone: `expect: { headers.server: absent }`."),
    ("length", "how many elements, members or characters", "`{ length: 3 }`, `{ length: \">= 1\" }`."),
    (
      "matches", "a regular expression",
      "`{ matches: '/^v\\d+/' }`, `/…/i` ignores case. Perl-compatible (PCRE2), with a bound on its steps."
    ),
    ("contains", "a part", "Of a text a text, of a list an element, of an object a member's name or some members."),
    ("starts_with", "the beginning of a text", "`{ starts_with: \"https://\" }`."),
    ("ends_with", "the end of a text", "`{ ends_with: .example.com }`."),
    (
      "type", "what kind of value it is",
      "`{ type: integer }`: string, number, integer, boolean, array, object or null."
    ),
    ("one_of", "one of several values", "`{ one_of: [200, 204] }`."),
    ("exactly", "these elements and no other, in any order", "`{ exactly: [a, b] }`; of an object, its member names."),
    ("includes", "at least these elements, in any order", "`{ includes: [a, b] }`; of an object, its member names."),
    (
      "each", "every element, and at least one",
      "`{ each: { rls: true } }`; of an empty list it is *errored*, because it would prove nothing. `rows[*].rls: true` is the same."
    ),
    ("some", "at least one element", "`{ some: { name: admin } }`."),
    ("not", "not this", "`{ not: { contains: password } }`. A fact that is absent is a mismatch, not a success."),
    ("all_of", "all of several matchers", "`{ all_of: [{ starts_with: a }, { ends_with: z }] }`."),
    ("any_of", "one of several matchers", "`{ any_of: [absent, { length: 0 }] }`."),
    (
      "jq", "any expression",
      "`jq: '.rows | map(.n) | add > 10'`. Its input is the facts; it must give `true`. `env`, `$ENV` and `input` are taken away."
    ),
  ].map { Topic(name: $0.0, kind: "matcher", summary: $0.1, text: $0.2) }

  private static let words: [Topic] = [
    (
      "exit-status", "how gonogo ends",
      "0 GO. 1 NO-GO: at least one blocking control failed. 2 nothing was run: usage, document, configuration, empty selection. 3 UNDECIDED: at least one blocking control could not be decided, and none failed."
    ),
    (
      "passed", "what was expected was seen, with a witness above zero",
      "A status begins as errored; only an observed expectation makes it passed."
    ),
    (
      "failed", "it is bad: something else than expected was found",
      "The message says what was expected, what was found, and how to see it again."
    ),
    (
      "errored", "it could not be looked at",
      "Unreachable, denied, timed out, nothing to look at, a missing tool. Undecided, never passed and never failed."
    ),
    (
      "skipped", "it was not looked at, and the reason is told",
      "Only a line's own `when:` excuses it; all other reasons leave the verdict undecided."
    ),
    (
      "witness", "the counts that show that something was really exercised",
      "Rows examined, requests answered, files matched. A pass needs every one of them above zero."
    ),
    (
      "evidence", "the canonical JSON of one result, under its SHA-256",
      "RFC 8785. `gonogo show` prints it, `gonogo verify` tells whether it is as it was written."
    ),
    (
      "control", "one line of the checklist",
      "A task item, or a list item with a binding: something that must be true before go-live."
    ),
    (
      "binding", "the fenced `yaml gonogo` block under a control",
      "It names one probe and what must hold of what it sees."
    ),
    (
      "principal", "an identity that a probe acts as",
      "Declared under `principals:` in the front matter: a signed-in user, an anonymous caller, a database role."
    ),
    (
      "effect", "what a probe does to what it looks at",
      "`reads`, `writes` or `disrupts`. Anything but reading needs `--allow`."
    ),
  ].map { Topic(name: $0.0, kind: "word", summary: $0.1, text: $0.2) }

  /// By their words and by their numbers.
  private static let exits: [Topic] = [
    (
      ExitStatus.go, "go", "GO: every blocking control passed, or does not apply by its own `when:`",
      "At least one passed: a run that proved nothing is no GO."
    ),
    (
      ExitStatus.noGo, "no-go", "NO-GO: at least one blocking control failed", "The last line of the report names them."
    ),
    (
      ExitStatus.notRun, "not-run", "nothing was run: usage, document, configuration, empty selection",
      "The message on standard error says which, with line and column where it is the document."
    ),
    (
      ExitStatus.undecided, "undecided",
      "UNDECIDED: at least one blocking control could not be decided, and none failed",
      "It errored, waits for a person's word, is unbound, was blocked or was not allowed; or no blocking control passed at all; or a GO could not be kept or told."
    ),
  ].flatMap { status, word, summary, text in
    [word, String(status)].map { Topic(name: $0, kind: "exit status \(status)", summary: summary, text: text) }
  }

  private static let ticks: [Topic] = [
    (
      ControlResult.TickTruth.tickedAndFalse, "the box is ticked, and the line failed",
      "The lie that every report lists first."
    ),
    (.tickedAndNotProven, "the box is ticked, and nothing proves it", "The line errored, waits, or is unbound."),
    (
      .trueAndNotTicked, "the line passed, and its box is empty",
      "`gonogo check FILE --write` sets the boxes to the truth."
    ),
  ].map { Topic(name: $0.0.rawValue, kind: "what a tick is worth", summary: $0.1, text: $0.2) }

  private static let keys: [Topic] =
    BindingKeys.parameters.map {
      Topic(name: $0.name, kind: "key of a binding", summary: $0.summary, text: "See `Documentation/Format.md`.")
    }
    + FrontMatter.parameters.map {
      Topic(name: $0.name, kind: "key of the front matter", summary: $0.summary, text: "See `Documentation/Format.md`.")
    }
    + [
      (Effect.reads, "it only looks, or writes in a transaction that is rolled back", "Always allowed."),
      (
        .writes, "it leaves something behind: a row, a message, a used one-time token",
        "Runs only with `--allow writes`."
      ),
      (
        .disrupts, "others may feel it: load, a signal, a restart",
        "Runs only with `--allow disrupts`, which includes writes."
      ),
    ].map { Topic(name: $0.0.rawValue, kind: "effect", summary: $0.1, text: $0.2) }
    + [
      Topic(
        name: "advisory", kind: "severity", summary: "reported, and never blocks",
        text: "`(optional)` or `(recommended)` in the line, or `severity: advisory` in its binding."),
      Topic(
        name: "blocking", kind: "severity", summary: "must be decided and good for a GO",
        text: "What every line is that is not advisory."),
    ]
}
