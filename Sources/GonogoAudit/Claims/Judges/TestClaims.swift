import GonogoCore

/// "Tests pass", "there are tests".
enum TestClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "tests", title: "There are tests, and they pass",
    what: """
      True where tests of the kind named are in the tree and only that is claimed. That they pass is seen by running them: \
      unproven, unless the workflow that runs them cannot fail, which is told.
      """, rules: ["workflow-check-cannot-fail"])

  static let vocabulary = ClaimVocabulary(
    "test* unit integration e2e suite* playwright cypress тест*")

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "unit test", "integration test", "e2e test", "e2e-тест", "all tests", "tests pass", "tests are", "tests added",
        "test suite", "тесты", "e2e тест", "tests passing"),
      !line.isDenial, !line.says("load test", "smoke", "penetration")
    else { return nil }
    let tests = scene.tree.files.filter { file in
      let name = file.name.lowercased()
      return file.language != nil && file.language != .markdown
        && [".test.", ".spec.", "_test.", "_spec."].contains { name.contains($0) }
        || name.hasPrefix("test_") && name.hasSuffix(".py")
    }
    let kinds = [("e2e", ["e2e", "playwright", "cypress"]), ("integration", ["integration"])]
    let wanted = kinds.filter { line.says($0.0) }.map(\.1)
    // Of each kind that is named; what has no kind of its own in its path is a unit's.
    let chosen = wanted.reduce(wanted.isEmpty ? tests : []) { chosen, words in
      chosen + tests.filter { file in words.contains { file.path.lowercased().contains($0) } }
    }
    if wanted.contains(where: { words in
      !tests.contains { file in words.contains { file.path.lowercased().contains($0) } }
    }) {
      return .unproven("no tests of this kind were found")
    }
    guard let first = chosen.first else { return .unproven("no tests of this kind were found") }
    if line.isAboutWorking || line.says("pass", "проход") || line.words.count > 5 {
      return .unproven(
        "\(chosen.count) files of tests are there; what they say is seen only by running them",
        at: TreePlace(first.path))
    }
    return .truly(
      "\(chosen.count) files of tests are there; whether they pass was not tried", at: TreePlace(first.path))
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Unit tests", in: ["src/a.test.ts": "test('x', () => {})\n"], "there"),
    .judges(.unproven, "- [x] All tests passing", in: ["src/a.test.ts": "test('x', () => {})\n"], "not run"),
    .judges(.unproven, "- [x] E2E tests", in: ["src/a.test.ts": "test('x', () => {})\n"], "another kind"),
    .judges(
      .unproven, "- [x] Unit tests and integration tests", in: ["src/a.test.ts": "test('x', () => {})\n"],
      "one kind of two"),
  ]
}
