import GonogoCore

/// "The deployment guide is written".
enum NamedDocumentClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "named-documents", title: "The document that the line names is there",
    what: """
      A guide, a checklist, a report or a runbook that is said to be written: true where the name of a Markdown file has all \
      words of it. That none has them proves nothing: a document may be called anything.
      """)

  static let vocabulary = ClaimVocabulary(
    "guide* checklist* report* runbook* playbook* plan* script* written document* complete* напис*")
  static let seesWorking = true

  private static let kinds = ["guide", "checklist", "report", "runbook", "playbook", "plan"]

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    // A path that is cited is looked up as such.
    guard line.says(kinds), !line.isDenial, !line.text.contains("`") else { return nil }
    guard
      line.isAboutSome || line.says("готов", "ready", "written", "documented", "complete", "напис")
        || line.words.count <= 5
    else { return nil }
    let stop: Set<String> = [
      "the", "and", "for", "created", "written", "ready", "documented", "complete", "completed", "added", "all", "with",
    ]
    let words = line.words.filter { $0.count >= 3 && $0.allSatisfy(\.isASCII) && !stop.contains($0) }
    let keys = words.filter { word in !kinds.contains { word.hasPrefix($0) } }
    guard !keys.isEmpty, keys.count <= 5 else { return nil }
    for file in scene.tree.files(in: .markdown) where file.path != line.document.path {
      let name = Set(file.name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
      guard keys.allSatisfy({ key in name.contains { $0 == key || $0.hasPrefix(key) && key.count > 4 } }) else {
        continue
      }
      // A checklist of the same words is no report.
      let isKind = kinds.contains { kind in
        line.says(kind) && name.contains { $0.hasPrefix(kind) || kind == "report" && $0 == "results" }
      }
      guard isKind else { continue }
      return ClaimVerdict.truly("'\(file.path)' is there; what it says was not judged", at: TreePlace(file.path))
        .reading(keys)
    }
    return .unproven("no Markdown file has all words of it in its name")
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Deployment guide создан", in: ["docs/DEPLOYMENT_GUIDE.md": "# Guide\n"], "there"),
    .judges(
      .unproven, "- [x] Rollback plan ready", in: ["docs/ROLLBACK_CHECKLIST.md": "# Checklist\n"], "of another kind"),
    .judges(.unproven, "- [x] Deployment guide создан", in: ["docs/HOWTO.md": "# Guide\n"], "perhaps another name"),
  ]
}
