/// Files that a line names.
enum NamedFile {
  static let recogniser = Recogniser(
    "named-file", probes: ["files"],
    manual: """
      File and directory names in backticks, or alone at the head of the line: each is there. A leading slash is the repository's root, and a
      name under an item that names a directory is in that. Names under "(…)" count as well; patterns of environment variables, commands, routes
      and host names do not. `/etc/…`, `/usr/…` and the like are the machine's own.
      """, presence: true,
    samples: [
      Recogniser.Sample(
        "- [x] API reference complete (`API_REFERENCE.md`)",
        #"""
        files: API_REFERENCE.md
        """#),
      Recogniser.Sample(
        "- `/docs/GUIDE.md` - the guide",
        #"""
        files: docs/GUIDE.md
        """#),
      Recogniser.Sample(
        "4. **Analysis** - `/docs/analysis/docker/`\n   - QUICK-START.md",
        #"""
        files: docs/analysis/docker/QUICK-START.md
        """#),
      Recogniser.Sample(
        "- [ ] **Error pages** (app/error.tsx, app/not-found.tsx - есть defaults)",
        #"""
        files: app/error.tsx
        """#,
        #"""
        files: app/not-found.tsx
        """#),
      Recogniser.Sample(
        "- [ ] Procfile created",
        #"""
        files: Procfile
        """#),
      Recogniser.Sample(
        "- [ ] Log directory `/var/log/shop` exists",
        #"""
        command: test -d /var/log/shop
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- `/etc/app/notify.env` with `EMAIL_TO` and `EMAIL_FROM`",
        #"""
        env:
          from: /etc/app/notify.env
          required: [EMAIL_TO, EMAIL_FROM]
        """#),
      Recogniser.Sample(
        "**Файл**: `/lib/server.ts`",
        #"""
        files: lib/server.ts
        """#),
    ],
    lookalikes: [
      "- `orders` - entities", "- `GET /health` returns ok", "1. Update `.env.example`.", "- Core: `a.vercel.app`",
      "- `npm test` passes", "- [ ] No `.env.local` in the repository", "- [ ] `.env` is not reachable over the web",
      "- [ ] `/admin/` is accessible", "- [ ] Node.js and npm installed", "- Remove `config.ts` from repository",
      "- [ ] `.env` file access blocked",
      "- Keys are exposed in `config.ts`", "- Run `policies.sql` in the SQL editor",
    ]
  ) { line, context in
    if line.says(change) || line.says(absent) || Removed.isMeant(line) || line.kind == .command
      || line.kind == .statement
    {
      return nil
    }
    // How many there are, or what a manifest demands, is not that there is one.
    if line.says(counted) || line.says(demand) { return nil }
    // That a script is there is not that it ended well.
    if line.says(ran), line.codes.contains(where: script.isFound) { return nil }
    // A folder with a slash before it that is "accessible" is an address.
    let isAddress = line.says(reachable)
    var names = line.codes.filter { name.isFound(in: $0) && !(isAddress && $0.hasPrefix("/") && $0.hasSuffix("/")) }
    if names.isEmpty, line.says(directory), let folder = folders.group(1, in: line.text) {
      return Draft(
        "command: test -d \(folder)\nexpect: { exit: 0 }", confidence: .high,
        reason: "the directory is there, on the machine where the check runs")
    }
    if names.isEmpty, let known = known.group(1, in: line.text) { names = [known] }
    if names.isEmpty {
      names = bare.all(in: line.text).compactMap { $0[1] }.filter {
        ($0.contains("/") || line.text.hasPrefix($0)) && !$0.contains("://") && !product.isFound(in: $0)
      }
    }
    names = names.filter { !host.isFound(in: $0) && !served.isFound(in: $0) }
    guard !names.isEmpty else { return nil }
    let around = line.parents.lazy.compactMap { folder.group(1, in: $0) }.first
    // `.github/workflows/a.yml`, `b.yml`: the second is in the directory of the first.
    let first = names[0].hasSuffix("/") ? nil : names[0].lastIndex(of: "/").map { String(names[0][..<$0]) }
    let paths = names.map { name -> String in
      let inside = (around ?? first).map { name.contains("/") ? name : "\($0)/\(name)" } ?? name
      let path = system.isFound(in: name) ? name : context.path(inside)
      return path.hasSuffix("/") ? path + "**" : path
    }
    let variables = line.codes.filter(variable.isFound)
    if paths.count == 1, paths[0].hasSuffix(".env"), !variables.isEmpty, variables.count + 1 == line.codes.count {
      return Draft(
        "env:\n  from: \(YAMLText.scalar(paths[0]))\n  required: \(YAMLText.list(variables))", confidence: .high,
        reason: "the file sets the variables that the line names")
    }
    let missing = context.facts.map { facts in
      paths.filter { path in
        if path.hasPrefix("/") { return false }
        let path = path.hasPrefix(context.root) ? String(path.dropFirst(context.root.count)) : path
        if let star = path.firstIndex(of: "*") { return !facts.files.contains { $0.hasPrefix(path[..<star]) } }
        return !facts.files.contains(path) && !facts.files.contains { $0.hasPrefix(path + "/") }
      }
    }
    let blocks = paths.map { "files: \($0.contains("*") ? YAMLText.quoted($0) : YAMLText.scalar($0))" }
    return Draft(
      blocks: blocks, confidence: .high,
      reason:
        "the line names the file\(blocks.count > 1 ? "s" : "")\(around == nil ? "" : ", in the directory that the item around it names")"
        + (missing.flatMap { $0.isEmpty ? nil : "; the repository has no \($0.joined(separator: ", "))" } ?? "")
    )
  }

  private static let demand = Phrase(#"\b(package\.json|pyproject\.toml|composer\.json|go\.mod) (requires|demands)\b"#)
  private static let counted = Phrase(#"^(exactly|precisely|ровно) (\d+|one|two|three|один|одна|два|две|три)(?!\w)"#)
  private static let script = Phrase(#"\.sh$"#)
  private static let ran = Phrase(#"\b(green|pass(es|ed|ing)?|succeed\w*|captured|rerun|executed|run with)\b|скрипт"#)
  private static let reachable = Phrase(#"accessible|reachable|served|loads|opens|available|доступн|открыва"#)
  private static let directory = Phrase(#"\b(directory|folder|exists|created|mounted)\b"#)
  private static let folders = Phrase(#"(?:^|\s)(/(?:var|opt|srv|etc|home|mnt|data|usr)(?:/[\w-]+)+)(?=\s|$|[,.;:)])"#)
  private static let known = Phrase(
    #"^(Procfile|Dockerfile|Makefile|LICENSE|README\.md|CHANGELOG\.md|requirements\.txt|runtime\.txt|package\.json|docker-compose\.ya?ml|firebase\.json|vercel\.json|netlify\.toml|fly\.toml|railway\.json|app\.json)\b(?= (file )?(is )?(created|present|exists|configured|added|included|in place|complete|there|set up))"#
  )
  private static let system = Phrase(#"^/(etc|usr|var|opt|srv|home|root|boot|mnt|run|sys|proc)/"#)
  /// What a site serves, wherever its repository keeps it.
  private static let served = Phrase(#"^/?(robots\.txt|sitemap\.xml)$"#)
  private static let variable = Phrase(#"^[A-Z][A-Z0-9_]{2,}$"#, ignoringCase: false)
  /// Node.js and its kin are products.
  private static let product = Phrase(#"^[A-Z]\w*\.js$|^(node|next|nuxt|vue|three|express)\.js$"#)
  private static let name = Phrase(
    #"^(?![a-z]+://|/$)[\w.@/*-]*(\.(md|sql|ts|tsx|js|mjs|cjs|py|go|rb|rs|ya?ml|json|toml|sh|tf|txt|pdf|html|css|lock|env|conf|ini|xml|dockerfile)|/|[\w.@/-]+/[\w.@-]+\.(service|timer|socket|rules|cfg|properties))$|^\.[a-z][\w.-]*(rc|ignore|access|version)$|^(Dockerfile|Makefile|Procfile|LICENSE|docker-compose\.[\w.]+)$"#
  )
  private static let bare = Phrase(#"(?:^|[\s(,])([\w.@/-]+\.(?:md|sql|tsx?|jsx?|py|ya?ml|json|sh))(?=$|[\s,);])"#)
  private static let host = Phrase(#"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(app|com|org|net|io|dev)$"#)
  private static let change = Phrase(
    #"^(\w+: )?(update|обновить|adjust|thresholds|run|execute|copy|edit|rename|rotate|open|mirror|move|запустить|выполнить|скопировать)\b|^\(optional\)|\b(adjust|redeploy)\b"#
  )
  /// It must not be there, or only a script that was run is named.
  private static let absent = Phrase(
    #"^no \b|\bnot? (committed|in (the )?(repo|git|version control))|\b(removed|deleted) from\b|^не(т| должно)\b|запущен|не закоммичен|\bprefix\b|\bavoid\b|\bgitignore\b"#
  )
  private static let folder = Phrase(#"(?:^|[\s(-])/?((?:[\w.-]+/)+[\w.-]*?)/(?=$|[\s,)])"#)
}
