/// What only a person can say.
enum SignOff {
  static let recogniser = Recogniser(
    "sign-off", probes: [],
    manual: """
      Reviews, approvals and sign-offs by role, and things that only people do (training, briefings, rehearsals, contracts): `attest: ROLE`. The role is the line's,
      or that of its section.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "## Sign-Off\n- [ ] Technical Lead Review",
        #"""
        attest: technical lead
        """#),
      Recogniser.Sample(
        "- [ ] Product Owner Approval",
        #"""
        attest: product owner
        """#),
      Recogniser.Sample(
        "- [ ] Support team trained",
        #"""
        attest: operations lead
        """#),
      Recogniser.Sample(
        "- [ ] Penetration test scheduled",
        #"""
        attest: security lead
        """#),
    ],
    lookalikes: [
      "- [ ] Review all logs for errors in `x.log`", "- [x] RLS enabled on all tables", "- `APPROVAL_KEY` - the key",
    ]
  ) { line, _ in
    guard [.task, .box, .row].contains(line.kind), line.codes.isEmpty else { return nil }
    if let groups = role.first(in: line.text), let name = groups[1] {
      let lower = Inline.trimmed(name).lowercased()
      return Draft(
        "attest: \(YAMLText.plainCommand(lower))", confidence: .high,
        reason: "the line asks for the word of the \(lower)")
    }
    guard let entry = people.first(where: { $0.phrase.isFound(in: line.text) }) else { return nil }
    return Draft(
      "attest: \(entry.role)", confidence: .medium, reason: "only a person can say that; whose word it needs is a guess"
    )
  }

  private static let role = Phrase(
    #"^((?:technical|tech|security|product|compliance|legal|engineering|qa|release|team|data|privacy|devops|platform|operations|project)[\w ]*?)\s+(?:review|approval|sign-?off|согласован\w*)\b"#
  )
  private static let people: [(phrase: Phrase, role: String)] = [
    (Phrase(#"\b(team|staff|members?)\b.*\b(trained|briefed|staffed)|training|on-?call|обучен"#), "operations lead"),
    (
      Phrase(
        #"penetration test|access controls? reviewed|security audit|rotate .*(secrets|keys)|аудит .*провед|audit проведен"#
      ), "security lead"
    ),
    (Phrase(#"\b(gdpr|privacy policy|terms of service|compliance|sla|data retention)\b"#), "compliance lead"),
    (
      Phrase(
        #"plan communicated|(announcement|communicat|customer|support|feedback|stakeholder)\w*.*(prepared|communicated|plan|published|staffed|established|collected|set up|reviewed)"#
      ), "product owner"
    ),
    (
      Phrase(#"(rollback|restor\w+|recovery|backup systems?).*(tested|rehearsed)|load test\w*( performed)?$|rehears"#),
      "release manager"
    ),
    (
      Phrase(
        #"(flows?|workflows?|scenarios?|transactions?) (tested|verified|completed|validated)|tested end-to-end|user acceptance|flow tested|\btested with\b"#
      ), "qa lead"
    ),
    (Phrase(#"\b(reviewed|review)\b"#), "technical lead"),
  ]
}
