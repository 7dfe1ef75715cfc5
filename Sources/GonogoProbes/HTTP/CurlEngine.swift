import CCurl
import Glibc
import GonogoCore
import Synchronization

/// One HTTP exchange as it goes over the wire. Everything in it is real; nothing of it is printed.
struct WireRequest: Sendable {
  enum Version: String, Sendable, CaseIterable {
    case http10 = "1.0"
    case http11 = "1.1"
    case http2 = "2"
  }

  var method: String
  var url: String
  var isTLS: Bool
  /// Whole lines, as libcurl takes them: `Name: value`, `Name;` for an empty value, `Name:` to leave one out.
  var headers: [String] = []
  var body: [UInt8]?
  /// Milliseconds for everything, from the name's lookup to the last byte.
  var timeout: Int
  /// The most bytes of a body.
  var limit: Int
  var version: Version?
  var proxy: String?
  var certificateAuthority: String?
  var certificate: String?
  var key: String?
  var insecure = false
  var acceptEncoding: String?
  /// Ends after the TLS handshake, to see a certificate that was not accepted.
  var connectOnly = false

  /// Where a certificate chain belongs: a reused connection does not show it again.
  var endpoint: String {
    let end = url.utf8.dropFirst(8).firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
    return "\(end.map { url[..<$0] } ?? url[...])\u{0}\(proxy ?? "")\u{0}\(certificate ?? "")\u{0}\(insecure)"
  }
}

struct WireReply: Sendable {
  var status = 0
  var version = 0
  /// The header block of the final reply, its status line first.
  var header: [UInt8] = []
  var body: [UInt8] = []
  var timings = Timings()
  var chain: [CertificateDetails] = []

  /// In microseconds, each counted from the beginning, as libcurl gives them.
  struct Timings: Sendable {
    var lookup = 0
    var connect = 0
    var handshake = 0
    var firstByte = 0
    var total = 0
  }
}

/// Why an exchange did not come to its end.
struct TransferFailure: Error, Sendable {
  enum Phase: String, Sendable {
    case lookup, connecting, handshake, waiting, body
  }

  /// CURLcode, <curl/curl.h>; its numbers are stable.
  var code: UInt32
  /// libcurl's own words.
  var detail: String
  var phase: Phase
  /// Bytes of the body that came.
  var received = 0
  /// Bytes that the reply announced; below zero where it did not.
  var announced = -1
  /// The status of a proxy's answer to CONNECT.
  var proxyStatus = 0
  /// errno of the failed connect(2).
  var systemCode: Int32 = 0
  var tooLarge = false
  var tooManyHeaders = false
  var cancelled = false
  var milliseconds = 0
}

/// The transfers of a run: one thread owns a libcurl multi handle, so that connections are shared and reused by all checks
/// and a request costs no thread.
///
/// "You must never share the same handle in multiple threads" (libcurl-thread(3)): only the thread touches the handles;
/// everyone else puts work into the inbox and wakes it. "curl_multi_wakeup can be used from any thread"
/// (curl_multi_wakeup(3)).
final class CurlEngine: RunResource, @unchecked Sendable {
  private struct Inbox {
    var submitted: [Transfer] = []
    var cancelled: [Transfer] = []
    var closing = false
  }

  /// curl_global_init(3) must come before anything else, once.
  private static let initialized: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let inbox = Mutex(Inbox())
  private let multi: UnsafeMutableRawPointer?
  private let thread: Mutex<pthread_t?>

  // The thread's own.
  private var active: [UnsafeMutableRawPointer: Transfer] = [:]
  private var idle: [EasyHandle] = []
  private var chains: [String: [CertificateDetails]] = [:]

  static func shared(_ resources: RunResources) -> CurlEngine {
    resources.resource("http.engine") { CurlEngine() }
  }

  init() {
    multi = Self.initialized ? curl_multi_init() : nil
    thread = Mutex(nil)
    guard multi != nil else {
      inbox.withLock { $0.closing = true }
      return
    }
    var identifier = pthread_t()
    let retained = Unmanaged.passRetained(self)
    let code = pthread_create(
      &identifier, nil,
      { context in
        Unmanaged<CurlEngine>.fromOpaque(context!).takeRetainedValue().loop()
        return nil
      }, retained.toOpaque())
    if code == 0 {
      let started = identifier
      thread.withLock { $0 = started }
    } else {
      retained.release()
      inbox.withLock { $0.closing = true }
    }
  }

