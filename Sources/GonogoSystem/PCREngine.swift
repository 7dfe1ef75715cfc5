private import CPCRE2
import Glibc
public import GonogoCore

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

  init(_ pattern: String, ignoringCase: Bool) throws(EngineError) {
    source = pattern
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
  }

  func lineMatches(in text: [UInt8], limit: Int) throws(EngineError) -> LineMatches {
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { throw EngineError("ran out of memory") }
    defer { pcre2_match_data_free_8(data) }
    var result = LineMatches()
    var failure: Int32 = 0
    text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      var start = 0
      while start < bytes.count {
        let found = memchr(base + start, 0x0A, bytes.count - start)
        let next = found.map { base.distance(to: $0.assumingMemoryBound(to: UInt8.self)) } ?? bytes.count
        var end = next
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        result.lines += 1
        let count = pcre2_match_8(code, base + start, end - start, 0, 0, data, context)
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

  private static func error(_ code: Int32) -> EngineError {
    let bounds = [PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_HEAPLIMIT]
    return EngineError(
      bounds.contains(code) ? "needs more steps than the bound of a million" : "failed with PCRE2 error \(code)")
  }

  func firstMatch(in text: String) throws(EngineError) -> PatternMatch? {
    let bytes = Array(text.utf8)
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { throw EngineError("ran out of memory") }
    defer { pcre2_match_data_free_8(data) }
    let count = pcre2_match_8(code, bytes, bytes.count, 0, 0, data, context)
    if count == PCRE2_ERROR_NOMATCH { return nil }
    if count < 0 { throw Self.error(count) }
    guard let vector = pcre2_get_ovector_pointer_8(data) else { return nil }
    let total = Int(pcre2_get_ovector_count_8(data))
    return PatternMatch(
      groups: (0..<total).map { group in
        let start = vector[group * 2]
        let end = vector[group * 2 + 1]
        guard group < Int(count), start != Int.max, start <= end, end <= bytes.count else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
      })
  }
}
