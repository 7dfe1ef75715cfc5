/// Modes and owners of files.
enum Permissions {
  static let recogniser = Recogniser(
    "permissions", probes: ["files", "command"],
    manual: """
      `chmod 600 .env` and `chown -R www-data:www-data storage`, as a command or in words: the file has that mode, the directory that mode and owner. "`storage` writable", "log directory writable":
      the user who checks may write there, so run it as the server's. Nothing is changed. Paths that stand for the reader's own are not taken.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Secure file permissions (`chmod 600 .env.production`)",
        #"""
        files: { path: .env.production, mode: "0600" }
        """#),
      Recogniser.Sample(
        "- [ ] Storage writable: `chmod -R 775 storage`",
        #"""
        command: { shell: "stat -c %a storage" }
        expect: { exit: 0, stdout: "775" }
        """#),
      Recogniser.Sample(
        "- [ ] Ownership set: `chown -R www-data:www-data storage`",
        #"""
        command: stat -c %U:%G storage
        expect: { exit: 0, stdout: "www-data:www-data" }
        """#),
      Recogniser.Sample(
        "- [ ] `storage` and `bootstrap/cache` are writable by the web server",
        #"""
        command: test -w storage
        expect: { exit: 0 }
        """#,
        #"""
        command: test -w bootstrap/cache
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] `.env` file permissions set to 600",
        #"""
        files: { path: .env, mode: "0600" }
        """#),
    ],
    lookalikes: [
      "- [ ] Laravel root: `chmod 755 /path/to/laravel`", "- [ ] Permissions of users reviewed",
      "- [ ] File permissions correct", "- [ ] `storage` is not writable", "- `chmod` is known to all",
    ]
  ) { line, context in
    guard line.isItem || line.kind == .command else { return nil }
    let text = line.text
    if let groups = chmod.first(in: text), let mode = groups[1], let path = groups[2], !placeholder.isFound(in: path) {
      return drafted(path, mode: mode, context)
    }
    if let groups = chown.first(in: text), let owner = groups[1], let path = groups[2], !placeholder.isFound(in: path) {
      return Draft(
        "command: stat -c %U\(owner.contains(":") ? ":%G" : "") \(path)\nexpect: { exit: 0, stdout: \"\(owner)\" }",
        confidence: .high,
        reason: "the path belongs to whom the line says; what is below it is not looked at")
    }
    guard line.isItem, !Absence.isMeant(line) else { return nil }
    let paths = line.codes.filter { path.isFound(in: $0) && !placeholder.isFound(in: $0) }
    if let mode = words.group(1, in: text), let path = paths.first ?? dotfile.group(1, in: text) {
      return drafted(path, mode: mode, context)
    }
    guard line.says(writable) else { return nil }
    if paths.isEmpty {
      guard line.says(logs), context.mentions(laravel) else { return nil }
      return Draft(
        "command: test -w storage/logs\nexpect: { exit: 0 }", confidence: .medium,
        reason: "who checks may write there: run it as the server's user")
    }
    return Draft(
      blocks: paths.map { "command: test -w \($0)\nexpect: { exit: 0 }" }, confidence: .medium,
      reason: "who checks may write there: run it as the server's user")
  }

  private static func drafted(_ path: String, mode: String, _ context: BindContext) -> Draft {
    let isFile = file.isFound(in: path)
    let seen = path.hasPrefix("/") || path.hasPrefix("~") ? path : context.path(path)
    return Draft(
      isFile && !seen.hasPrefix("~")
        ? "files: { path: \(YAMLText.scalar(seen)), mode: \"\(mode.count == 3 ? "0" + mode : mode)\" }"
        : "command: { shell: \"stat -c %a \(seen)\" }\nexpect: { exit: 0, stdout: \"\(mode)\" }", confidence: .high,
      reason: "the path has the mode that the line says; what is below a directory is not looked at")
  }

  private static let chmod = Phrase(#"\bchmod (?:-R )?([0-7]{3,4}) ([\w.~/-]+)"#)
  private static let chown = Phrase(#"\bchown (?:-R )?([a-z_][\w-]*(?::[a-z_][\w-]*)?) ([\w.~/-]+)"#)
  private static let placeholder = Phrase(#"path/to|your|<|\bexample\b"#)
  private static let path = Phrase(#"^[\w.~-]*(/[\w.-]+)*/?$"#)
  private static let file = Phrase(#"(^|/)\.?[\w-]*\.[\w.-]+$"#)
  private static let words = Phrase(#"\b(?:permissions?|mode|права)\b\D{0,20}\b([0-7]{3,4})\b"#)
  private static let dotfile = Phrase(#"(?:^|\s)(\.env[\w.-]*)(?=[\s,:]|$)"#)
  private static let writable = Phrase(#"\bwrit(e)?able\b|доступн\w* (на|для) запис"#)
  private static let logs = Phrase(#"\blogs? (directory|folder|dir)\b"#)
  private static let laravel = Phrase(#"\blaravel\b|php artisan"#)
}