  deinit { if let multi { curl_multi_cleanup(multi) } }

  /// Ends what still runs, and joins the thread: exit(3) while libcurl closes TLS connections on another thread frees
  /// OpenSSL's memory twice.
  func close() async {
    let already = inbox.withLock { inbox in
      defer { inbox.closing = true }
      return inbox.closing
    }
    if !already, let multi { curl_multi_wakeup(multi) }
    let identifier = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let identifier { pthread_join(identifier, nil) }
  }

  /// - Throws: ``TransferFailure``. Cancelling the task takes the transfer out.
  func perform(_ request: WireRequest) async throws(TransferFailure) -> WireReply {
    let transfer = Transfer(request)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.continuation = continuation
        let taken: Bool? = inbox.withLock { inbox in
          if inbox.closing || transfer.isCancelled { return nil }
          inbox.submitted.append(transfer)
          return inbox.submitted.count == 1 && inbox.cancelled.isEmpty
        }
        switch taken {
        case nil: transfer.resume(.failure(.ended))
        case true?: curl_multi_wakeup(multi)
        case false?: break
        }
      }
    } onCancel: {
      inbox.withLock { inbox in
        transfer.isCancelled = true
        inbox.cancelled.append(transfer)
      }
      if let multi { curl_multi_wakeup(multi) }
    }
    return try result.get()
  }

  // MARK: The thread

  private func loop() {
    while true {
      let work = inbox.withLock { inbox in
        defer {
          inbox.submitted.removeAll(keepingCapacity: true)
          inbox.cancelled.removeAll(keepingCapacity: true)
        }
        return inbox
      }
      for transfer in work.submitted { begin(transfer) }
      for transfer in work.cancelled { abandon(transfer) }
      if work.closing { break }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      drain()
      // "If curl_multi_wakeup is called before curl_multi_poll, the poll returns at once" (curl_multi_wakeup(3)): no
      // wake-up is lost between the look into the inbox and this wait.
      curl_multi_poll(multi, nil, 0, 1000, nil)
    }
    for transfer in Array(active.values) { abandon(transfer) }
    for transfer in inbox.withLock({ $0.submitted }) { transfer.resume(.failure(.ended)) }
    idle.removeAll()
  }

  private func begin(_ transfer: Transfer) {
    guard let handle = idle.popLast() ?? EasyHandle() else {
      transfer.resume(.failure(TransferFailure(code: 2, detail: "libcurl gives no handle", phase: .lookup)))
      return
    }
    handle.prepare(transfer)
    transfer.handle = handle
    active[handle.easy] = transfer
    let code = curl_multi_add_handle(multi, handle.easy)
    if code != CURLM_OK {
      active[handle.easy] = nil
      let reason = String(cString: curl_multi_strerror(code))
      transfer.resume(.failure(TransferFailure(code: 2, detail: reason, phase: .lookup)))
    }
  }

  private func abandon(_ transfer: Transfer) {
    guard let handle = transfer.handle, active.removeValue(forKey: handle.easy) != nil else { return }
    curl_multi_remove_handle(multi, handle.easy)
    recycle(transfer)
    transfer.resume(.failure(.ended))
  }

  private func recycle(_ transfer: Transfer) {
    guard let handle = transfer.handle else { return }
    transfer.handle = nil
    handle.reset()
    if idle.count < 64 { idle.append(handle) }
  }

  private func drain() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = active.removeValue(forKey: easy)
      else { continue }
      let code = message.pointee.data.result
      let result = finish(transfer, easy, code)
      curl_multi_remove_handle(multi, easy)
      recycle(transfer)
      transfer.resume(result)
    }
  }

  private func finish(_ transfer: Transfer, _ easy: UnsafeMutableRawPointer, _ code: CURLcode)
    -> Result<WireReply, TransferFailure>
  {
    func microseconds(_ info: CURLINFO) -> Int {
      var value: curl_off_t = 0
      return gonogo_curl_get_off(easy, info, &value) == CURLE_OK ? Int(value) : 0
    }
    func number(_ info: CURLINFO) -> Int {
      var value = 0
      return gonogo_curl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }
    let timings = WireReply.Timings(
      lookup: microseconds(CURLINFO_NAMELOOKUP_TIME_T), connect: microseconds(CURLINFO_CONNECT_TIME_T),
      handshake: microseconds(CURLINFO_APPCONNECT_TIME_T), firstByte: microseconds(CURLINFO_STARTTRANSFER_TIME_T),
      total: microseconds(CURLINFO_TOTAL_TIME_T))
    var chain: [CertificateDetails] = []
    if transfer.request.isTLS {
      let endpoint = transfer.request.endpoint
      chain = Self.certificates(easy)
      if chain.isEmpty { chain = chains[endpoint] ?? [] } else { chains[endpoint] = chain }
    }
    if code == CURLE_OK {
      return .success(
        WireReply(
          status: number(CURLINFO_RESPONSE_CODE), version: number(CURLINFO_HTTP_VERSION), header: transfer.header,
          body: transfer.body, timings: timings, chain: chain))
    }
    let phase: TransferFailure.Phase
    if !transfer.header.isEmpty {
      phase = .body
    } else if microseconds(CURLINFO_PRETRANSFER_TIME_T) > 0 {
      phase = .waiting
    } else if timings.connect > 0, transfer.request.isTLS {
      phase = .handshake
    } else if timings.lookup > 0 {
      phase = .connecting
    } else {
      phase = .lookup
    }
    var announced: curl_off_t = -1
    _ = gonogo_curl_get_off(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced)
    return .failure(
      TransferFailure(
        code: code.rawValue, detail: transfer.handle?.message ?? String(cString: curl_easy_strerror(code)),
        phase: phase,
        received: transfer.body.count, announced: Int(announced), proxyStatus: number(CURLINFO_HTTP_CONNECTCODE),
        systemCode: Int32(truncatingIfNeeded: number(CURLINFO_OS_ERRNO)), tooLarge: transfer.tooLarge,
        tooManyHeaders: transfer.tooManyHeaders, milliseconds: timings.total / 1000))
  }

  private static func certificates(_ easy: UnsafeMutableRawPointer) -> [CertificateDetails] {
    var pointer: UnsafeMutableRawPointer?
    guard gonogo_curl_get_pointer(easy, CURLINFO_CERTINFO, &pointer) == CURLE_OK, let pointer else { return [] }
    let information = pointer.assumingMemoryBound(to: curl_certinfo.self).pointee
    guard information.num_of_certs > 0, let lists = information.certinfo else { return [] }
    var chain: [CertificateDetails] = []
    for index in 0..<Int(information.num_of_certs) {
      var item = lists[index]
      while let entry = item {
        if let data = entry.pointee.data, strncmp(data, "Cert:", 5) == 0,
          let details = CertificateDetails(pem: String(cString: data + 5))
        {
          chain.append(details)
        }
        item = entry.pointee.next
      }
    }
    return chain
  }
}

