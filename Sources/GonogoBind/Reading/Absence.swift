/// Lines that say of what they name that it must not be there.
enum Absence {
  static func isMeant(_ line: ChecklistLine) -> Bool { negative.isFound(in: line.text) }

  /// The line begins with what forbids or removes.
  static func isForbidden(_ line: ChecklistLine) -> Bool { forbidding.isFound(in: line.text) }

  private static let forbidding = Phrase(
    #"^(do not|don't|never|avoid|remove|delete|disable|drop|revoke|uninstall|turn off|switch off|stop|не|никогда|удалить|убрать|отключить|запретить)\b"#
  )
  private static let negative = Phrase(
    #"\b(not|never|no longer|isn't|aren't|cannot|can't)\b( be| been| is| are)? ?(publicly |directly |externally )?(accessible|reachable|served|exposed|available|visible|committed|tracked|checked in|in (the )?(repo|git|version control|source)|public|present|installed|used|open|listed)\b|\b(is|are|be|was|were|must|should|does|do) not\b|\b(isn't|aren't|doesn't|don't|mustn't)\b|\b(inaccessible|unreachable|(is|are|access|be) (blocked|denied|forbidden)|blocked from)\b|\b(is|are|was|were|been|be) (removed|deleted|disabled|uninstalled|masked|turned off|switched off|gone)\b|^(do not|don't|never|avoid|remove|delete|disable|uninstall|block|deny|turn off|switch off|drop|revoke)\b|^no\b|^without\b|\bexposed in\b|\b(removed|deleted|disabled|blocked)$|^(удалить|убрать|отключить|закрыть|запретить|нет|без)( |$)|не (должн\w+ быть )?(доступ|откры|закоммич|установлен)\w*"#
  )
}
