import CCurl
import Glibc
import GonogoCore
import GonogoServer

/// Why an HTTP peer did not answer.
struct WebClientError: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}

/// One HTTP request at a time over libcurl: to Telegram, to Sentry, and from the proxy to the core.
enum WebClient {
  private final class Answer {
    var headers = HTTPFields()
    var body: [UInt8] = []
  }

  static func send(
    _ method: String, _ url: String, headers: HTTPFields = [:], body: [UInt8] = [], milliseconds: Int = 5000
  ) throws(WebClientError) -> HTTPResponse {
    guard let handle = curl_easy_init() else { throw WebClientError(message: "out of memory") }
    defer { curl_easy_cleanup(handle) }
    let answer = Answer()
    let context = Unmanaged.passUnretained(answer).toOpaque()
    var list: UnsafeMutablePointer<curl_slist>?
    for field in headers.all { list = curl_slist_append(list, "\(field.name): \(field.value)") }
    list = curl_slist_append(list, "Expect:")
    defer { curl_slist_free_all(list) }
    // libcurl copies the strings (CURLOPT_URL(3), CURLOPT_CUSTOMREQUEST(3)).
    _ = gonogo_curl_set_pointer(handle, CURLOPT_URL, Array(url.utf8CString))
    _ = gonogo_curl_set_pointer(handle, CURLOPT_CUSTOMREQUEST, Array(method.utf8CString))
    _ = gonogo_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    _ = gonogo_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    _ = gonogo_curl_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds)
    if method == "HEAD" { _ = gonogo_curl_set_long(handle, CURLOPT_NOBODY, 1) }
    _ = gonogo_curl_set_write(
      handle,
      { data, size, count, context in
        guard let context, let data else { return 0 }
        Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue().body.append(
          contentsOf: UnsafeRawBufferPointer(start: data, count: size * count))
        return size * count
      }, context)
    _ = gonogo_curl_set_header(
      handle,
      { data, size, count, context in
        guard let context, let data else { return 0 }
        let line = String(decoding: UnsafeRawBufferPointer(start: data, count: size * count), as: UTF8.self)
        if let colon = line.firstIndex(of: ":") {
          let value = line[line.index(after: colon)...].drop { $0 == " " }
          Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue().headers.add(
            String(line[..<colon]), String(value.prefix { !$0.isNewline }))
        }
        return size * count
      }, context)
    let code = body.withUnsafeBytes { bytes -> CURLcode in
      if !body.isEmpty {
        _ = gonogo_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, bytes.count)
        _ = gonogo_curl_set_pointer(handle, CURLOPT_POSTFIELDS, bytes.baseAddress)
      }
      return curl_easy_perform(handle)
    }
    guard code == CURLE_OK else { throw WebClientError(message: String(cString: curl_easy_strerror(code))) }
    var status = 0
    _ = gonogo_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return HTTPResponse(status, headers: answer.headers, body: answer.body)
  }

  /// Sends JSON and reads JSON.
  @discardableResult
  static func post(_ url: String, _ value: JSON, headers: HTTPFields = [:]) throws -> JSON {
    var headers = headers
    headers["Content-Type"] = "application/json"
    let response = try send("POST", url, headers: headers, body: value.canonical)
    guard (200..<300).contains(response.status) else {
      throw WebClientError(message: "answered \(response.status)")
    }
    return try JSON.parse(response.body)
  }
}
