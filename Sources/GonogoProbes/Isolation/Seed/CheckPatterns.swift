/// Texts that fit a pattern of a CHECK.
enum CheckPatterns {
  static func samples(_ strings: [String], label: SeedLabel) -> [String] {
    var samples = [
      "gonogo", "GONOGO", "Gonogo", "gonogo-\(label.rawValue)", "gonogo_\(label.rawValue)", "a", "A", "abc", "ABC",
      "AB", "EUR", "DE",
      "1", "12", "123", "1234", "12345", "123456", "a1", "A1", "gonogo-\(label.rawValue)@example.test",
      "https://example.test/",
      "#00ff00", "#00FF00", "+491234567890", "2026-01", "2026-01-01", "12:00", "1.0.0", "en", "en-US", "example.test",
      "UTC",
      SeedValues.uuid(label, 1),
    ]
    for string in strings {
      if string.contains("%") || string.contains("_") {
        samples.append(string.replacing("%", with: "x").replacing("_", with: "x"))
        samples.append(string.replacing("%", with: "").replacing("_", with: "x"))
      }
      if string.contains("[") || string.contains("\\") || string.hasPrefix("^") {
        for variant in [0, 1, 2] {
          if let sample = PatternSample(string, variant: variant).text { samples.append(sample) }
        }
      }
    }
    return samples
  }
}

/// One text that a simple regular expression matches: literals, classes, groups, alternatives, counts.
struct PatternSample {
  private var characters: [Character]
  private var place = 0
  private let variant: Int
  private(set) var text: String?

  init(_ pattern: String, variant: Int) {
    characters = Array(pattern)
    self.variant = variant
    text = nil
    text = alternatives()
  }

  private mutating func alternatives() -> String? {
    var first: String?
    while true {
      guard let branch = sequence() else { return nil }
      if first == nil { first = branch }
      if place < characters.count, characters[place] == "|" { place += 1 } else { return first }
    }
  }

  private mutating func sequence() -> String? {
    var result = ""
    while place < characters.count, characters[place] != "|", characters[place] != ")" {
      guard let atom = atom() else { return nil }
      var least = 1
      var most = 1
      if place < characters.count {
        switch characters[place] {
        case "*": (least, most) = (0, 8)
        case "+": (least, most) = (1, 8)
        case "?": (least, most) = (0, 1)
        case "{":
          var inside = ""
          var scan = place + 1
          while scan < characters.count, characters[scan] != "}" {
            inside.append(characters[scan])
            scan += 1
          }
          let parts = inside.split(separator: ",", omittingEmptySubsequences: false)
          guard let low = parts.first.flatMap({ Int($0) }) else { return nil }
          least = low
          most = parts.count == 1 ? low : Int(parts[1]) ?? low + 8
          place = scan
        default: break
        }
        if "*+?{}".contains(characters[place]) {
          place += 1
          if place < characters.count, characters[place] == "?" { place += 1 }
        }
      }
      let count = variant == 0 ? max(least, min(1, most)) : variant == 1 ? least : min(most, least + 6)
      result += String(repeating: atom, count: count)
    }
    return result
  }

  private mutating func atom() -> String? {
    let character = characters[place]
    place += 1
    switch character {
    case "^", "$": return ""
    case ".": return "x"
    case "(":
      if place + 1 < characters.count, characters[place] == "?" {
        guard characters[place + 1] == ":" else { return nil }
        place += 2
      }
      let inner = alternatives()
      if place < characters.count, characters[place] == ")" { place += 1 }
      return inner
    case "[": return characterClass()
    case "\\":
      guard place < characters.count else { return nil }
      let escaped = characters[place]
      place += 1
      switch escaped {
      case "d": return "7"
      case "w": return "w"
      case "s": return " "
      case "S": return "x"
      case "m", "M", "y", "A", "Z": return ""
      default: return String(escaped)
      }
    default: return String(character)
    }
  }

  private mutating func characterClass() -> String? {
    var negated = false
    if place < characters.count, characters[place] == "^" {
      negated = true
      place += 1
    }
    var members: [Character] = []
    while place < characters.count, characters[place] != "]" || members.isEmpty && !negated && false {
      if characters[place] == "[", place + 1 < characters.count, characters[place + 1] == ":" {
        var name = ""
        place += 2
        while place < characters.count, characters[place] != ":" {
          name.append(characters[place])
          place += 1
        }
        place += 2
        members.append(name == "digit" ? "7" : name == "upper" ? "X" : name == "space" ? " " : "x")
        continue
      }
      if characters[place] == "\\", place + 1 < characters.count {
        place += 1
        members.append(
          characters[place] == "d"
            ? "7" : characters[place] == "w" ? "w" : characters[place] == "s" ? " " : characters[place])
      } else {
        members.append(characters[place])
      }
      place += 1
      if place + 1 < characters.count, characters[place] == "-", characters[place + 1] != "]" { place += 2 }
    }
    place += 1
    if negated { return ["x", "7", "-"].first { !members.contains(Character($0)) } }
    return members.first.map(String.init)
  }
}
