/// One thing that lines say in many ways, and what looks whether it is so. A recogniser of several is a list of them.
struct Claim: Sendable {
  let phrase: Phrase
  /// What makes of the same words another thing.
  let except: Phrase?
  let blocks: [String]
  let confidence: Confidence
  let reason: String

  init(_ phrase: String, except: String? = nil, _ blocks: String..., confidence: Confidence = .medium, reason: String) {
    self.phrase = Phrase(phrase)
    self.except = except.map { Phrase($0) }
    self.blocks = blocks
    self.confidence = confidence
    self.reason = reason
  }

  func isMade(by line: ChecklistLine) -> Bool { line.says(phrase) && !(except.map(line.says) ?? false) }

  var draft: Draft { Draft(blocks: blocks, confidence: confidence, reason: reason) }
}

extension [Claim] {
  /// What the first claim that the line makes gives.
  func draft(_ line: ChecklistLine) -> Draft? { first { $0.isMade(by: line) }?.draft }
}

/// Words that several recognisers keep away from.
enum Reservations {
  /// The line is a thought or an offer, and says of nothing that it is so.
  static let thought = Phrase(
    #"^consider\b|^(optionally|optional):|\bif (needed|necessary|desired|required)\b|\bas needed\b|^рассмотреть|при необходимости|\bwill be\b|\bconsidered\b|^(plan|decide|discuss|review|research|evaluate)\b"#
  )
  static let condition = Phrase(#"^(if|unless|when using|in case|only if|если|при использовании)\b"#)
  /// What people look at again and again, or write down.
  static let paper = Phrase(
    #"\b(documented|documentation|guide|runbook|reviewed|trained|scheduled review|policy (written|documented))\b|документ|задокументирован"#
  )
}
