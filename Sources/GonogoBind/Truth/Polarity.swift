/// Whether a line says of what it names that it is so, or that it is not.
enum Polarity: Sendable, Equatable {
  case affirmed
  /// It must not be there, is gone, is refused …: with the words that say so.
  case denied(String)
  /// Not everybody may: with the words that say so.
  case restricted(String)

  /// Read from the line's main clause alone: what stands under "if", in brackets or in a comparison ("not older than") turns
  /// nothing round.
  init(of text: String) {
    let clause = Self.mainClause(text)
    if let groups = Self.restriction.first(in: clause), let words = groups[0] {
      self = .restricted(Inline.trimmed(words))
    } else if let groups = Self.denial.first(in: clause), let words = groups[0] {
      self = .denied(Inline.trimmed(words))
    } else {
      self = .affirmed
    }
  }

  /// The text without what says something of something else.
  static func mainClause(_ text: String) -> String {
    // What comes after the first sentence is said of it, unless that is a mere heading.
    let first = sentence.first(in: text)?[1] ?? text
    var clause = first.split(separator: " ").count > 2 ? first : text
    for groups in brackets.all(in: clause) {
      guard let whole = groups[0] else { continue }
      if !denyingBrackets.isFound(in: whole) { clause = clause.replacing(whole, with: " ", maxReplacements: 1) }
    }
    for phrase in [harmless, subordinate] {
      for groups in phrase.all(in: clause) {
        if let whole = groups[0] { clause = clause.replacing(whole, with: " ", maxReplacements: 1) }
      }
    }
    return Inline.trimmed(clause)
  }

  private static let sentence = Phrase(#"(?s)^(.*?[\p{Ll}\d)`])[.!?]\s+(?=[\"“«(]?\p{Lu})"#, ignoringCase: false)
  private static let brackets = Phrase(#"\([^()]*\)"#)
  private static let denyingBrackets = Phrase(
    #"^\((is |are |must be |should be )?(not|never|no longer|must not|should not|removed|deleted|gone|absent|не |удал|убран|нет )"#
  )

  /// Comparisons, and denials of a lack: they say that something is there.
  private static let harmless = Phrase(
    #"\b(is |are |be |was )?(no|not|never|doesn't|does not|don't|do not|must not|should not|cannot|can't)( be| get| fall| go)? ((more|less|fewer|later|older|longer|earlier|greater|larger|smaller|higher|lower) than|exceed\w*|drops? below|below|above|over|under|empty|blank|null|only|just|optional|missing|the default|default|a default|a placeholder|changeme|expired|outdated|(be )?(disabled|skipped|bypassed|turned off|removed|dropped))\b|\bno[- ](auth|authentication|login|token)( is)? (needed|required)|\bwithout (an? )?(auth\w*|login|token)\b|\bno-?sql\b|\bno-(cache|store|referrer|sniff|op)\b|\bzero[- ]downtime\b|\bnot null\b|\bwhether or not\b|\bnot just\b|не (менее|более|меньше|больше|реже|старше|позже|позднее|чаще|ниже|выше|дольше|превыша\w+|только|пуст\w*|должн\w* быть пуст\w*|просроч\w*)"#
  )
  static let subordinate = Phrase(
    #"(?<![\w-])(if|when|whenever|while|because|since|so that|in case|even if|unless|until|before|after|если|когда|пока|чтобы|до того|после того)\b[^,;:.]*"#
  )

  private static let restriction = Phrase(
    #"\b(requires?|needs?|demands?) (an? |the |some )?(\w+ )?(auth\w*|tokens?|log-?in|sign(ing)?[- ]?in|session|credentials|password|api[- ]keys?|mfa|role|permission)\b|\b(is|are|sits?|stays?) (behind|protected|password[- ]protected|authenticated|private|internal)\b|\bprotected (by|with|behind)\b|\b(admin|owner|staff|internal|members?|authenticated)s?[- ]only\b|\bonly (for|by|to|from|accessible|available|reachable|admins?|authenticated|signed[- ]in|owners?|internal)\b|требует (авториз|аутентиф|токен|вход|парол)\w*|только (для|из|по|с|админ|авториз)\w*|(защищ[её]н|закрыт)\w* (парол|токен|авториз)\w*"#
  )

  private static let denial = Phrase(
    #"^no\b|\b(there (is|are|was|were)|has|have|with|shows?|reports?|contains?|finds?|returns?|prints?|leaves?|leaks?|expects?|and|but|that|:|-) (no|none|nothing)\b|\b(not|never|cannot|neither|nor|nobody|nothing|none|no one|no longer)\b|n't\b|^without\b|\bno (public|open|more|other|such|pending|failing|failed|known)\b|\b(removed|deleted|dropped|gone|absent|disabled|unset|revoked|stripped|hidden|closed|blocked|refused|denied|rejected|forbidden|prohibited|excluded|uninstalled|decommissioned|unreachable|inaccessible|unavailable|retired|purged|unpublished|masked|inactive|prevented|disallowed)(?=\s*($|[.,;:!)]|\b(from|in|on|for|by|at|to|with|via|over|before|after|and|or|everywhere|outside|of|as|и|или|из|в|на|для|с)\b))|\b(is|are|be|stays?|stay|turned|switched|set to|left|kept|:|=) ?off\b|\b(shut down|torn down|taken down|signed out|turned off|switched off)\b|^(remove|delete|drop|disable|close|block|deny|forbid|revoke|purge|strip|hide|uninstall|avoid|prevent|turn off|switch off|unset|exclude|decommission|reject|refuse|stop|kill|get rid of)\b|\b(excludes?|rejects?|refuses?|denies|forbids?|disallows?|omits?|lacks?|hides?|prevents?|ignores?|strips?|blocks?)\b(?=\s+(?!(?:are|is|were|was|of)\b)\S)|\bfree (of|from)\b|\bclean of\b|(?<!\w)(не|нет|ни|никто|ничего|никогда|нельзя|отсутствует|отсутствуют|недоступ\w+)(?!\w)|\b(удал[её]н|убран|отключ[её]н|закрыт|запрещ[её]н|выключен|скрыт|исключ[её]н|заблокирован|отозван|снят|отклон[её]н|спрятан)(а|о|ы)?(?!\w)|\b(отклоня|запреща|исключа|скрыва|блокиру|игнориру)\w+|^(удалить|убрать|отключить|закрыть|запретить|выключить|скрыть|исключить|отозвать|заблокировать)\b"#
  )
}
