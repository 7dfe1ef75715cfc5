/// Programs that must be on the machine.
enum Installed {
  static let recogniser = Recogniser(
    "installed", probes: ["command"],
    manual: """
      "Docker and Docker Compose installed", "Certbot is installed", "Fail2ban active": each program that the line names tells its version, or its
      unit is active, on the machine where the check runs. Only programs whose way of telling that is known are taken.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Docker и Docker Compose установлены",
        #"""
        command: docker --version
        expect: { exit: 0 }
        """#,
        #"""
        command: docker compose version
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Fail2ban is active",
        #"""
        command: systemctl is-active fail2ban
        expect: { exit: 0 }
        """#),
    ],
    lookalikes: ["- [ ] Docker images updated", "- [ ] Analytics installed", "- [ ] Install the app on a phone"]
  ) { line, _ in
    guard [.task, .box, .bullet, .step, .row].contains(line.kind), line.says(state) else { return nil }
    let blocks = programs.filter { $0.name.isFound(in: line.text) }.map {
      "command: \($0.command)\nexpect: { exit: 0 }"
    }
    return blocks.isEmpty
      ? nil
      : Draft(
        blocks: blocks, confidence: .medium, reason: "asked of the machine where the check runs: let that be the server"
      )
  }

  private static let state = Phrase(#"\b(installed|is active|active|enabled)\b|установлен|активен|^установить"#)
  private static let programs: [(name: Phrase, command: String)] = [
    (Phrase(#"\bdocker\b(?! compose| images?| swarm)"#), "docker --version"),
    (Phrase(#"docker[ -]compose"#), "docker compose version"), (Phrase(#"fail2ban"#), "systemctl is-active fail2ban"),
    (Phrase(#"certbot"#), "certbot --version"), (Phrase(#"\bnginx\b"#), "nginx -v"),
    (Phrase(#"\bpm2\b"#), "pm2 --version"),
  ]
}