extension TransferFailure {
  static let ended = TransferFailure(
    code: 42, detail: "the run ended first", phase: .waiting, cancelled: true)
}

/// A transfer under way. Until it is handed over it belongs to the caller, then to the engine's thread; `isCancelled` is
/// guarded by the engine's inbox.
private final class Transfer: @unchecked Sendable {
  let request: WireRequest
  var isCancelled = false
  var continuation: CheckedContinuation<Result<WireReply, TransferFailure>, Never>?
  var handle: EasyHandle?
  var header: [UInt8] = []
  var body: [UInt8] = []
  var tooLarge = false
  var tooManyHeaders = false

  init(_ request: WireRequest) { self.request = request }

  func resume(_ result: Result<WireReply, TransferFailure>) {
    continuation?.resume(returning: result)
    continuation = nil
  }
}

/// A libcurl easy handle with the memory that it points into.
private final class EasyHandle {
  let easy: UnsafeMutableRawPointer
  private let errors: UnsafeMutablePointer<CChar>
  private var lines: UnsafeMutablePointer<curl_slist>?
  private var upload: UnsafeMutableRawPointer?

  init?() {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    errors = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errors.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(easy)
    release()
    errors.deallocate()
  }

  /// libcurl's own words for what went wrong.
  var message: String? { errors[0] == 0 ? nil : String(cString: errors) }

