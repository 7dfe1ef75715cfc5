private import CJQ
import CSystem
import Glibc
public import GonogoCore
import Synchronization

/// jq by libjq, all expressions of a plan compiled as one program.
///
/// `jq_compile` costs 15 ms however small the expression, because it binds jq's own library each time; so every expression
/// becomes a function of one program, and the input says which is meant. Where that program does not compile, the
/// expressions are compiled by halves until the faulty ones are found.
///
/// `env`, `$ENV`, `input` and `inputs` are taken away: an expression sees the facts and nothing else. So are `stderr` and
/// `debug`, which would print facts before anything is redacted, and `halt`. An expression that does not end is stopped.
public final class JQEngine: QueryEngine, Sendable {
  private struct State {
    var expressions: [String] = []
    var handles: [String: Int] = [:]
    var errors: [Int: EngineError] = [:]
    var compiled = -1
    var program: JQProgram?
  }

  private let state = Mutex(State())

  private let watchdog = JQWatchdog()
  private let milliseconds: Int

  /// - Parameter milliseconds: how long one evaluation may take.
  public init(milliseconds: Int = 2000) { self.milliseconds = milliseconds }

  public func register(_ expression: String) -> Int {
    state.withLock { state in
      if let handle = state.handles[expression] { return handle }
      state.expressions.append(expression)
      state.handles[expression] = state.expressions.count - 1
      return state.expressions.count - 1
    }
  }

  public func prepare() -> [Int: EngineError] {
    state.withLock { state in
      if state.compiled == state.expressions.count { return state.errors }
      state.compiled = state.expressions.count
      state.errors = [:]
      state.program = nil
      var good: [Int] = []
      for (index, expression) in state.expressions.enumerated() {
        if let error = Self.unbalanced(expression) { state.errors[index] = error } else { good.append(index) }
      }
      if good.isEmpty { return state.errors }
      // Where all of it compiles, that is the program; else the faulty ones are looked for, and the rest is compiled again.
      state.program = JQProgram.compile(Self.source(good, state.expressions)).0
      if state.program != nil { return state.errors }
      for (index, error) in Self.faults(good, state.expressions) { state.errors[index] = error }
      good.removeAll { state.errors[$0] != nil }
      if !good.isEmpty { state.program = JQProgram.compile(Self.source(good, state.expressions)).0 }
      return state.errors
    }
  }

  public func evaluate(_ handle: Int, on input: JSON) throws(EngineError) -> [JSON] {
    let result: Result<[JSON], EngineError> = state.withLock { state in
      if let error = state.errors[handle] { return .failure(error) }
      guard let program = state.program else { return .failure(EngineError("was not compiled")) }
      return program.run(
        .object(["h": JSON(handle), "f": input]), watchdog: watchdog, milliseconds: milliseconds)
    }
    return try result.get()
  }

  private static func faults(_ indices: [Int], _ expressions: [String]) -> [Int: EngineError] {
    if indices.isEmpty { return [:] }
    let (program, error) = JQProgram.compile(source(indices, expressions))
    if program != nil { return [:] }
    if indices.count == 1 { return [indices[0]: error ?? EngineError("does not compile")] }
    let middle = indices.count / 2
    return faults(Array(indices[..<middle]), expressions).merging(
      faults(Array(indices[middle...]), expressions)
    ) { first, _ in first }
  }

  private static func source(_ indices: [Int], _ expressions: [String]) -> String {
    var text = ""
    for name in ["env", "input", "inputs", "stderr", "debug", "halt", "halt_error", "modulemeta", "get_search_list"] {
      text += "def \(name): error(\"\(name) is not available\"); "
    }
    text += "def halt_error(f): error(\"halt_error is not available\"); "
    text += "null as $ENV | .h as $__handle | .f | "
    // The choice is a binary search, so that the cost of a thousand expressions is ten comparisons.
    func choose(_ range: Range<Int>) -> String {
      if range.count == 1 { return "(\(expressions[indices[range.lowerBound]])\n)" }
      let middle = (range.lowerBound + range.upperBound) / 2
      return "(if $__handle < \(indices[middle]) then \(choose(range.lowerBound..<middle)) "
        + "else \(choose(middle..<range.upperBound)) end)"
    }
    return text + choose(indices.indices)
  }

