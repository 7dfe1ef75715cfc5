import GonogoCore

/// What was proposed, as text, JSON or Markdown.
public struct BindReport {
  let file: String
  let binder: Binder

  public init(file: String, binder: Binder) {
    self.file = file
    self.binder = binder
  }

  /// Lines that say something of their own, and for which nothing was found.
  public var left: [BoundLine] {
    binder.lines.filter {
      $0.proposal == nil && !$0.line.isBound && !$0.line.isHistory
        && [.task, .box, .row, .bullet, .step, .command].contains($0.line.kind)
    }
  }
  public var proposed: [BoundLine] { binder.lines.filter { $0.proposal != nil } }

  /// The targets and principals that the proposals need and the document does not declare.
  public var needed: (targets: [String], principals: [String]) {
    var targets: Set<String> = []
    var principals: Set<String> = []
    for block in proposed.flatMap({ $0.proposal?.blocks ?? [] }) {
      targets.formUnion(TargetCatalogue.needed(by: block))
      principals.formUnion(TargetCatalogue.principals(of: block))
    }
    let order = TargetCatalogue.all.map(\.name)
    return (
      targets.subtracting(binder.front.declared).sorted {
        (order.firstIndex(of: $0) ?? order.count, $0) < (order.firstIndex(of: $1) ?? order.count, $1)
      },
      principals.subtracting(binder.front.declaredPrincipals).sorted()
    )
  }

  private var summary: String {
    let counts = Confidence.allCases.reversed().map { level in
      "\(proposed.filter { $0.proposal?.confidence == level }.count) \(level.rawValue)"
    }
    let confidences = counts.joined(separator: ", ")
    var text = "\(proposed.count.counting("binding")) proposed (\(confidences)), \(left.count.counting("line")) left"
    let bound = binder.lines.filter(\.line.isBound).count
    if bound > 0 { text += ", \(bound) bound already" }
    return text
  }

  public var text: String {
    var out = ""
    if binder.reader.mended {
      out +=
        "\(file): the text went through a wrong encoding; it is read mended, and its bytes are left as they are\n\n"
    }
    for item in binder.lines {
      if let proposal = item.proposal {
        out +=
          "\(file):\(item.line.number): \(proposal.confidence.rawValue)[\(proposal.recogniser)]: \(short(item.line.text))\n"
        out += "   = reason: \(proposal.reason)\n"
        // Two bindings of one line are two documents of YAML, as they are two blocks in a copy.
        out += YAMLText.indented(proposal.blocks.joined(separator: "\n---\n"), by: 4) + "\n"
        out += "\n"
      }
    }
    if !left.isEmpty {
      for item in left {
        let near = item.nearest.isEmpty ? "" : "  (nearest: \(item.nearest.joined(separator: ", ")))"
        out += "\(file):\(item.line.number): left: \(short(item.line.text))\(near)\n"
        for (recogniser, why) in item.withheld { out += "   = not proposed[\(recogniser)]: \(why)\n" }
      }
      out += "\n"
    }
    for item in binder.dropped {
      out += "\(file):\(item.line): dropped[\(item.recogniser)]: \(item.message)\n"
    }
    if !binder.dropped.isEmpty { out += "\n" }
    let (targets, principals) = needed
    if !targets.isEmpty {
      out += "targets that the bindings need:\n"
      for name in targets {
        let value = binder.options.targets[name] ?? "${\(TargetCatalogue.variable(name))}"
        out += "    \(name): \(value)\(TargetCatalogue.meaning(name).map { "  (\($0))" } ?? "")\n"
      }
    }
    if !principals.isEmpty {
      out += "principals: \(principals.map { "\($0) (\($0.uppercased())_TOKEN)" }.joined(separator: ", "))\n"
    }
    return out + summary + "\n"
  }

  public var markdown: String {
    var out = "# Bindings proposed for \(file)\n\n\(summary)\n"
    for item in proposed {
      guard let proposal = item.proposal else { continue }
      out +=
        "\n- **line \(item.line.number)** (\(proposal.confidence.rawValue), `\(proposal.recogniser)`) \(item.line.raw)\n\n  \(proposal.reason)\n"
      for block in proposal.blocks { out += "\n" + YAMLText.indented("```yaml\n\(block)\n```", by: 2) + "\n" }
    }
    if !left.isEmpty { out += "\n## Left\n\n| line | text | nearest probes |\n|---:|---|---|\n" }
    for item in left {
      out +=
        "| \(item.line.number) | \(item.line.text.replacing("|", with: "\\|")) | \(item.nearest.joined(separator: ", ")) |\n"
    }
    return out
  }

  public var json: JSON {
    let (targets, principals) = needed
    func object(_ proposal: Proposal) -> JSON {
      [
        "recogniser": .string(proposal.recogniser), "confidence": .string(proposal.confidence.rawValue),
        "reason": .string(proposal.reason), "blocks": JSON(proposal.blocks), "left": JSON(proposal.left),
      ]
    }
    return [
      "schema": "gonogo.bind/1", "file": .string(file), "mended": .bool(binder.reader.mended),
      "lines": .array(
        binder.lines.map { item in
          var members: [String: JSON] = [
            "line": JSON(item.line.number), "kind": .string(item.line.kind.rawValue), "text": .string(item.line.text),
            "section": JSON(item.line.section), "bound": .bool(item.line.isBound), "nearest": JSON(item.nearest),
            "others": .array(item.others.map(object)),
            "withheld": .array(
              item.withheld.map { ["recogniser": .string($0.recogniser), "why": .string($0.why)] }),
          ]
          if let ticked = item.line.ticked { members["ticked"] = .bool(ticked) }
          if let proposal = item.proposal { members["proposal"] = object(proposal) }
          return .object(members)
        }),
      "dropped": .array(
        binder.dropped.map {
          ["line": JSON($0.line), "recogniser": .string($0.recogniser), "message": .string($0.message)]
        }),
      "targets": .array(
        targets.map { name in
          [
            "name": .string(name),
            "value": .string(binder.options.targets[name] ?? "${\(TargetCatalogue.variable(name))}"),
          ]
        }),
      "principals": JSON(principals),
      "proposed": JSON(proposed.count), "left": JSON(left.count),
    ]
  }

  private func short(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 100 ? line.prefix(99) + "…" : line
  }
}
