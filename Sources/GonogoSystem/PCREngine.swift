private import CPCRE2
import Glibc
public import GonogoCore
import Synchronization

/// Patterns by PCRE2, with a bound on the steps of a match: `^(a+)+$` is an error, not a hang.
public struct PCREngine: PatternEngine {
  public init() {}

  public func compile(_ pattern: String, ignoringCase: Bool) throws(EngineError) -> any GonogoCore.Pattern {
    try PCREPattern(pattern, ignoringCase: ignoringCase)
  }
}

final class PCREPattern: GonogoCore.Pattern {
  let source: String
  private nonisolated(unsafe) let code: OpaquePointer
  private nonisolated(unsafe) let context: OpaquePointer?
  private let ignoringCase: Bool
  /// Bytes that it has been looked for in; what pays only for a pattern that is used much is made when they are enough.
  private let work = Atomic<Int>(0)
  private let fast = Mutex<Fast?>(nil)

  /// What makes a pattern quick, made once.
  private struct Fast: @unchecked Sendable {
    /// A copy of the code, as machine code; `nil` where PCRE2 has none for this machine or this pattern.
    let machine: OpaquePointer?
    /// The texts one of which every match holds; `nil` where none is known.
    let literals: LiteralSearch?
  }

  /// Machine code and tables cost as much as a search of some ten thousand bytes.
  private static let warm = 16_384
  /// Machine code counts its steps in another way, and some not at all: it is given no longer texts than it can go through
  /// once from each place in some milliseconds.
  private static let machineLimit = 32_768

  init(_ pattern: String, ignoringCase: Bool) throws(EngineError) {
    source = pattern
    self.ignoringCase = ignoringCase
    var error: Int32 = 0
    var offset = 0
    // \C, a single byte of a character, would let a group end inside one; texts that are not UTF-8 are searched all the same.
    let options =
      UInt32(PCRE2_UTF) | UInt32(PCRE2_MATCH_INVALID_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_NEVER_BACKSLASH_C)
      | (ignoringCase ? UInt32(PCRE2_CASELESS) : 0)
    let bytes = Array(pattern.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil) else {
      var message = [UInt8](repeating: 0, count: 256)
      let length = pcre2_get_error_message_8(error, &message, message.count)
      throw EngineError(String(decoding: message.prefix(max(0, Int(length))), as: UTF8.self), offset: offset)
    }
    self.code = code
    // A million steps take some ten milliseconds; honest patterns need thousands.
    context = pcre2_match_context_create_8(nil)
    pcre2_set_match_limit_8(context, 1_000_000)
    pcre2_set_depth_limit_8(context, 10_000)
    pcre2_set_heap_limit_8(context, 64 * 1024)
  }

  deinit {
    pcre2_match_context_free_8(context)
    pcre2_code_free_8(code)
    if let machine = fast.withLock({ $0?.machine }) { pcre2_code_free_8(machine) }
  }

  /// What makes it quick, once it has been used enough.
  private func fast(for bytes: Int) -> Fast? {
    guard work.add(bytes, ordering: .relaxed).newValue >= Self.warm else { return nil }
    return fast.withLock { fast in
      if let fast { return fast }
      // A copy: others may be matching with the code, which must not change meanwhile.
      var machine = pcre2_code_copy_8(code)
      if let copy = machine, pcre2_jit_compile_8(copy, UInt32(PCRE2_JIT_COMPLETE)) != 0 {
        pcre2_code_free_8(copy)
        machine = nil
      }
      let made = Fast(
        machine: machine,
        literals: PatternLiterals.required(by: source, ignoringCase: ignoringCase).flatMap {
          LiteralSearch($0, ignoringCase: ignoringCase)
        })
      fast = made
      return made
    }
  }

  /// Matches by machine code where there is some, and where that gives up, as without it: the bounds are those.
  private func match(_ fast: Fast?, _ base: UnsafePointer<UInt8>, _ count: Int, _ data: OpaquePointer) -> Int32 {
    if let machine = fast?.machine, count <= Self.machineLimit {
      let result = pcre2_match_8(machine, base, count, 0, 0, data, context)
      if result >= 0 || result == PCRE2_ERROR_NOMATCH { return result }
    }
    return pcre2_match_8(code, base, count, 0, 0, data, context)
  }

