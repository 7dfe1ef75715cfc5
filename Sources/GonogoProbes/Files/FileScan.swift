import Glibc
import GonogoCore
import GonogoDocument
import GonogoSystem

/// Goes over the files that were found, and gathers what is to be said of them.
struct FileScan {
  let probe: FilesProbe
  let context: ProbeContext
  let deadline: Deadline
  var wanted: [Rendered] = []
  var newerThan: Int64?
  /// One file, named without a glob: its content is among the facts.
  var single = false
  var unreadable = 0

  private(set) var seen = 0
  private(set) var searched = 0
  private var binary = 0
  private var files: [JSON] = []
  private var older: [String] = []
  private var hits: [JSON] = []
  private var hitCount = 0
  private var matches: [JSON] = []
  private var matchCount = 0
  private var present: Set<Int> = []
  private var content: [UInt8]?
  private var path = ""
  /// What may be read for digests that nobody asked for.
  private var digestBudget: Int64 = 256 << 20

  init(probe: FilesProbe, context: ProbeContext, deadline: Deadline) {
    self.probe = probe
    self.context = context
    self.deadline = deadline
  }

  private var searches: Bool { !wanted.isEmpty || probe.matches != nil || !probe.noMatch.isEmpty }

  mutating func look(at file: FileFinder.Found, count: Int) throws(ProbeError) {
    try deadline.check()
    let status = file.status
    let now = context.clock.now()
    var fact: [String: JSON] = [
      "path": .string(file.path), "size": .integer(status.size), "mode": .string(FilesProbe.octal(status.mode)),
      "modified": .string(Timestamp.format(status.modified)), "age_ms": .integer(max(0, now - status.modified)),
      "kind": .string(status.isDirectory ? "directory" : status.isRegular ? "file" : "special"),
    ]
    let readsWhole = searches || single && !probe.values.isEmpty
    let digests =
      probe.digests
      || status.isRegular && count <= 100 && status.size <= min(FilesProbe.digestLimit, digestBudget)
    fact["sha256"] = .null
    if readsWhole || probe.digests, !status.isRegular {
      throw ProbeError(
        .configuration, "\(file.path) is \(status.isDirectory ? "a directory" : "not a regular file")",
        asked: "read \(file.path)", mend: status.isDirectory ? "name the files in it: \(file.path)/**" : "name a file")
    }
    let small = single && status.isRegular && status.size <= FilesProbe.digestLimit
    if readsWhole || digests || small {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try FileSystem.read(FileSystem.join(context.directory, file.path), limit: FilesProbe.searchLimit)
      } catch {
        if error.isNotFound, !single { return }
        if error.isDenied {
          unreadable += 1
          // Where only the digest is wanted, what stat(2) says of the file is still worth having.
          if !readsWhole, !probe.digests {
            note(file, fact)
            return
          }
          if probe.ignoresUnreadable { return }
          throw ProbeError(
            .denied, "\(file.path) may not be read", asked: "read \(file.path)",
            mend: "run as a user who may read it, exclude it, or say `unreadable: ignore`")
        }
        throw LocalFile.problem(error, shown: file.path, limit: FilesProbe.searchLimit)
      }
      if digests {
        fact["sha256"] = .string(Digest.hex(Digest.sha256(bytes)))
        digestBudget -= status.size
      }
      if single {
        content = bytes
        path = file.path
      }
      if searches { try search(bytes, file.path) }
    }
    note(file, fact)
  }

  private mutating func note(_ file: FileFinder.Found, _ fact: [String: JSON]) {
    seen += 1
    files.append(.object(fact))
    if let newerThan, file.status.modified <= newerThan { older.append(file.path) }
  }

  private mutating func search(_ bytes: [UInt8], _ path: String) throws(ProbeError) {
    guard let text = FileContent.text(bytes) else {
      binary += 1
      return
    }
    searched += 1
    for (index, rendered) in wanted.enumerated() where !present.contains(index) {
      if Self.holds(text, Array(rendered.exposed.utf8)) { present.insert(index) }
    }
    for pattern in probe.noMatch {
      let found = try matches(pattern, text, path, limit: FilesProbe.hitLimit - hits.count)
      hitCount += found.count
      for hit in found.hits { hits.append(show(hit, text, path, pattern: pattern)) }
    }
    if let pattern = probe.matches {
      let found = try matches(pattern, text, path, limit: FilesProbe.hitLimit - matches.count)
      matchCount += found.count
      for hit in found.hits { matches.append(show(hit, text, path, pattern: nil)) }
    }
  }

  private func matches(_ pattern: any Pattern, _ text: [UInt8], _ path: String, limit: Int) throws(ProbeError)
    -> LineMatches
  {
    do { return try pattern.lineMatches(in: text, limit: max(0, limit)) } catch {
      throw ProbeError(
        .configuration, "the pattern /\(pattern.source)/ \(error.message) in \(path)", asked: "search \(path)",
        mend: "simplify it")
    }
  }

  /// Hits of a secret pattern show where, never what; and what was matched is known to the redactor from then on.
  private func show(_ hit: LineMatches.Hit, _ text: [UInt8], _ path: String, pattern: (any Pattern)?) -> JSON {
    var object: [String: JSON] = ["path": .string(path), "line": JSON(hit.line)]
    if let pattern, probe.noMatch.count > 1 { object["pattern"] = .string(pattern.source) }
    if probe.secret ?? FileContent.isSecretive(path) {
      let match = String(decoding: text[hit.match], as: UTF8.self)
      if match.utf8.count >= 8 { context.redactor.add(match) }
      object["text"] = .string(Redactor.mark)
    } else {
      // The match itself stays in sight where the line is long, as in minified code.
      let start = max(hit.lineRange.lowerBound, hit.match.lowerBound - 80)
      let line = String(decoding: text[start..<min(hit.lineRange.upperBound, start + 1000)], as: UTF8.self)
      let trimmed = String(line.drop { $0 == " " || $0 == "\t" })
      object["text"] = .string((start > hit.lineRange.lowerBound ? "…" : "") + DisplayWidth.truncate(trimmed, to: 200))
    }
    return .object(object)
  }

  func facts() throws(ProbeError) -> [String: JSON] {
    var facts: [String: JSON] = [
      "exists": true, "count": JSON(seen), "unreadable": JSON(unreadable),
    ]
    if files.count <= FilesProbe.listLimit { facts["files"] = .array(files) }
    if searches {
      facts["searched"] = JSON(searched)
      facts["binary"] = JSON(binary)
    }
    if !wanted.isEmpty {
      facts["missing"] = JSON(wanted.enumerated().filter { !present.contains($0.offset) }.map(\.element.display))
    }
    if !probe.noMatch.isEmpty {
      facts["hits"] = .array(hits)
      facts["hit_count"] = JSON(hitCount)
    }
    if probe.matches != nil {
      facts["matches"] = .array(matches)
      facts["match_count"] = JSON(matchCount)
    }
    if newerThan != nil { facts["older"] = JSON(older) }
    if let content { try describe(content, &facts) }
    if !probe.values.isEmpty, content == nil {
      throw ProbeError(
        .configuration, "values can be named of one file only, and \(seen) match", asked: "read values",
        mend: "name the file without a glob")
    }
    return facts
  }

  /// The content of a single file: as a document, as text.
  private func describe(_ content: [UInt8], _ facts: inout [String: JSON]) throws(ProbeError) {
    let withheld = probe.secret ?? FileContent.isSecretive(path)
    if let format = probe.format ?? FileContent.Format(path: path) {
      do {
        let document = try format.parse(content)
        context.redactor.add(FileContent.secrets(in: document))
        if !withheld { facts["document"] = document }
        if !probe.values.isEmpty {
          facts["values"] = .object(
            Dictionary(
              probe.values.map { ($0.name, $0.path.first(in: document) ?? .null) },
              uniquingKeysWith: { _, last in last }))
        }
      } catch {
        if probe.format != nil {
          throw ProbeError(
            .malformed, "\(path):\(error.message)", asked: "read \(path) as \(format.rawValue)",
            mend: "correct the file")
        }
        facts["document_error"] = .string("\(path):\(error.message)")
      }
    }
    if !withheld, content.count <= 256 << 10, let bytes = FileContent.text(content),
      let text = String(validating: bytes, as: UTF8.self)
    {
      facts["text"] = .string(text)
      var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
        String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
      }
      if lines.last == "" { lines.removeLast() }
      facts["lines"] = JSON(lines)
    }
  }

  /// Whether the bytes of `needle` stand anywhere in `text`.
  static func holds(_ text: [UInt8], _ needle: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { text in
      guard let base = text.baseAddress, let first = needle.first else { return needle.isEmpty }
      var start = 0
      while start + needle.count <= text.count,
        let found = memchr(base + start, Int32(first), text.count - needle.count - start + 1)
      {
        if memcmp(found, needle, needle.count) == 0 { return true }
        start = base.distance(to: found.assumingMemoryBound(to: UInt8.self)) + 1
      }
      return false
    }
  }
}
