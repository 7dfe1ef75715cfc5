/// The keys that every binding may have beside its probe, for the planner and for the JSON Schema.
public enum BindingKeys {
  public static let parameters: [ProbeDescriptor.Parameter] = [
    .init("expect", .map(.any), "What must hold of the facts: a mapping from a fact's path to a matcher."),
    .init("jq", .either([.string, .list(.string)]), "jq expressions over the facts; each must give `true`."),
    .init(
      "allowed", .map(.any), "The positive control of a denial: the same attempt by someone who may, with its `expect`."
    ),
    .init("no_control", .string, "Why this denial needs no positive control; printed with the result."),
    .init("needs", .list(.string), "Ids of controls that must have passed first."),
    .init(
      "when",
      .object([
        .init("environment", .list(.string), "Only in these environments."),
        .init("set", .list(.string), "Only where these names have a value that is not empty."),
        .init("unset", .list(.string), "Only where these names have none."),
        .init("equals", .map(.any), "Only where each name has this value."),
      ]), "Skips the control, with the reason printed, where it does not apply."),
    .init("severity", .choice(["blocking", "advisory"]), "An advisory control is reported and never blocks."),
    .init("retry", .integer, "How many attempts at the most; every one is recorded."),
    .init("within", .duration, "Attempts go on until this time has passed."),
    .init("every", .duration, "The time between two attempts (default 500ms)."),
    .init("timeout", .duration, "How long one attempt may take (default 10s)."),
    .init(
      "effect", .choice(["reads", "writes", "disrupts"]), "Says that this binding does more than its probe does alone."),
    .init(
      "cases", .either([.choice(["table"]), .list(.map(.any))]),
      "Runs the binding once a row; each column is a `${name}`. `table` takes the Markdown table in the item."),
    .init("tags", .list(.string), "Names for --only and --skip."),
    .init("mend", .string, "What to do when it fails, in the author's words."),
    .init("attest", .string, "The role whose signed word decides this line; instead of a probe."),
  ]
  static let names = parameters.map(\.name)
}
