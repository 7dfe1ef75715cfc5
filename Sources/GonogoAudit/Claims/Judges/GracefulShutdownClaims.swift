import GonogoCore

/// "Graceful shutdown is in place", "SIGTERM is handled".
enum GracefulShutdownClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "graceful-shutdown", title: "The services shut down gracefully",
    what: """
      True where product code handles SIGTERM, in the file or the part that the line names; false where the file named for it \
      handles none, or a rule found a server that does not. That the handler is there is judged, not that requests end.
      """, rules: ["code-no-graceful-stop", "code-exit-without-draining"])

  static let vocabulary = ClaimVocabulary(
    "graceful gracefully shutdown shuts down sigterm signal handler handle* корректн* завершени*",
    contradicting: "service* server* process* app* сервис* сервер*", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says("graceful shutdown", "graceful-shutdown", "sigterm", "корректное завершение", "shuts down gracefully"),
      !line.isDenial
    else { return nil }
    let found = scene.contradicting(manual.rules, in: line)
    if !found.isEmpty { return .falsely(found) }
    let scope = scene.scope(of: line)
    let hits = scene.code(
      #"['"]SIGTERM['"]|syscall\.SIGTERM|signal\.SIGTERM|enableShutdownHooks|closeWithGrace|close-with-grace|GracefulStop\(|createTerminus"#,
      in: scope)
    if let hit = hits.first {
      return .truly("SIGTERM is handled here; that requests under way end was not tried", at: hit.place)
    }
    if let file = scope.files.sorted().first(where: { scene.tree[$0].map(ProductCode.isProduct) ?? false }) {
      return .falsely("the file named for it handles no SIGTERM", at: TreePlace(file))
    }
    return .unproven("no handler of SIGTERM was found, and a framework may have its own")
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Graceful shutdown", in: ["src/server.ts": "process.on('SIGTERM', () => server.close())\n"],
      "a handler"),
    .judges(
      .false, "- [x] Graceful shutdown (`src/server.ts`)",
      in: ["src/server.ts": "app.listen(3000) // SIGTERM: later\n"],
      "the file named has none"),
    .judges(.unproven, "- [x] Graceful shutdown", in: ["src/server.ts": "app.listen(3000)\n"], "nobody says where"),
  ]
}