  /// An expression with a bracket or a quote too many could close what stands around it, and so change another's meaning.
  private static func unbalanced(_ expression: String) -> EngineError? {
    var stack: [UInt8] = []
    let bytes = Array(expression.utf8)
    var index = 0
    var inString: [Int] = []  // depth of brackets at each string that an interpolation has interrupted
    func fault(_ message: String) -> EngineError { EngineError(message, offset: index) }
    func skipString() -> EngineError? {
      while index < bytes.count {
        switch bytes[index] {
        case UInt8(ascii: "\\"):
          if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "(") {
            stack.append(UInt8(ascii: "("))
            inString.append(stack.count)
            index += 2
            return nil
          }
          index += 2
        case UInt8(ascii: "\""):
          index += 1
          return nil
        default: index += 1
        }
      }
      return fault("a string without its closing quote")
    }
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "#"):
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      case UInt8(ascii: "\""):
        index += 1
        if let error = skipString() { return error }
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        stack.append(byte)
        index += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        let open: UInt8 =
          byte == UInt8(ascii: ")")
          ? UInt8(ascii: "(") : byte == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "{")
        if stack.last != open { return fault("'\(Character(Unicode.Scalar(byte)))' closes nothing") }
        let interpolation = inString.last == stack.count
        stack.removeLast()
        index += 1
        if interpolation {
          inString.removeLast()
          if let error = skipString() { return error }
        }
      default: index += 1
      }
    }
    return stack.isEmpty ? nil : fault("a bracket that is not closed")
  }
}

/// One compiled program. Not for two threads at once; ``JQEngine`` holds its lock around it.
private final class JQProgram: @unchecked Sendable {
  private let state: OpaquePointer
  private let messages = Messages()

  private final class Messages { var texts: [String] = [] }

  private init(state: OpaquePointer) { self.state = state }

  deinit {
    var optional: OpaquePointer? = state
    jq_teardown(&optional)
  }

  /// No program, and the error, where the source does not compile.
  static func compile(_ source: String) -> (JQProgram?, EngineError?) {
    guard let state = jq_init() else { return (nil, EngineError("jq could not start")) }
    let program = JQProgram(state: state)
    // https://jqlang.github.io/jq/manual/: errors go to the callback, else to stderr.
    jq_set_error_cb(
      state,
      { context, value in
        guard let context else { return jv_free(value) }
        let text = jv_get_kind(value) == JV_KIND_STRING ? String(cString: jv_string_value(value)) : "unknown error"
        jv_free(value)
        Unmanaged<Messages>.fromOpaque(context).takeUnretainedValue().texts.append(text)
      }, Unmanaged.passUnretained(program.messages).toOpaque())
    if jq_compile(state, source) != 0 { return (program, nil) }
    let first = program.messages.texts.first ?? "does not compile"
    // "jq: error: syntax error, unexpected '|' (Unix shell quoting issues?) at <top-level>, line 1:" and the program itself.
    var message = first.split(separator: "\n").first.map(String.init) ?? first
    for noise in ["jq: error: ", " (Unix shell quoting issues?)"] { message = message.replacing(noise, with: "") }
    if let cut = message.range(of: " at <top-level>") { message = String(message[..<cut.lowerBound]) }
    return (nil, EngineError(message))
  }

  func run(_ input: JSON, watchdog: JQWatchdog, milliseconds: Int) -> Result<[JSON], EngineError> {
    messages.texts = []
    jq_start(state, jv_parse(input.canonicalString), 0)
    watchdog.watch(state, milliseconds: milliseconds)
    let result = outputs()
    if watchdog.release() {
      return .failure(EngineError("did not end within \(Quantity.describe(milliseconds: milliseconds))"))
    }
    return result
  }

