import GonogoCore

/// At which commit the claims of a document hold.
///
/// A tick was true or false when its document was last written: what changed since is no fault of the tick. So a document
/// is judged on the tree of the commit that last changed it, unless a commit was asked for, or the document in the working
/// tree is another than HEAD's, or is not kept by git. What the tree that is audited says of its ticks is told beside where
/// that is something else: whoever reads the document today goes live with today's files.
extension Audit {
  /// The most commits whose trees are looked at beside the one that is audited.
  static let commitLimit = 16

  /// What is known of the checklists before any rule has looked at the tree that is audited.
  struct Past: Sendable {
    /// What was judged at one commit.
    typealias Seen = (claims: [Claim], unlooked: [CouldNotLook])
    var documents: [ClaimDocument] = []
    /// Those that are judged by the files as they are.
    var here: [ClaimDocument] = []
    /// The paths of those that are judged by a commit's tree.
    var old: Set<String> = []
    var cutOff: Set<String> = []
    var seen: [Seen] = []
    var unlooked: [CouldNotLook] = []
    /// What kept git from telling at which commit a tick was made.
    var trouble: CouldNotLook?
  }

  /// The checklists, and the claims of those that are older than the files.
  func past(of context: AuditContext, directory: String) async -> Past {
    let documents = context.facts(ClaimDocuments.self)
    var past = Past(documents: documents, here: documents)
    guard !documents.isEmpty, context.tree.source.directory != nil, Git.isRepository(directory) else { return past }
    var elsewhere: [DocumentCommits.Group] = []
    do throws(CouldNotLook) {
      let history = try await DocumentCommits(of: documents.map(\.file), in: directory, threads: options.threads)
      past.here = documents.filter { history.here.contains($0.file.path) }
      elsewhere = history.elsewhere
      past.cutOff = history.cutOff
    } catch {
      past.trouble = error
      return past
    }
    if elsewhere.count > Self.commitLimit {
      let rest = elsewhere.dropFirst(Self.commitLimit).reduce(0) { $0 + $1.documents.count }
      elsewhere = Array(elsewhere.prefix(Self.commitLimit))
      past.unlooked.append(
        CouldNotLook(
          "\(rest) checklists of further commits were not judged: no more than \(Self.commitLimit) commits are looked at",
          mend: "name a commit with --at"))
    }
    // Of other trees only what judges ask for is looked at, and what is the same in them is looked at once.
    let asked = Set(BuiltinClaimJudges.all.flatMap { $0.manual.rules })
    let rules = options.rules.filter { asked.contains($0.manual.id) }
    let shared = SharedFiles(first: context)
    let objects = GitObjects(repository: directory)
    let seen = await ClaimBench.each(elsewhere, threads: options.threads) { group in
      await self.look(
        at: group, of: CommitTree(repository: directory, identifier: group.commit, objects: objects), rules, shared)
    }
    // Only now: what one commit asked for in vain may be another's file as well, whichever was looked at first.
    let absent = objects.absent
    past.seen = zip(elsewhere, seen).map { group, seen in
      absent.isDisjoint(with: seen.objects) ? (seen.claims, seen.unlooked) : ([], [Self.partial(group.commit)])
    }
    past.old = Set(elsewhere.flatMap(\.documents))
    return past
  }

  func judge(in context: AuditContext, directory: String, _ outcome: inout Outcome) async {
    await judge(in: context, await past(of: context, directory: directory), &outcome)
  }

  func judge(in context: AuditContext, _ past: Past, _ outcome: inout Outcome) async {
    let met = context.troubles
    // The judges may meet files that do not parse.
    defer {
      outcome.unlooked += context.troubles.filter { !met.contains($0) && !outcome.unlooked.contains($0) }
    }
    if past.documents.isEmpty { return }
    if let trouble = past.trouble {
      // At which commit a tick was made is not known: nothing is said of it.
      outcome.unlooked.append(trouble)
      return
    }
    outcome.unlooked += past.unlooked
    let looked = Set(options.rules.map { $0.manual.id }).subtracting(outcome.blind)
    let present = ClaimScene(
      context: context, findings: SceneFindings(outcome.all, looked: looked, passedOver: outcome.passedOver),
      replay: context.replay)
    var claims = await ClaimBench.claims(in: present, documents: past.here, threads: options.threads)
    let old = past.documents.filter { past.old.contains($0.file.path) }
    let today = await Self.ticks(of: old, present, threads: options.threads)
    for (before, unlooked) in past.seen {
      for var claim in before {
        if let now = today[claim.place], now.text == claim.text, now.judgement != claim.judgement {
          claim.today = .init(now.judgement, now.evidence)
        }
        claims.append(claim)
      }
      outcome.unlooked += unlooked.filter { !outcome.unlooked.contains($0) }
    }
    for index in claims.indices
    where claims[index].judgement == .false && past.cutOff.contains(claims[index].place.path) {
      claims[index].evidence.append(.init(Self.cutOff))
    }
    if let commit = context.tree.commit {
      for index in claims.indices { claims[index].judgedAt = commit }
    }
    outcome.claims = claims.sorted { $0.place < $1.place }
  }

  private static func partial(_ commit: String) -> CouldNotLook {
    CouldNotLook(
      "the checklists of commit \(commit.prefix(12)) were not judged: not all of its files are here (a partial clone)",
      mend: "git fetch --refetch --no-filter")
  }

  /// The claims of a commit's documents, by its tree, and the objects that are its files.
  private func look(
    at group: DocumentCommits.Group, of source: CommitTree, _ rules: [any AuditRule.Type], _ shared: SharedFiles
  ) async -> (claims: [Claim], unlooked: [CouldNotLook], objects: [String]) {
    var unlooked: [CouldNotLook] = []
    let context: AuditContext
    do throws(CouldNotLook) {
      context = AuditContext(tree: try SourceTree(source: source, shared: shared), beside: shared)
    } catch {
      return ([], [error], [])
    }
    let scene = await past(context, SceneFindings(rules: rules), &unlooked)
    let documents = context.tree.files(in: .markdown).filter { group.documents.contains($0.path) }
      .compactMap { ClaimDocuments.read($0, in: context) }
    var claims = ClaimBench.claims(in: scene, documents: documents)
    for index in claims.indices { claims[index].judgedAt = group.commit }
    return (claims, unlooked, context.tree.files.compactMap(\.object))
  }

  private static let cutOff =
    "the history that is here ends with this line's commit (a shallow clone): it may be older; `git fetch --unshallow` tells"

  /// The ticked lines of some documents, judged by the tree that is audited.
  private static func ticks(
    of documents: [ClaimDocument], _ scene: ClaimScene, threads: Int
  ) async -> [TreePlace: Claim] {
    let ticked = documents.map { document in
      ClaimDocument(
        file: document.file, lines: document.lines.filter { $0.ticked == true }, broken: document.broken)
    }
    let claims = await ClaimBench.claims(in: scene, documents: ticked, threads: threads)
    return Dictionary(claims.map { ($0.place, $0) }) { first, _ in first }
  }

  private func past(
    _ context: AuditContext, _ findings: SceneFindings, _ unlooked: inout [CouldNotLook]
  ) async -> ClaimScene {
    if options.replay, context.facts(ClaimDocuments.self).contains(where: { $0.lines.contains(where: \.isAboutSchema) })
    {
      await context.runMigrations()
      unlooked += (context.replay?.troubles ?? []).filter { !unlooked.contains($0) }
    }
    return ClaimScene(context: context, findings: findings, replay: context.replay)
  }
}
