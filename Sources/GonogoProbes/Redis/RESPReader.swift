import CHiredis
import Glibc

/// hiredis's reader of RESP2, bounded, making ``RedisReply`` values.
///
/// With functions of our own the reader allocates nothing for an array that is only announced: `*2147483647` costs nothing
/// until its elements come.
final class RESPReader {
  enum Failure: Error, Equatable {
    case malformed(String)
    case tooLarge
  }

  /// The most bytes one reply may have, and the most elements of one array.
  static let byteLimit = 8 << 20
  static let elementLimit = 1 << 20

  private let reader: UnsafeMutablePointer<redisReader>
  private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
  private var pending = 0

  init() {
    functions = .allocate(capacity: 1)
    functions.initialize(
      to: redisReplyObjectFunctions(
        createString: { task, text, length in
          guard let task else { return nil }
          let bytes = Array(UnsafeRawBufferPointer(start: text, count: length))
          switch task.pointee.type {
          case REDIS_REPLY_STATUS: return Part.add(.status(String(decoding: bytes, as: UTF8.self)), task)
          case REDIS_REPLY_ERROR: return Part.add(.error(RedisRefusal(String(decoding: bytes, as: UTF8.self))), task)
          default: return Part.add(.text(bytes), task)
          }
        },
        createArray: { task, count in
          guard let task, count >= 0, Int(count) <= RESPReader.elementLimit else { return nil }
          return Part.add(.array([]), task)
        },
        createInteger: { task, value in task.flatMap { Part.add(.integer(value), $0) } },
        createNil: { task in task.flatMap { Part.add(.null, $0) } },
        freeObject: { pointer in
          if let pointer { Unmanaged<Part>.fromOpaque(pointer).release() }
        }))
    reader = redisReaderCreateWithFunctions(functions)
  }

  deinit {
    redisReaderFree(reader)
    functions.deinitialize(count: 1)
    functions.deallocate()
  }

  func feed(_ bytes: [UInt8]) throws(Failure) {
    pending += bytes.count
    if pending > Self.byteLimit { throw .tooLarge }
    let code = bytes.withUnsafeBytes {
      redisReaderFeed(reader, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
    }
    if code != REDIS_OK { throw failure() }
  }

  /// The next whole reply; `nil` where more bytes are needed.
  func next() throws(Failure) -> RedisReply? {
    var pointer: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &pointer) == REDIS_OK else { throw failure() }
    guard let pointer else { return nil }
    pending = reader.pointee.len - reader.pointee.pos
    // The reader hands the reply over: the reference that `Part.add` gave it is ours.
    return Unmanaged<Part>.fromOpaque(pointer).takeRetainedValue().reply
  }

  private func failure() -> Failure {
    // "Out of memory" is what the reader says where a create function gives nothing: here, only over the bound.
    if reader.pointee.err == REDIS_ERR_OOM { return .tooLarge }
    let words = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .malformed(words)
  }

  /// A reply in the making. The root is held by the reader, the others by their parents.
  private final class Part {
    private let value: RedisReply
    private var parts: [Part] = []

    init(_ value: RedisReply) { self.value = value }

    static func add(_ value: RedisReply, _ task: UnsafePointer<redisReadTask>) -> UnsafeMutableRawPointer {
      let part = Part(value)
      guard let parent = task.pointee.parent, let object = parent.pointee.obj else {
        return Unmanaged.passRetained(part).toOpaque()
      }
      Unmanaged<Part>.fromOpaque(object).takeUnretainedValue().parts.append(part)
      return Unmanaged.passUnretained(part).toOpaque()
    }

    var reply: RedisReply {
      if case .array = value { return .array(parts.map(\.reply)) }
      return value
    }
  }
}
