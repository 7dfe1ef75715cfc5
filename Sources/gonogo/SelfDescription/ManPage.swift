import GonogoCore
import GonogoReport

/// gonogo(1), in man(7) macros, from the table of commands.
enum ManPage {
  static func render(_ commands: [Command]) -> String {
    var text = """
      .TH GONOGO 1 "" "gonogo \(GonogoTool.version)" "User Commands"
      .SH NAME
      gonogo \\- a production checklist that checks itself
      .SH SYNOPSIS
      .B gonogo
      .I COMMAND
      [\\fIOPTIONS\\fR] [\\fIOPERANDS\\fR]
      .SH DESCRIPTION
      Gonogo reads a Markdown checklist whose lines are bound to probes of the real thing, looks at everything it asks, and
      answers GO, NO\\-GO or UNDECIDED, with evidence for each line.
      .SH COMMANDS

      """
    for command in commands {
      text += ".SS gonogo \(escape(command.name)) \(escape(command.operands))\n\(escape(command.summary)).\n"
      if !command.discussion.isEmpty {
        for paragraph in command.discussion.split(separator: "\n\n") { text += ".PP\n\(escape(String(paragraph)))\n" }
      }
      for option in command.options {
        let short = option.short.map { "\\-\($0), " } ?? ""
        let value = option.value.map { " \\fI\(escape($0))\\fR" } ?? ""
        text += ".TP\n\\fB\(short)\\-\\-\(escape(option.long))\\fR\(value)\n\(escape(option.help))\n"
        if let variable = option.variable { text += "Also by the variable \\fB\(variable)\\fR.\n" }
      }
      for (example, meaning) in command.examples { text += ".TP\n\\fB\(escape(example))\\fR\n\(escape(meaning))\n" }
    }
    text += ".SH EXIT STATUS\n"
    for (status, meaning) in [
      ("0", "GO"), ("1", "NO-GO: at least one blocking control failed"),
      ("2", "nothing was run: usage, document, configuration, empty selection"),
      ("3", "UNDECIDED: at least one blocking control could not be decided, none failed"),
    ] { text += ".TP\n\\fB\(status)\\fR\n\(escape(meaning))\n" }
    text += ".SH ENVIRONMENT\nA flag goes before its variable.\n"
    for (name, meaning) in environment(commands) { text += ".TP\n\\fB\(name)\\fR\n\(escape(meaning))\n" }
    text += """
      .SH FILES
      .TP
      \\fB.gonogo/evidence.sqlite3\\fR
      The evidence of every run, beside the repository's .git, else beside the document.
      .SH SEE ALSO
      \\fBgonogo explain\\fR \\fIWORD\\fR tells of every message, probe, matcher and format.

      """
    return text
  }

  /// Every variable that the program reads.
  static func environment(_ commands: [Command]) -> [(String, String)] {
    var list: [(String, String)] = []
    for command in commands {
      for option in command.options {
        guard let variable = option.variable, !list.contains(where: { $0.0 == variable }) else { continue }
        list.append((variable, "The same as --\(option.long)."))
      }
    }
    return list + [
      ("NO_COLOR", "No colour, whatever the terminal (https://no-color.org)."),
      ("FORCE_COLOR, CLICOLOR_FORCE", "Colour, even where the output is no terminal."),
      ("COLUMNS", "The width of the terminal."), ("TMPDIR", "Where temporary files go."),
      ("GITHUB_STEP_SUMMARY", "With --output github, the file that the summary is appended to."),
    ]
  }

  private static func escape(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }.joined(separator: "\n")
  }
}
