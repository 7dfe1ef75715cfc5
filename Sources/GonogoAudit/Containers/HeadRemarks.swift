import GonogoCore

/// What the comment at the beginning of a Compose file or a manifest says of the file itself.
///
/// A word is no statement: "used in production" has the words of "do not use in production", and "copy .env.example" those of an example. So a sentence has to
/// say it of the file, must not send its reader to another file ("for local development use compose.dev.yml"), and must not say production in the
/// same breath ("for local development and for production").
enum HeadRemarks {
  private static let development =
    #"(local development|development|dev|demos?|demonstration|testing|tests?|evaluation)"#
  private static let itself = #"(file|compose|stack|setup|configuration|config|environment|server|deployment)"#

  /// Each says by itself that a file is no server's.
  private static let statements = [
    // "do not use this in production", "should not be used in prod"
    #"\b(not|n't|never) (be )?used?( (this|it|that|these|them|file|setup|stack|as is|directly|\#(itself)))* (in|for|on) (a |any |your )?prod"#,
    #"\bnot (be )?((meant|intended|suitable|suited|designed|supposed|ready|fit|safe|secure) )?(to be used |to be run |for use )?(for|in) (a |any )?prod"#,
    #"\b(this|it|\#(itself)) (is|are) not recommended (for|in) (a |any )?prod"#,
    #"\bnot (yet )?production[- ](ready|grade|safe)"#,
    // "for test and development only", "only for testing"
    #"\b\#(development)( purposes?| use| usage)? only\b"#,
    #"\bonly (be used |used |meant |intended )?(for|in|during) (the )?(local )?\#(development)\b"#,
    #"\bfor (the )?(local )?\#(development)(( and|, | or|/) ?\#(development))* purposes?\b"#,
    // "this file is for the development setup", "simplified for testing"
    #"\b(\#(itself)( is| are)?|(this|it)( one)? is|intended|meant|simplified|optimi[sz]ed)( only| just| used| meant| intended| optimi[sz]ed)* for (the |a )?(local )?\#(development)\b"#,
    #"\blocal development\b"#, #"\bfor local (testing|tests|use|debugging|dev)\b"#,
    // "Sample docker-compose file to run …", "this file is an example …"
    #"^\W*(this is |this )?(an? |the )?((minimal|simple|basic|full|complete|working) )?(sample|example|demo|demonstration) (of (an?|the|how)\b|docker|podman|compose|stack|swarm|deployment|config|setup|file|installation)"#,
    #"\b(is|as) ((only|just|merely) )?(an? |the )?(\w+ )?(sample|example|demo|playground)\b(?!:)"#,
    #"\b(docker|compose|stack)( file| configuration| config)? (sample|example|demo)\b(?!:)"#,
    #"\b(\#(itself)|(this|it) is)\b.{0,40} (to|for) (try(ing)?( \w+){0,3} out|evaluat\w+|a (test|trial) run)\b"#,
    #"\bplayground (environment|setup|stack|compose|for)\b"#,
  ].joined(separator: "|")

  /// "For local development, use …": what follows is another file, or another way.
  private static let referral =
    #"(^|[:(—–-] )\W*for (the )?(local )?(development|testing|dev|tests|use|debugging),? (please |you |just |we )?(use|see|run|start|refer|set|uncomment|change|add|copy|create|can|may|need|there)\b"#
  private static let both =
    #"\bprod(uction)?\b ?(,|and|or|&|/|as well as) ?(for |in )?(the |a )?(local|dev|test|demo|eval)|\b(dev\w*|tests?|testing|demo\w*|local|evaluation) ?(,|and|or|&|/|as well as) ?(for |in )?(the |a )?prod"#

  /// Whether it says that the file is a developer's, an example, or for trying out.
  static func sayDevelopment(_ file: TreeFile, _ context: AuditContext) -> Bool {
    guard let text = context.tree.text(file) else { return false }
    let (statements, referral) = (context.pattern(statements), context.pattern(referral))
    let both = context.pattern(both)
    func says(_ pattern: any GonogoCore.Pattern, _ sentence: String) -> Bool {
      ((try? pattern.firstMatch(in: sentence)) ?? nil) != nil
    }
    return sentences(text).contains { sentence in
      says(statements, sentence) && !says(referral, sentence) && !says(both, sentence)
        && !namesAnother(sentence, file.name.lowercased())
    }
  }

  /// Whether a sentence names a file of YAML that is not the one that it stands in.
  private static func namesAnother(_ sentence: String, _ own: String) -> Bool {
    sentence.split(separator: " ").contains { word in
      let name = word.split(separator: "/").last?.filter { !"\"'(),:;".contains($0) } ?? ""
      return (name.hasSuffix(".yml") || name.hasSuffix(".yaml")) && name != own
    }
  }

  /// The sentences of the comment, in lower case, without marks. They go on over lines, and end at a line without words.
  private static func sentences(_ text: SourceFile) -> [String] {
    var result: [String] = [""]
    for number in 1...text.lineCount {
      let line = String(decoding: text.line(number), as: UTF8.self).trimmed
      guard line.hasPrefix("#") || line.isEmpty || line == "---" else { break }
      let said = line.lowercased().filter { !"*#`".contains($0) }
      guard said.contains(where: \.isLetter) else {
        result.append("")
        continue
      }
      for word in said.split(separator: " ") {
        result[result.count - 1] += result[result.count - 1].isEmpty ? String(word) : " \(word)"
        if let last = word.last, ".!?;".contains(last) { result.append("") }
      }
    }
    return result.filter { !$0.isEmpty }
  }
}
