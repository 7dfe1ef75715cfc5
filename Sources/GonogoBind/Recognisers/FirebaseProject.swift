/// Firebase: rules that are not open, functions that are deployed.
enum FirebaseProject {
  static let recogniser = Recogniser(
    "firebase", probes: ["files", "command", "http"],
    manual: """
      In a document that speaks of Firebase: "security rules configured/deployed/not in test mode": no rule in the repository's `firestore.rules`, `storage.rules` or `database.rules.json` lets everybody in. "Cloud Functions deployed": `firebase functions:list` has some, all active. "Hosting deployed": `${web}` answers.
      "Indexes": `firestore.indexes.json` is there. What is deployed may be older than what the repository has.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Firestore security rules deployed",
        #"""
        files:
          path: ["**/firestore.rules"]
          exclude: [node_modules]
          no_match: '/allow\s+(read|write|create|update|delete)[\w\s,]*(:\s*if\s+true\s*)?;/'
        """#),
      Recogniser.Sample(
        "Firebase.\n\n- [ ] Cloud Functions deployed",
        #"""
        command: firebase functions:list --json
        expect: { exit: 0 }
        jq: '[.json.result[]] | length >= 1 and all(.[]; (.state // "ACTIVE") == "ACTIVE")'
        """#),
      Recogniser.Sample(
        "- [ ] Firebase Hosting deployed",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Firestore indexes created",
        #"""
        files: firestore.indexes.json
        """#),
    ],
    lookalikes: [
      "- [ ] Security rules deployed", "Firebase.\n\n- [ ] House rules agreed",
      "Firebase.\n\n- [ ] Functions of the team listed",
      "- [ ] Firestore rules tested by hand",
    ]
  ) { line, context in
    guard line.isItem, context.mentions(firebase), !line.says(other) else { return nil }
    let root = context.root
    if line.says(rules) {
      let files =
        line.says(storage)
        ? ["storage.rules"] : line.says(firestore) ? ["firestore.rules"] : ["firestore.rules", "storage.rules"]
      return Draft(
        "files:\n  path: [\(files.map { "\"\(root)**/\($0)\"" }.joined(separator: ", "))]\n  exclude: [node_modules]\n  no_match: '/allow\\s+(read|write|create|update|delete)[\\w\\s,]*(:\\s*if\\s+true\\s*)?;/'",
        confidence: .medium, reason: "no rule of the repository lets everybody in; what is deployed may be older")
    }
    if line.says(functions) {
      return Draft(
        "command: firebase functions:list --json\nexpect: { exit: 0 }\njq: '[.json.result[]] | length >= 1 and all(.[]; (.state // \"ACTIVE\") == \"ACTIVE\")'",
        confidence: .medium, reason: "the project has functions, and all are active")
    }
    if line.says(indexes) {
      return Draft(
        "files: \(YAMLText.scalar(root + "firestore.indexes.json"))", confidence: .low,
        reason: "the repository has the file that they are deployed from")
    }
    guard line.says(hosting) else { return nil }
    return Draft(
      "http: { GET: \"${web}/\", follow: true }\nexpect: { status: 200 }", confidence: .medium,
      reason: "the site is served")
  }

  private static let firebase = Phrase(#"firebase|firestore"#)
  private static let other = Phrase(#"tested|reviewed|documented|emulator|\bagreed\b|if needed"#)
  private static let storage = Phrase(#"\bstorage\b"#)
  private static let firestore = Phrase(#"firestore|database"#)
  private static let rules = Phrase(
    #"(firestore|storage|security|database) (security )?rules?\b.*(deployed|configured|set|updated|in place|secure|not|locked|published|production|enabled)|(deploy|publish|update|configure) (firestore|storage|security|database) (security )?rules|rules (are )?not (open|in test mode)|правила безопасности"#
  )
  private static let functions = Phrase(
    #"(cloud |firebase |all )?functions? (are |is )?(deployed|active|live)|deploy (cloud |firebase |all )*functions"#)
  private static let indexes = Phrase(
    #"(firestore|composite) indexes?\b.*(created|deployed|built|configured)|create (firestore |composite )+indexes"#)
  private static let hosting = Phrase(
    #"(firebase )?hosting (is )?(deployed|configured|live|set up|enabled)|deploy (to )?(firebase )?hosting"#)
}