  /// "It does not change live connections, the session ID cache, the DNS cache" (curl_easy_reset(3)).
  func reset() {
    curl_easy_reset(easy)
    release()
  }

  private func release() {
    curl_slist_free_all(lines)
    lines = nil
    free(upload)
    upload = nil
  }

  func prepare(_ transfer: Transfer) {
    let request = transfer.request
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    errors[0] = 0
    _ = gonogo_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errors)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    // "the path is sent as it was given": a check for `/../` is a check for `/../`.
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // "Setting the proxy string to "" will explicitly disable the use of a proxy, even if there is an environment
    // variable set for it" (CURLOPT_PROXY(3)).
    set(CURLOPT_PROXY, request.proxy ?? "")
    set(CURLOPT_TIMEOUT_MS, max(1, request.timeout))
    set(CURLOPT_URL, request.url)
    if let version = request.version {
      // Without TLS there is nothing to negotiate with, so HTTP/2 is spoken at once.
      switch version {
      case .http10: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_0))
      case .http11: set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
      case .http2:
        set(
          CURLOPT_HTTP_VERSION,
          Int(request.isTLS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
      }
    }
    if request.isTLS {
      set(CURLOPT_CERTINFO, 1)
      if let path = request.certificateAuthority { set(CURLOPT_CAINFO, path) }
      if let path = request.certificate { set(CURLOPT_SSLCERT, path) }
      if let path = request.key { set(CURLOPT_SSLKEY, path) }
      if request.insecure {
        set(CURLOPT_SSL_VERIFYPEER, 0)
        set(CURLOPT_SSL_VERIFYHOST, 0)
      }
    }
    if request.connectOnly {
      set(CURLOPT_CONNECT_ONLY, 1)
      set(CURLOPT_FRESH_CONNECT, 1)
    }
    if let encoding = request.acceptEncoding { set(CURLOPT_ACCEPT_ENCODING, encoding) }
    method(request)
    for line in request.headers { lines = curl_slist_append(lines, line) }
    if lines != nil { _ = gonogo_curl_set_pointer(easy, CURLOPT_HTTPHEADER, lines) }
    _ = gonogo_curl_set_header(
      easy,
      { data, size, count, context in
        let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
        // A new status line: what came before was 1xx.
        if bytes.count > 5, memcmp(bytes.baseAddress!, "HTTP/", 5) == 0 {
          transfer.header.removeAll(keepingCapacity: true)
        }
        if transfer.header.count + bytes.count > 1 << 20 {
          transfer.tooManyHeaders = true
          return 0
        }
        transfer.header.append(contentsOf: bytes)
        return bytes.count
      }, context)
    _ = gonogo_curl_set_write(
      easy,
      { data, size, count, context in
        let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
        if transfer.body.count + bytes.count > transfer.request.limit {
          transfer.tooLarge = true
          return 0
        }
        transfer.body.append(contentsOf: bytes)
        return bytes.count
      }, context)
  }

  private func method(_ request: WireRequest) {
    if let body = request.body {
      set(CURLOPT_POST, 1)
      upload = malloc(max(1, body.count))
      if let upload { body.withUnsafeBytes { if $0.count > 0 { memcpy(upload, $0.baseAddress!, $0.count) } } }
      _ = gonogo_curl_set_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      // "The data pointed to is NOT copied by the library" (CURLOPT_POSTFIELDS(3)).
      _ = gonogo_curl_set_pointer(easy, CURLOPT_POSTFIELDS, upload)
      if request.method != "POST" { set(CURLOPT_CUSTOMREQUEST, request.method) }
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else if request.method != "GET" {
      set(CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func set(_ option: CURLoption, _ value: Int) { _ = gonogo_curl_set_long(easy, option, value) }

  private func set(_ option: CURLoption, _ text: String) {
    text.withCString { _ = gonogo_curl_set_pointer(easy, option, $0) }
  }
}
