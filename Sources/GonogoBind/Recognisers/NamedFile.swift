/// Files that a line names.
enum NamedFile {
  static let recogniser = Recogniser(
    "named-file", probes: ["files"],
    manual: """
      File and directory names in backticks, or alone at the head of the line: each is there. A leading slash is the repository's root, and a
      name under an item that names a directory is in that. Names under "(…)" count as well; patterns of environment variables, commands, routes
      and host names do not.
      """,
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
        "**Файл**: `/lib/server.ts`",
        #"""
        files: lib/server.ts
        """#),
    ],
    lookalikes: [
      "- `orders` - entities", "- `GET /health` returns ok", "1. Update `.env.example`.", "- Core: `a.vercel.app`",
      "- `npm test` passes", "- [ ] No `.env.local` in the repository", "- [ ] `.env` is not reachable over the web",
    ]
  ) { line, context in
    if line.says(change) || line.says(absent) || Removed.isMeant(line) || line.kind == .command
      || line.kind == .statement
    {
      return nil
    }
    var names = line.codes.filter(name.isFound)
    if names.isEmpty {
      names = bare.all(in: line.text).compactMap { $0[1] }.filter {
        ($0.contains("/") || line.text.hasPrefix($0)) && !$0.contains("://")
      }
    }
    names = names.filter { !host.isFound(in: $0) }
    guard !names.isEmpty else { return nil }
    let around = line.parents.lazy.compactMap { folder.group(1, in: $0) }.first
    // `.github/workflows/a.yml`, `b.yml`: the second is in the directory of the first.
    let first = names[0].hasSuffix("/") ? nil : names[0].lastIndex(of: "/").map { String(names[0][..<$0]) }
    let paths = names.map { name -> String in
      let inside = (around ?? first).map { name.contains("/") ? name : "\($0)/\(name)" } ?? name
      let path = context.path(inside)
      return path.hasSuffix("/") ? path + "**" : path
    }
    let missing = context.facts.map { facts in
      paths.filter { path in
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

  private static let name = Phrase(
    #"^(?![a-z]+://|/$)[\w.@/*-]*(\.(md|sql|ts|tsx|js|mjs|cjs|py|go|rb|rs|ya?ml|json|toml|sh|tf|txt|pdf|html|css|lock|env|conf|ini|xml|dockerfile)|/)$|^(Dockerfile|Makefile|Procfile|LICENSE|docker-compose\.[\w.]+)$"#
  )
  private static let bare = Phrase(#"(?:^|[\s(,])([\w.@/-]+\.(?:md|sql|tsx?|jsx?|py|ya?ml|json|sh))(?=$|[\s,);])"#)
  private static let host = Phrase(#"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(app|com|org|net|io|dev)$"#)
  private static let change = Phrase(#"^(update|обновить|adjust|thresholds)\b|\b(adjust|redeploy)\b"#)
  /// It must not be there, or only a script that was run is named.
  private static let absent = Phrase(
    #"^no \b|\bnot? (committed|in (the )?(repo|git|version control))|\b(removed|deleted) from\b|^не(т| должно)\b|запущен|не закоммичен"#
  )
  private static let folder = Phrase(#"(?:^|[\s(-])/?((?:[\w.-]+/)+[\w.-]*?)/(?=$|[\s,)])"#)
}
