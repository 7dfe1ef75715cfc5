import GonogoCore

/// `$X`, `${X}`, `${X:?}` and `${X:-default}` in scripts and Compose files.
enum ShellReads {
  /// - Parameter own: whether names that the text itself sets are left out, as in a script.
  static func read(_ text: SourceFile, _ file: TreeFile, how: String, own: Bool) -> [EnvironmentRead] {
    var found: [(name: String, offset: Int, need: EnvironmentRead.Need, fallback: EnvironmentRead.Fallback)] = []
    var set: Set<String> = []
    for number in 1...max(1, text.lineCount) {
      let line = text.line(number)
      if line.drop(while: { $0 == 0x20 || $0 == 0x09 }).first == 0x23 { continue }
      if own { set.formUnion(assigned(line)) }
      scan(line, &found)
    }
    let purpose =
      how == "shell" && SourcePurpose.of(path: file.path) == .application ? .script : SourcePurpose.of(path: file.path)
    return found.filter { !set.contains($0.name) }.map { item in
      EnvironmentRead(
        name: item.name, place: TreePlace(file.path, text.position(of: item.offset)), purpose: purpose,
        language: file.language, how: how, need: item.need, fallback: item.fallback, isGuarded: false)
    }
  }

  /// Names that a line sets: `X=`, `export X=`, `local X`, `for X in`, `read X`.
  private static func assigned(_ line: ArraySlice<UInt8>) -> [String] {
    var names: [String] = []
    var words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x3B || $0 == 0x28 || $0 == 0x26 }[...]
    var takesNames = false
    while let word = words.popFirst() {
      let name = word.prefix { $0.isWordByte }
      if name.isEmpty {
        takesNames = takesNames && word.first == 0x2D
        continue
      }
      if name.count < word.count, word[name.endIndex] == 0x3D || word[name.endIndex] == 0x2B {
        names.append(String(decoding: name, as: UTF8.self))
      } else if takesNames {
        names.append(String(decoding: name, as: UTF8.self))
      }
      if ["for", "read", "local", "declare", "readonly", "export", "typeset", "while"].contains(where: {
        name.elementsEqual($0.utf8)
      }) {
        takesNames = !name.elementsEqual("while".utf8) && !name.elementsEqual("export".utf8)
      } else if name.elementsEqual("in".utf8) || name.elementsEqual("do".utf8) {
        takesNames = false
      }
    }
    return names
  }

  private static func scan(
    _ line: ArraySlice<UInt8>,
    _ found: inout [(name: String, offset: Int, need: EnvironmentRead.Need, fallback: EnvironmentRead.Fallback)]
  ) {
    var index = line.startIndex
    while index < line.endIndex {
      defer { index += 1 }
      if line[index] == 0x5C {
        index += 1
        continue
      }
      guard line[index] == 0x24, index + 1 < line.endIndex else { continue }
      if line[index + 1] == 0x24 {
        index += 1
        continue
      }
      let braced = line[index + 1] == 0x7B
      let start = braced ? index + 2 : index + 1
      let name = line[min(start, line.endIndex)...].prefix { $0.isWordByte }
      guard let first = name.first, first.isUpperByte else { continue }
      let text = String(decoding: name, as: UTF8.self)
      guard EnvironmentNames.isConventional(text) else { continue }
      var need = EnvironmentRead.Need.unchecked
      var fallback = EnvironmentRead.Fallback.none
      if braced {
        var rest = line[name.endIndex...]
        if rest.first == 0x3A { rest = rest.dropFirst() }
        if rest.first == 0x3F {
          need = .required
        } else if rest.first == 0x2D || rest.first == 0x3D {
          need = .optional
          let value = String(decoding: rest.dropFirst().prefix { $0 != 0x7D }, as: UTF8.self)
          fallback = value.isEmpty ? .none : value.contains("$") ? .expression : .literal(value)
        } else if rest.first == 0x2B {
          need = .optional
        }
      }
      found.append((text, index, need, fallback))
    }
  }
}
