/// How the machine lets people in over SSH.
enum SSHServer {
  static let recogniser = Recogniser(
    "ssh-server", probes: ["command"],
    manual: """
      "Password authentication disabled", "root login disabled", "SSH keys only", "SSH port changed": what `sshd -T` says that the server's configuration comes to, on the machine
      where the check runs, as root.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Password authentication disabled",
        #"""
        command: sshd -T
        expect: { exit: 0 }
        jq: '[.lines[] | ascii_downcase] | any(.[]; . == "passwordauthentication no")'
        """#),
      Recogniser.Sample(
        "- [ ] SSH: root login disabled",
        #"""
        command: sshd -T
        expect: { exit: 0 }
        jq: '[.lines[] | ascii_downcase] | any(.[]; . == "permitrootlogin no")'
        """#),
      Recogniser.Sample(
        "- [ ] SSH key authentication configured",
        #"""
        command: sshd -T
        expect: { exit: 0 }
        jq: '[.lines[] | ascii_downcase] | any(.[]; . == "pubkeyauthentication yes")'
        """#),
      Recogniser.Sample(
        "- [ ] SSH access by keys only",
        #"""
        command: sshd -T
        expect: { exit: 0 }
        jq: '[.lines[] | ascii_downcase] | any(.[]; . == "pubkeyauthentication yes") and any(.[]; . == "passwordauthentication no")'
        """#),
      Recogniser.Sample(
        "- [ ] SSH port changed from the default",
        #"""
        command: sshd -T
        expect: { exit: 0 }
        jq: '[.lines[] | ascii_downcase] | (any(.[]; . == "port 22") | not) and any(.[]; startswith("port "))'
        """#),
    ],
    lookalikes: [
      "- [ ] Password authentication enabled for users", "- [ ] SSH access documented", "- [ ] Login page disabled",
      "- [ ] SSH keys rotated", "- [ ] Email/password authentication disabled in the app",
    ]
  ) { line, _ in
    guard line.isItem, !line.says(other) else { return nil }
    return claims.draft(line)
  }

  private static let other = Phrase(#"documented|rotat|e-?mail|supabase|firebase|reviewed|\busers?\b"#)
  private static func says(_ lines: String...) -> String {
    "command: sshd -T\nexpect: { exit: 0 }\njq: '[.lines[] | ascii_downcase] | \(lines.joined(separator: " and "))'"
  }
  private static let noPassword = #"any(.[]; . == "passwordauthentication no")"#
  private static let key = #"any(.[]; . == "pubkeyauthentication yes")"#
  private static let place = ", by what sshd makes of its files; as root, on the machine where the check runs"
  private static let claims: [Claim] = [
    Claim(
      #"\bkeys? (authentication )?only\b.*ssh|ssh\b.*\b(keys?|key-based)[ -](auth\w* )?only|ssh .*только по ключ"#,
      says(key, noPassword), confidence: .high, reason: "keys let in and passwords do not" + place),
    Claim(
      #"password (authentication|login|auth)( for ssh| over ssh)?( is)? (disabled|off|turned off)|(disable|turn off) (ssh )?password (authentication|login|auth)|ssh .*password\w* .*(disabled|off)|ssh.*парол\w* (отключ|запрещ)|(отключить|запретить) вход по паролю|PasswordAuthentication no"#,
      says(noPassword), confidence: .high, reason: "no password lets in" + place),
    Claim(
      #"root (ssh )?(login|access)( over ssh| via ssh)?( is)? (disabled|off|forbidden|denied|prohibited)|(disable|deny|forbid) (direct )?root (ssh )?(login|access)|ssh.*root.*(disabled|off|запрещ|отключ)|PermitRootLogin no|root[- ]?(логин|вход|доступ)\w* .*(отключ|запрещ)"#,
      says(#"any(.[]; . == "permitrootlogin no")"#), confidence: .high, reason: "root is not let in" + place),
    Claim(
      #"ssh[- ](public )?keys?([- ](based )?(authentication|auth|access))?( is| are)? (configured|enabled|set up|added|in use|required)|ssh.*вход по ключ"#,
      says(key), confidence: .medium, reason: "keys let in" + place),
    Claim(
      #"ssh port( is)? (changed|not 22|moved)|(change|move) (the )?(default )?ssh port|(non-?default|custom) ssh port|ssh.*порт.*(изменен|изменён)"#,
      says(#"(any(.[]; . == "port 22") | not)"#, #"any(.[]; startswith("port "))"#), confidence: .high,
      reason: "sshd does not listen on port 22" + place),
  ]
}
