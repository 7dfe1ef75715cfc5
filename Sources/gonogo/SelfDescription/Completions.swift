import GonogoCore
import GonogoReport

/// Shell completions, from the table of commands.
enum Completions {
  static let shells = ["bash", "zsh", "fish"]

  static func render(_ shell: String, _ commands: [Command]) -> String {
    switch shell {
    case "bash": bash(commands)
    case "zsh": zsh(commands)
    default: fish(commands)
    }
  }

  /// The values that an option's argument may have; `nil` where it is a file or free text.
  private static func choices(_ option: OptionSpec) -> [String]? {
    if !option.choices.isEmpty { return option.choices }
    if option.long == "output", option.repeatable { return ReportFormats.all.map { $0.name } }
    return option.long == "allow" ? ["writes", "disrupts"] : nil
  }

  private static func operands(_ command: Command) -> [String]? {
    switch command.name {
    case "explain": Topic.all.map(\.name)
    case "completions": shells
    case "schema": ["binding", "front-matter"]
    case "help": nil
    default: nil
    }
  }

  private static func bash(_ commands: [Command]) -> String {
    var text = """
      # bash completion for gonogo; put it into /etc/bash_completion.d/, or: source <(gonogo completions bash)
      _gonogo() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
        COMPREPLY=()
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " ")) help version" -- "$word"))
          return
        fi
        case "$command $before" in

      """
    for command in commands {
      for option in command.options {
        guard let choices = choices(option) else { continue }
        let heads = ["--\(option.long)"] + (option.short.map { ["-\($0)"] } ?? [])
        text += "    \(heads.map { "\"\(command.name) \($0)\"" }.joined(separator: "|"))) "
        text += "COMPREPLY=($(compgen -W \"\(choices.joined(separator: " "))\" -- \"$word\")); return ;;\n"
      }
    }
    text += "  esac\n  case \"$command\" in\n"
    for command in commands {
      let options = command.options.map { "--\($0.long)" }.joined(separator: " ")
      text +=
        "    \(command.name))\n      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"\(options)\" -- \"$word\"))\n"
      if let operands = operands(command) {
        text += "      else COMPREPLY=($(compgen -W \"\(operands.joined(separator: " "))\" -- \"$word\"))\n"
      }
      text += "      fi ;;\n"
    }
    return text + "  esac\n}\ncomplete -o bashdefault -o default -F _gonogo gonogo\n"
  }

  private static func zsh(_ commands: [Command]) -> String {
    func quote(_ text: String) -> String {
      text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(
        ":", with: "\\:")
    }
    var text = "#compdef gonogo\n# zsh completion for gonogo; put it as _gonogo into a folder of $fpath\n_gonogo() {\n"
    text += "  local -a commands\n  commands=(\n"
    for command in commands { text += "    '\(command.name):\(quote(command.summary))'\n" }
    text += "  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  case $words[2] in\n"
    for command in commands {
      text += "    \(command.name))\n      _arguments"
      for option in command.options {
        let tail =
          option.value.map { ":\(quote($0)):" + (choices(option).map { "(\($0.joined(separator: " ")))" } ?? "_files") }
          ?? ""
        let star = option.repeatable ? "*" : ""
        text += " \\\n        '\(star)--\(option.long)[\(quote(option.help))]\(tail)'"
      }
      let operands = operands(command).map { "(\($0.joined(separator: " ")))" } ?? "_files"
      text += " \\\n        '*:operand:\(operands)' ;;\n"
    }
    return text + "  esac\n}\n_gonogo \"$@\"\n"
  }

  private static func fish(_ commands: [Command]) -> String {
    func quote(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") }
    var text = "# fish completion for gonogo; put it into ~/.config/fish/completions/gonogo.fish\n"
    for command in commands {
      text += "complete -c gonogo -f -n __fish_use_subcommand -a \(command.name) -d '\(quote(command.summary))'\n"
      let seen = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options {
        let short = option.short.map { " -s \($0)" } ?? ""
        let value =
          option.value == nil ? "" : choices(option).map { " -x -a '\($0.joined(separator: " "))'" } ?? " -r"
        text += "complete -c gonogo \(seen) -l \(option.long)\(short)\(value) -d '\(quote(option.help))'\n"
      }
      if let operands = operands(command) {
        text += "complete -c gonogo -f \(seen) -a '\(operands.joined(separator: " "))'\n"
      } else if command.arity.upperBound > 0 {
        text += "complete -c gonogo -F \(seen)\n"
      }
    }
    return text
  }
}