  func lineMatches(in text: [UInt8], limit: Int) throws(EngineError) -> LineMatches {
    var result = LineMatches()
    var failure: Int32 = 0
    var data: OpaquePointer?
    defer { pcre2_match_data_free_8(data) }
    let fast = fast(for: text.count)
    text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      var search = fast?.literals.map { LiteralSearch.Position($0, bytes) }
      var start = 0
      while start < bytes.count {
        if search != nil {
          // Lines without any of the texts are only counted.
          let candidate = search?.next(from: start) ?? bytes.count
          let line = Self.lineStart(bytes, before: candidate, from: start)
          result.lines += Self.lineEnds(bytes, start, line)
          start = line
          if candidate == bytes.count {
            if start < bytes.count { result.lines += 1 }
            return
          }
        }
        let found = memchr(base + start, 0x0A, bytes.count - start)
        let next = found.map { base.distance(to: $0.assumingMemoryBound(to: UInt8.self)) } ?? bytes.count
        var end = next
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        result.lines += 1
        if data == nil { data = pcre2_match_data_create_from_pattern_8(code, nil) }
        guard let data else {
          failure = PCRE2_ERROR_NOMEMORY
          return
        }
        let count = match(fast, base + start, end - start, data)
        if count >= 0 {
          result.count += 1
          if result.hits.count < limit, let vector = pcre2_get_ovector_pointer_8(data) {
            let from = min(Int(vector[0]), Int(vector[1]))
            let to = max(Int(vector[0]), Int(vector[1]))
            result.hits.append(.init(line: result.lines, lineRange: start..<end, match: start + from..<start + to))
          }
        } else if count != PCRE2_ERROR_NOMATCH {
          failure = count
          return
        }
        start = next + 1
      }
    }
    if failure != 0 { throw Self.error(failure) }
    return result
  }

  /// The start of the line that a place is in, no earlier than `from`, which is one.
  private static func lineStart(_ bytes: UnsafeBufferPointer<UInt8>, before place: Int, from: Int) -> Int {
    var start = place
    while start > from, bytes[start - 1] != 0x0A { start -= 1 }
    return start
  }

  private static func lineEnds(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var count = 0
    for index in start..<end { count &+= bytes[index] == 0x0A ? 1 : 0 }
    return count
  }

  private static func error(_ code: Int32) -> EngineError {
    if code == PCRE2_ERROR_NOMEMORY { return EngineError("ran out of memory") }
    let bounds = [PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_HEAPLIMIT]
    return EngineError(
      bounds.contains(code) ? "needs more steps than the bound of a million" : "failed with PCRE2 error \(code)")
  }

  func firstMatch(in text: String) throws(EngineError) -> PatternMatch? {
    let bytes = Array(text.utf8)
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { throw EngineError("ran out of memory") }
    defer { pcre2_match_data_free_8(data) }
    let fast = fast(for: bytes.count)
    let count = bytes.withUnsafeBufferPointer { buffer in
      // An empty array has no address.
      buffer.baseAddress.map { match(fast, $0, buffer.count, data) } ?? pcre2_match_8(code, [0], 0, 0, 0, data, context)
    }
    if count == PCRE2_ERROR_NOMATCH { return nil }
    if count < 0 { throw Self.error(count) }
    guard let vector = pcre2_get_ovector_pointer_8(data) else { return nil }
    let total = Int(pcre2_get_ovector_count_8(data))
    return PatternMatch(
      groups: (0..<total).map { group in
        let start = vector[group * 2]
        let end = vector[group * 2 + 1]
        // PCRE2_UNSET, all bits set, marks a group that took no part; as an Int it is -1.
        guard group < Int(count), start >= 0, start <= end, end <= bytes.count else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
      })
  }
}
