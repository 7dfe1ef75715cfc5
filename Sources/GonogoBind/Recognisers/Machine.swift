/// The machine itself: its disks, memory, clock, users and updates.
enum Machine {
  static let recogniser = Recogniser(
    "machine", probes: ["command"],
    manual: """
      "At least 20 GB of disk space free", "4 GB RAM", "2 CPU cores", "swap configured", "time synchronised (NTP)", "timezone set to UTC", "non-root sudo user created",
      "automatic security updates enabled", "system packages updated": asked of the machine where the check runs, which should be the server. Nothing is changed: updates
      are simulated. Where the line gives no bound, a fifth of the disk must be free.
      """, presence: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Server has at least 4 GB RAM",
        #"""
        command: free -m
        jq: '[.lines[] | select(startswith("Mem:"))][0] | [splits(" +")][1] | tonumber >= 3686'
        """#),
      Recogniser.Sample(
        "- [ ] At least 20GB disk space available",
        #"""
        command: df --output=avail -BG /
        jq: '.lines[1] | gsub("[ G]"; "") | tonumber >= 20'
        """#),
      Recogniser.Sample(
        "- [ ] Check disk space",
        #"""
        command: df --output=pcent /
        jq: '.lines[1] | gsub("[ %]"; "") | tonumber < 80'
        """#),
      Recogniser.Sample(
        "- [ ] 2 CPU cores or more",
        #"""
        command: nproc
        jq: '.stdout | tonumber >= 2'
        """#),
      Recogniser.Sample(
        "- [ ] Swap file configured",
        #"""
        command: swapon --show --noheadings
        jq: '.stdout != ""'
        """#),
      Recogniser.Sample(
        "- [ ] NTP time synchronization enabled",
        #"""
        command: timedatectl show -p NTPSynchronized --value
        expect: { exit: 0, stdout: "yes" }
        """#),
      Recogniser.Sample(
        "- [ ] Server timezone set to UTC",
        #"""
        command: timedatectl show -p Timezone --value
        expect: { exit: 0, stdout: { matches: '/^(Etc\/)?UTC$/' } }
        """#),
      Recogniser.Sample(
        "- [ ] Non-root sudo user created",
        #"""
        command: getent group sudo wheel
        expect: { stdout: { matches: '/(?m)^(sudo|wheel):[^:]*:[0-9]+:\w/' } }
        """#),
      Recogniser.Sample(
        "- [ ] User `deploy` created with sudo rights",
        #"""
        command: id -nG deploy
        expect: { exit: 0, stdout: { matches: '/\b(sudo|wheel|admin)\b/' } }
        """#),
      Recogniser.Sample(
        "- [ ] Create deploy user",
        #"""
        command: getent passwd deploy
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Ubuntu 22.04 LTS server provisioned",
        #"""
        files: { path: /etc/os-release, contains: ["Ubuntu 22.04"] }
        """#),
      Recogniser.Sample(
        "- [ ] Automatic security updates enabled",
        #"""
        command: systemctl is-enabled unattended-upgrades
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] System packages updated",
        #"""
        command: apt-get --simulate upgrade
        expect: { exit: 0, stdout: { matches: '/(?m)^0 upgraded/' } }
        """#),
    ],
    lookalikes: [
      "- [ ] Disk space alerts configured", "- [ ] Users are created by the admin", "- [ ] Memory leaks fixed",
      "- [ ] Swap the SECRET key", "- [ ] Timezone of users respected", "- [ ] Root account removed",
    ]
  ) { line, _ in
    guard line.isItem, !line.says(other) else { return nil }
    let place = "; asked of the machine where the check runs: let that be the server"
    func draft(
      _ block: String, _ reason: String, _ confidence: Confidence = .medium, carries: [String] = []
    ) -> Draft {
      Draft(block, confidence: confidence, reason: reason + place, carries: carries)
    }
    if let gigabytes = diskBound.first(in: line.text).flatMap({ $0[1] ?? $0[2] }) {
      return draft(
        "command: df --output=avail -BG /\njq: '.lines[1] | gsub(\"[ G]\"; \"\") | tonumber >= \(gigabytes)'",
        "so much of the disk is free")
    }
    if line.says(disk) {
      return draft(
        "command: df --output=pcent /\njq: '.lines[1] | gsub(\"[ %]\"; \"\") | tonumber < 80'",
        "a fifth of the disk is free; the bound is a usual one")
    }
    if let gigabytes = memory.first(in: line.text).flatMap({ $0[1] ?? $0[2] }).flatMap({ Int($0) }) {
      return draft(
        "command: free -m\njq: '[.lines[] | select(startswith(\"Mem:\"))][0] | [splits(\" +\")][1] | tonumber >= \(gigabytes * 1024 * 9 / 10)'",
        "the machine has that memory, less what its kernel keeps", carries: ["\(gigabytes)"])
    }
    if let cores = cores.group(1, in: line.text) {
      return draft("command: nproc\njq: '.stdout | tonumber >= \(cores)'", "the machine has so many processors", .high)
    }
    if let user = line.codes.first(where: name.isFound), line.says(userWords) {
      return line.says(sudo)
        ? draft(
          "command: id -nG \(user)\nexpect: { exit: 0, stdout: { matches: '/\\b(sudo|wheel|admin)\\b/' } }",
          "the user is there and may become root", .high)
        : draft("command: getent passwd \(user)\nexpect: { exit: 0 }", "the user is there", .high)
    }
    if let version = system.group(1, in: line.text) {
      return draft(
        "files: { path: /etc/os-release, contains: [\"\(version)\"] }", "the system calls itself that", .high)
    }
    if let user = plainUser.first(in: line.text).flatMap({ $0[1] ?? $0[2] })?.lowercased(), !common.isFound(in: user) {
      return draft("command: getent passwd \(user)\nexpect: { exit: 0 }", "the user is there")
    }
    return claims.draft(line)
  }

  private static let system = Phrase(
    #"\b((?:Ubuntu|Debian GNU/Linux|Rocky Linux|AlmaLinux|CentOS) \d+(?:\.\d+)?)\b(?=.*(install|server|lts|running|provision|host))"#
  )
  private static let plainUser = Phrase(
    #"^(?:create|add) (?:a |the )?([a-z][a-z0-9_-]+) user\b|^создать пользователя ([a-z][a-z0-9_-]+)"#)
  private static let common = Phrase(
    #"^(test|admin|new|non-?root|sudo|first|system|dedicated|separate|database|db|service|linux|root|demo|super)$"#)

  private static let other = Phrase(
    #"\b(alert|monitor|leak|dashboard|graph|quota|plan|estimate|tested)\w*|оповещен|монитор"#)
  private static let diskBound = Phrase(
    #"(\d+)\s*(?:gb|гб)\b.{0,20}(?:disk|storage|ssd|free space|диск|мест)|(?:disk|free) space.{0,25}?(\d+)\s*(?:gb|гб)\b"#
  )
  private static let disk = Phrase(
    #"^(check |verify |sufficient |enough |server )*(disk|storage) (space|usage)\b( is)?( (sufficient|available|checked|ok|under control|free))?( \(.*\))?$|свободно\w* мест\w* на диск"#
  )
  private static let memory = Phrase(
    #"(\d+)\s*(?:gb|гб)\+?\s*(?:of )?(?:ram|memory|оператив|памят)|(?:ram|memory)\b.{0,12}?(\d+)\s*(?:gb|гб)\b"#)
  private static let cores = Phrase(#"(\d+)\+?\s*(?:v?cpus?|cpu cores?|cores|ядр\w+)\b"#)
  private static let name = Phrase(#"^[a-z_][a-z0-9_-]{1,31}$"#, ignoringCase: false)
  private static let userWords = Phrase(
    #"\b(system |deploy\w* |linux |unix |service |dedicated |sudo )?(user|account)\b.*\b(created|exists|set up|added)|создан\w* пользовател|пользовател\w* .*создан"#
  )
  private static let sudo = Phrase(#"\bsudo(ers?)?\b|\bwheel\b"#)
  private static let claims: [Claim] = [
    Claim(
      #"\bswap( file| space| memory)?( is)? (configured|enabled|created|set up|added|active)|(configure|enable|set up|add) swap|swap.*(настроен|создан)"#,
      "command: swapon --show --noheadings\njq: '.stdout != \"\"'",
      reason: "the machine has swap; asked where the check runs: let that be the server"),
    Claim(
      #"\b(ntp|chrony|time sync\w*|clock sync\w*)\b.*|(time|clock)( is)? synchroni[sz]ed|синхронизац\w+ времени"#,
      "command: timedatectl show -p NTPSynchronized --value\nexpect: { exit: 0, stdout: \"yes\" }",
      reason: "the clock is kept by NTP; asked where the check runs: let that be the server"),
    Claim(
      #"^(server |system |set )*time ?zone( is)?( set| configured)?( to)? utc|\butc time ?zone"#,
      "command: timedatectl show -p Timezone --value\nexpect: { exit: 0, stdout: { matches: '/^(Etc\\/)?UTC$/' } }",
      reason: "the machine's time zone is UTC; asked where the check runs: let that be the server"),
    Claim(
      #"non-?root (sudo )?user( account)?( with sudo\w*)?( is)? (created|exists|set up|configured)|(create|set up) (a )?(non-?root|sudo) user|sudo user( is)? created|непривилегированн\w+ пользовател"#,
      "command: getent group sudo wheel\nexpect: { stdout: { matches: '/(?m)^(sudo|wheel):[^:]*:[0-9]+:\\w/' } }",
      reason: "somebody beside root may become root; asked where the check runs: let that be the server"),
    Claim(
      #"(unattended[- ]upgrades|automatic (security |system |os )*updates?)( are| is)?( (enabled|configured|set up|on|active|installed))|(enable|configure|set up) (unattended[- ]upgrades|automatic (security )?updates)|автоматическ\w+ обновлени\w+ .*(включен|настроен)"#,
      "command: systemctl is-enabled unattended-upgrades\nexpect: { exit: 0 }",
      reason: "Debian's and Ubuntu's unit for them is enabled; asked where the check runs: let that be the server"),
    Claim(
      #"^(all )?(system|os|server|operating system)( packages| software)?( is| are)?( fully)? (updated|up[- ]to[- ]date|patched)|^update (system|os|server) packages|система обновлена|пакеты обновлены"#,
      "command: apt-get --simulate upgrade\nexpect: { exit: 0, stdout: { matches: '/(?m)^0 upgraded/' } }",
      reason:
        "Debian's and Ubuntu's package manager would upgrade nothing; asked where the check runs: let that be the server"
    ),
  ]
}
