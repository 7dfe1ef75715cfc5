import GonogoCore

/// At which commit the claims of a document hold.
///
/// A tick was true or false when its document was last written: what changed since is no fault of the tick. So a document
/// is judged on the tree of the commit that last changed it, unless a commit was asked for, or the document in the working
/// tree is another than HEAD's, or is not kept by git.
extension Audit {
  /// The most commits whose trees are looked at beside the one that is audited.
  static let commitLimit = 16

  func judge(in context: AuditContext, directory: String, _ outcome: inout Outcome) async {
    let before = context.troubles
    let documents = context.facts(ClaimDocuments.self).map(\.file.path)
    if documents.isEmpty { return }
    var here: Set<String> = []
    var elsewhere: [(commit: String, documents: Set<String>)] = []
    if context.tree.source.directory != nil, Git.isRepository(directory) {
      for (commit, paths) in Self.commits(of: documents, in: directory) {
        if let commit { elsewhere.append((commit, paths)) } else { here = paths }
      }
    } else {
      here = Set(documents)
    }
    if elsewhere.count > Self.commitLimit {
      let rest = elsewhere.dropFirst(Self.commitLimit).reduce(into: Set<String>()) { $0.formUnion($1.documents) }
      elsewhere = Array(elsewhere.prefix(Self.commitLimit))
      outcome.unlooked.append(
        CouldNotLook(
          "\(rest.count) checklists of further commits were not judged: no more than \(Self.commitLimit) commits are looked at",
          mend: "name a commit with --at"))
    }
    var claims: [Claim] = []
    if !here.isEmpty {
      let scene = await scene(context, outcome, &outcome.unlooked)
      claims += ClaimBench.claims(in: scene, documents: here)
    }
    // Of other trees only what judges ask for is looked at.
    var narrow = options
    let asked = Set(BuiltinClaimJudges.all.flatMap { $0.manual.rules })
    narrow.rules = options.rules.filter { asked.contains($0.manual.id) }
    let past = Audit(options: narrow, version: version)
    for (commit, paths) in elsewhere {
      do throws(CouldNotLook) {
        let tree = try SourceTree(directory: directory, commit: commit)
        let then = AuditContext(tree: tree, now: context.now)
        let seen = await past.look(in: then)
        let scene = await past.scene(then, seen, &outcome.unlooked)
        for var claim in ClaimBench.claims(in: scene, documents: paths) {
          claim.judgedAt = commit
          claims.append(claim)
        }
      } catch {
        outcome.unlooked.append(error)
      }
    }
    if let commit = context.tree.commit {
      for index in claims.indices { claims[index].judgedAt = commit }
    }
    outcome.claims = claims.sorted { $0.place < $1.place }
    // The judges may have met files that do not parse.
    outcome.unlooked += context.troubles.filter { !before.contains($0) && !outcome.unlooked.contains($0) }
  }

  private func scene(_ context: AuditContext, _ outcome: Outcome, _ unlooked: inout [CouldNotLook]) async -> ClaimScene
  {
    let looked = Set(options.rules.map { $0.manual.id }).subtracting(outcome.blind)
    var replay: MigrationReplay?
    if options.replay, context.facts(ClaimDocuments.self).contains(where: { $0.lines.contains(where: \.isAboutSchema) })
    {
      let made = await MigrationReplay.run(in: context)
      unlooked += made.troubles.filter { !unlooked.contains($0) }
      replay = made
    }
    return ClaimScene(context: context, findings: outcome.all, looked: looked, replay: replay)
  }

  /// The documents by the commit that last changed them, the one with the most first; `nil` for those that stand in the working
  /// tree only.
  private static func commits(of documents: [String], in directory: String) -> [(
    commit: String?, documents: Set<String>
  )] {
    var byCommit: [String?: Set<String>] = [:]
    let changed = Set(
      ((try? Git.run(["diff", "--name-only", "-z", "--relative", "HEAD", "--"], in: directory)) ?? []).split(
        separator: 0
      )
      .map { TreeFile.shown(Array($0)) })
    let head = (try? Git.run(["rev-parse", "HEAD"], in: directory)).map {
      String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self)
    }
    let clean = ((try? Git.run(["status", "--porcelain", "-z", "--untracked-files=normal"], in: directory)) ?? [0])
      .isEmpty
    for document in documents {
      var commit: String?
      if !changed.contains(document),
        let output = try? Git.run(["log", "-1", "--format=%H", "--", ":(literal)" + document], in: directory),
        !output.isEmpty
      {
        commit = String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)
      }
      // The tree that has been read already is that commit's.
      if clean, commit == head { commit = nil }
      byCommit[commit, default: []].insert(document)
    }
    return byCommit.sorted { ($0.value.count, $1.key ?? "") > ($1.value.count, $0.key ?? "") }.map {
      ($0.key, $0.value)
    }
  }
}