  private func outputs() -> Result<[JSON], EngineError> {
    var outputs: [JSON] = []
    while true {
      let value = jq_next(state)
      if jv_is_valid(value) == 0 {
        if jv_invalid_has_msg(jv_copy(value)) != 0 {
          let message = jv_invalid_get_msg(value)
          let text = jv_dump_string(message, 0)
          defer { jv_free(text) }
          return .failure(EngineError(Self.withoutExcerpts(String(cString: jv_string_value(text)))))
        }
        jv_free(value)
        return .success(outputs)
      }
      if outputs.count == 100 {
        jv_free(value)
        return .failure(EngineError("gives more than 100 values"))
      }
      let text = jv_dump_string(value, 0)
      defer { jv_free(text) }
      outputs.append((try? JSON.parse(String(cString: jv_string_value(text)))) ?? .null)
    }
  }

  /// jq's messages quote the first bytes of a value, cut: `string ("s3cr3t-t...) cannot be parsed as a number`. A secret cut
  /// so is no longer found by the redactor; so nothing that was cut is kept.
  static func withoutExcerpts(_ message: String) -> String {
    guard let end = message.range(of: "...)") else { return message }
    let head = message[..<end.lowerBound]
    var cut: String.Index?
    for type in ["string", "array", "object", "number"] {
      if let start = head.range(of: "\(type) (")?.upperBound, start < cut ?? head.endIndex { cut = start }
    }
    return head[..<(cut ?? head.startIndex)] + "…)" + withoutExcerpts(String(message[end.upperBound...]))
  }
}

/// Stops an evaluation of jq that does not end: libjq has no bound of its own, and looks before each step whether it was
/// told to halt.
///
/// > void jq_halt(jq_state *jq, jv exit_code, jv error_message)  — execute.c of jq 1.6: sets `halted`, which `jq_next` reads.
private final class JQWatchdog: Sendable {
  private struct State {
    /// The `jq_state` that is at work, as an address.
    var running: UInt?
    /// When it is to be stopped, in ticks of the clock that never goes back.
    var deadline: Int64 = 0
    var halted = false
    var thread = false
  }
  private let state = Mutex(State())

  func watch(_ program: OpaquePointer, milliseconds: Int) {
    let start = state.withLock { state in
      state.running = UInt(bitPattern: program)
      state.deadline = SystemClock().ticks() + Int64(milliseconds)
      state.halted = false
      defer { state.thread = true }
      return !state.thread
    }
    guard start else { return }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<JQWatchdog>.fromOpaque(context!).takeRetainedValue().work()
        return nil
      }, box.toOpaque())
    if code == 0 {
      pthread_detach(thread)
    } else {
      box.release()
      state.withLock { $0.thread = false }
    }
  }

  /// Ends the watch; whether the evaluation was stopped.
  func release() -> Bool {
    state.withLock { state in
      state.running = nil
      return state.halted
    }
  }

  /// Wakes at the deadline it knew of, not at each evaluation, and ends where nothing is at work then: a thousand short
  /// evaluations cost one thread one look.
  private func work() {
    while true {
      let wait: Int64? = state.withLock { state in
        guard let running = state.running else {
          state.thread = false
          return nil
        }
        let left = state.deadline - SystemClock().ticks()
        if left > 0 { return left }
        jq_halt(OpaquePointer(bitPattern: running), jv_invalid(), jv_invalid())
        state.halted = true
        state.running = nil
        state.thread = false
        return nil
      }
      guard let wait else { return }
      var time = timespec(tv_sec: Int(wait / 1000), tv_nsec: Int(wait % 1000) * 1_000_000)
      nanosleep(&time, nil)
    }
  }
}
