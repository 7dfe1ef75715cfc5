/// What systemd and supervisord are asked of programs that must run.
enum UnitDrafts {
  private static let machine = "asked of the machine where the check runs: let that be the server"

  static func active(_ units: [String]) -> Draft {
    Draft(
      blocks: units.map { "command: systemctl is-active \($0)\nexpect: { exit: 0 }" }, confidence: .medium,
      reason: "the unit is active, " + machine)
  }

  static func enabled(_ units: [String]) -> Draft {
    Draft(
      blocks: units.map { "command: systemctl is-enabled \($0)\nexpect: { exit: 0 }" }, confidence: .medium,
      reason: "the unit starts with the machine, " + machine)
  }

  /// `is-enabled` of a masked unit, and of one that is not there, ends with another status than 0: what it prints tells.
  static func masked(_ units: [String]) -> Draft {
    Draft(
      blocks: units.map {
        "command: systemctl is-enabled \($0)\njq: '(.stdout + .stderr) | test(\"masked|not-found|No such file\")'"
      }, confidence: .high, reason: "the unit is masked or not there, " + machine)
  }

  static let supervised = Draft(
    "command: supervisorctl status\njq: '[.lines[] | select(. != \"\")] | length >= 1 and all(.[]; test(\"\\\\bRUNNING\\\\b\"))'",
    confidence: .medium, reason: "supervisord runs every program that it was given, " + machine)
}
