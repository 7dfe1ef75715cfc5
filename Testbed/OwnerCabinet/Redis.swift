import CHiredis
import CSystem
import Glibc
import Synchronization

/// Why Redis did not do what was asked.
struct RedisError: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}

/// What Redis answers.
indirect enum RedisReply: Sendable {
  case none
  case text(String)
  case number(Int)
  case list([RedisReply])

  var text: String? {
    switch self {
    case .text(let value): value
    case .number(let value): String(value)
    default: nil
    }
  }
  var number: Int? {
    switch self {
    case .number(let value): value
    case .text(let value): Int(value)
    default: nil
    }
  }
  var list: [RedisReply] {
    if case .list(let values) = self { return values }
    return []
  }
}

/// One connection, taken by one thread at a time, made again when it broke.
final class Redis: Sendable {
  private struct State {
    nonisolated(unsafe) var context: UnsafeMutablePointer<redisContext>?
  }

  private let host: String
  private let port: Int32
  private let password: String?
  private let database: Int
  private let state = Mutex(State())

  /// - Parameter url: `redis://[:password@]host:port[/database]`.
  init(_ url: String) throws(RedisError) {
    guard url.hasPrefix("redis://") else { throw RedisError(message: "REDIS_URL must begin with redis://") }
    var rest = url.dropFirst("redis://".count)
    if let at = rest.lastIndex(of: "@") {
      password = rest[..<at].split(separator: ":").last.map(String.init)
      rest = rest[rest.index(after: at)...]
    } else {
      password = nil
    }
    let parts = rest.split(separator: "/", maxSplits: 1)
    let place = (parts.first ?? "").split(separator: ":")
    host = place.first.map(String.init) ?? "127.0.0.1"
    port = place.count > 1 ? Int32(place[1]) ?? 6379 : 6379
    database = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  }

  deinit { state.withLock { if let context = $0.context { redisFree(context) } } }

  @discardableResult
  func command(_ words: String...) throws(RedisError) -> RedisReply { try command(words) }

  @discardableResult
  func command(_ words: [String]) throws(RedisError) -> RedisReply {
    let result = state.withLock { state -> Result<RedisReply, RedisError> in
      do throws(RedisError) {
        if state.context == nil { state.context = try connect() }
        return .success(try Self.send(words, on: state.context))
      } catch {
        if let context = state.context, context.pointee.err != 0 {
          redisFree(context)
          state.context = nil
        }
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func connect() throws(RedisError) -> UnsafeMutablePointer<redisContext> {
    guard let context = redisConnectWithTimeout(host, port, timeval(tv_sec: 3, tv_usec: 0)) else {
      throw RedisError(message: "out of memory")
    }
    guard context.pointee.err == 0 else {
      let message = Self.error(of: context)
      redisFree(context)
      throw RedisError(message: message)
    }
    redisSetTimeout(context, timeval(tv_sec: 5, tv_usec: 0))
    do throws(RedisError) {
      if let password { _ = try Self.send(["AUTH", password], on: context) }
      if database > 0 { _ = try Self.send(["SELECT", String(database)], on: context) }
    } catch {
      redisFree(context)
      throw error
    }
    return context
  }

  private static func send(_ words: [String], on context: UnsafeMutablePointer<redisContext>?) throws(RedisError)
    -> RedisReply
  {
    let texts = words.map { strdup($0) }
    defer { for text in texts { free(text) } }
    var pointers = texts.map { $0.map { UnsafePointer<CChar>($0) } }
    var lengths = words.map(\.utf8.count)
    guard let raw = redisCommandArgv(context, Int32(words.count), &pointers, &lengths) else {
      throw RedisError(message: context.map(error) ?? "not connected")
    }
    defer { freeReplyObject(raw) }
    return try read(raw.assumingMemoryBound(to: redisReply.self))
  }

  private static func read(_ reply: UnsafeMutablePointer<redisReply>) throws(RedisError) -> RedisReply {
    switch reply.pointee.type {
    case REDIS_REPLY_ERROR: throw RedisError(message: text(reply))
    case REDIS_REPLY_INTEGER: return .number(Int(reply.pointee.integer))
    case REDIS_REPLY_ARRAY:
      var values: [RedisReply] = []
      for index in 0..<reply.pointee.elements {
        guard let element = reply.pointee.element[index] else { continue }
        values.append(try read(element))
      }
      return .list(values)
    case REDIS_REPLY_NIL: return .none
    default: return .text(text(reply))
    }
  }

  private static func text(_ reply: UnsafeMutablePointer<redisReply>) -> String {
    guard let start = reply.pointee.str else { return "" }
    return String(
      decoding: UnsafeRawBufferPointer(start: start, count: reply.pointee.len), as: UTF8.self)
  }

  private static func error(of context: UnsafeMutablePointer<redisContext>) -> String {
    withUnsafePointer(to: &context.pointee.errstr) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 128) { String(cString: $0) }
    }
  }
}
