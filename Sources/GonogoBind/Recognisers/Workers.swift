/// What runs beside the server: queues' workers, supervisors, cron.
enum Workers {
  static let recogniser = Recogniser(
    "workers", probes: ["command", "files"],
    manual: """
      "Queue workers running" under Supervisor, Horizon, Sidekiq or PM2, whichever the document names: all that it was given run. "Cron job added": the crontab of the user who checks has
      the line that the document shows, or the framework's own scheduler, or at least one. "Scheduled tasks running", "worker configuration created": likewise.
      """,
    samples: [
      Recogniser.Sample(
        "Supervisor keeps them.\n\n- [ ] Queue workers processing jobs",
        #"""
        command: supervisorctl status
        jq: '[.lines[] | select(. != "")] | length >= 1 and all(.[]; test("\\bRUNNING\\b"))'
        """#),
      Recogniser.Sample(
        "Laravel.\n\n- [ ] Cron job added for Laravel scheduler",
        #"""
        command: crontab -l
        expect: { exit: 0, stdout: { matches: '/(?m)^[^#]*schedule:run/' } }
        """#),
      Recogniser.Sample(
        "- [ ] Cron job configured for `cleanup.sh`",
        #"""
        command: crontab -l
        expect: { exit: 0, stdout: { matches: '/(?m)^[^#]*cleanup\.sh/' } }
        """#),
      Recogniser.Sample(
        "Supervisor keeps them.\n\n- [ ] Queue worker configuration created",
        #"""
        files: { path: "/etc/supervisor/conf.d/*", matches: '/^\s*\[program:/' }
        """#),
      Recogniser.Sample(
        "We use PM2.\n\n- [ ] All processes running",
        #"""
        command: pm2 jlist
        expect: { exit: 0 }
        jq: '[.json[].pm2_env.status] | length >= 1 and all(.[]; . == "online")'
        """#),
      Recogniser.Sample(
        "- [ ] Scheduler verified: `php artisan schedule:list`",
        #"""
        command: php artisan schedule:list
        expect: { exit: 0 }
        jq: '[.lines[] | select(. != "")] | length >= 1'
        """#),
    ],
    lookalikes: [
      "- [ ] Queue workers running", "- [ ] Cron schedule agreed", "- [ ] Web workers sized", "- [ ] No cron jobs",
      "- [ ] Job queue documented",
    ]
  ) { line, context in
    guard line.isItem, !line.says(Reservations.paper), !Absence.isMeant(line) else { return nil }
    let here = ", where the check runs: let that be the server"
    if let command = line.codes.first(where: schedule.isFound) {
      return Draft(
        "command: \(command)\nexpect: { exit: 0 }\njq: '[.lines[] | select(. != \"\")] | length >= 1'",
        confidence: .medium,
        reason: "the framework lists scheduled tasks; that something runs them is for the crontab")
    }
    if line.says(cron), !line.says(celery) {
      let subject = line.says(backup) ? "backup" : nil
      let script = line.codes.lazy.compactMap { file.group(1, in: $0) }.first
      let wanted =
        script ?? subject ?? (context.mentions(laravel) && line.says(scheduler) ? "schedule:run" : nil)
      if let wanted {
        return Draft(
          "command: crontab -l\nexpect: { exit: 0, stdout: { matches: '/(?m)^[^#]*\(YAMLText.escapedForPattern(wanted))/' } }",
          confidence: script == nil ? .medium : .high, reason: "the crontab of the user who checks has it" + here)
      }
      return Draft(
        "command: crontab -l\nexpect: { exit: 0, stdout: { matches: '/(?m)^[^#\\s]/' } }", confidence: .low,
        reason: "the crontab of the user who checks has an entry; which one the line does not say")
    }
    if line.says(configuration), context.mentions(supervisor) {
      return Draft(
        "files: { path: \"/etc/supervisor/conf.d/*\", matches: '/^\\s*\\[program:/' }", confidence: .medium,
        reason: "supervisord has a program of its own" + here)
    }
    guard line.says(worker), line.says(running) else { return nil }
    if context.mentions(horizon) {
      return Draft(
        "command: php artisan horizon:status\nexpect: { exit: 0, stdout: { matches: '/running/i' } }",
        confidence: .medium,
        reason: "Horizon says that it runs" + here)
    }
    if context.mentions(supervisor) { return UnitDrafts.supervised }
    if context.mentions(pm2) {
      return Draft(
        "command: pm2 jlist\nexpect: { exit: 0 }\njq: '[.json[].pm2_env.status] | length >= 1 and all(.[]; . == \"online\")'",
        confidence: .medium, reason: "PM2 keeps every process online" + here)
    }
    if context.mentions(sidekiq), context.mentions(systemd) { return UnitDrafts.active(["sidekiq"]) }
    return nil
  }

  private static let schedule = Phrase(#"^php artisan schedule:list$"#)
  private static let cron = Phrase(
    #"\bcron(tab| ?jobs?| entry| entries)?\b.*\b(added|configured|set up|installed|created|enabled|active|running|in place)|(add|configure|set up|create) (a |the )?cron|\bscheduled tasks? (are )?(running|configured|active)|\b(script|job|task)s? in (the )?cron(tab)?\b|cron.*(настро|добавлен)"#
  )
  private static let celery = Phrase(#"\bcelery\b|\bvercel\b|pg_cron|cloud scheduler"#)
  private static let backup = Phrase(#"\bbackups?\b"#)
  private static let scheduler = Phrase(#"laravel|scheduler|scheduled tasks?"#)
  private static let laravel = Phrase(#"\blaravel\b|php artisan"#)
  private static let file = Phrase(#"(?:^|/)([\w.-]+\.(?:sh|py|rb|php|js))\b"#)
  private static let configuration = Phrase(
    #"(worker|supervisor) (config\w*|program) (created|configured|in place|added)|supervisor configured"#)
  private static let worker = Phrase(
    #"\b(queue|background|job|celery|horizon|sidekiq)\b.*\b(workers?|jobs?|process\w*|queue)|\bworkers?\b|\ball processes\b|воркер"#
  )
  private static let running = Phrase(
    #"\b(running|started|processing|active|online|up|alive|healthy)\b|запущен|работа"#)
  private static let supervisor = Phrase(#"\bsupervisor(d|ctl)?\b"#)
  private static let horizon = Phrase(#"\bhorizon\b"#)
  private static let pm2 = Phrase(#"\bpm2\b"#)
  private static let sidekiq = Phrase(#"\bsidekiq\b"#)
  private static let systemd = Phrase(#"systemctl|systemd"#)
}
