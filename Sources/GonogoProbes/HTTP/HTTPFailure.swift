import GonogoCore
import GonogoSystem

extension TransferFailure {
  /// Why nothing was learnt, told to a person. Never a finding about the system under test.
  ///
  /// - Parameters:
  ///   - chain: the certificates of a peer that was not trusted.
  ///   - milliseconds: how long the exchange could take.
  func probeError(
    to parts: URLParts, _ request: HTTPRequest, chain: [CertificateDetails], milliseconds: Int, now: Int64
  )
    -> ProbeError
  {
    let peer = parts.authority
    func error(_ kind: ProbeError.Kind, _ message: String, mend: String) -> ProbeError {
      ProbeError(kind, message, mend: mend)
    }
    if cancelled {
      return error(.interrupted, "the request was given up before it was answered", mend: "run it again")
    }
    if tooLarge {
      return error(
        .tooLarge, "the reply is larger than \(request.wire.limit) bytes",
        mend: "ask for less, or raise it with `limit:`")
    }
    if tooManyHeaders {
      return error(.tooLarge, "the reply's headers are larger than a mebibyte", mend: "see what \(peer) sends")
    }
    switch code {
    case 3: return error(.configuration, "the URL cannot be read: \(detail)", mend: "correct the URL")
    case 5:
      return error(
        .unreachable, "the proxy's name has no address: \(detail)", mend: "correct `proxy`, or its name server")
    case 6:
      return error(
        .unreachable, "the name \(parts.host) has no address", mend: "correct the target, or see to the name server")
    case 7, 97:
      let reason = systemCode == 0 ? detail : SystemError("connect", peer, code: systemCode).reason
      let to = request.proxy == nil ? peer : "the proxy \(request.proxy?.display ?? "")"
      return error(
        .unreachable, "no connection to \(to): \(reason)", mend: "start the service, or correct the target's address")
    case 28:
      let limit = Quantity.describe(milliseconds: milliseconds)
      let doing =
        switch phase {
        case .lookup: "while the name \(parts.host) was looked up"
        case .connecting: "while connecting to \(peer)"
        case .handshake: "in the TLS handshake with \(peer)"
        case .waiting: "while waiting for the first byte from \(peer)"
        case .body:
          "while the body came from \(peer) (\(received)\(announced >= 0 ? " of \(announced)" : "") bytes so far)"
        }
      return error(
        .timedOut, "no complete answer within \(limit): the time was up \(doing)",
        mend: "see whether the peer hangs, or give the line more time with `timeout:`")
    case 18:
      return error(
        .malformed,
        announced >= 0
          ? "the reply was cut off: \(received) of \(announced) bytes came"
          : "the reply was cut off after \(received) bytes",
        mend: "see whether \(peer) or a proxy before it closes connections early")
    case 52:
      return error(.malformed, "\(peer) closed the connection without an answer", mend: "see the log of that service")
    case 1 where detail.contains("HTTP/0.9"), 8:
      return error(
        .malformed, "\(peer) does not speak HTTP: \(detail)", mend: "see which service listens there")
    case 1: return error(.configuration, "the URL cannot be used: \(detail)", mend: "write http:// or https://")
    case 16, 92, 95:
      return error(.malformed, "\(peer) broke the HTTP/2 protocol: \(detail)", mend: "try `version: \"1.1\"`")
    case 61:
      return error(.malformed, "the reply's encoding cannot be undone: \(detail)", mend: "leave out Accept-Encoding")
    case 55, 56:
      if proxyStatus >= 400 {
        let denied = [401, 403, 407].contains(proxyStatus)
        return error(
          denied ? .denied : .unreachable, "the proxy answered \(proxyStatus) when asked for \(peer)",
          mend: denied ? "give the proxy's user and password in `proxy`" : "see whether the proxy reaches \(peer)")
      }
      if parts.isTLS, detail.contains("alert") || detail.contains("SSL") {
        return tlsError(peer, request, chain, now: now)
      }
      return error(
        .unreachable, "the connection to \(peer) broke: \(detail)", mend: "see the log of that service")
    case 35
    where detail.contains("wrong version number") || detail.contains("packet length too long")
      || detail.contains("http request") || detail.contains("unexpected message"):
      return error(
        .malformed, "\(peer) does not speak TLS: \(detail)", mend: "write http://, or see which service listens there")
    case 58, 66, 77:
      return error(
        .configuration, "a certificate or key of this line cannot be used: \(detail)",
        mend: "correct `ca`, `certificate` or `key`; paths are seen from the document's directory")
    case 35, 51, 53, 54, 59, 60, 64, 80, 82, 83, 90, 91: return tlsError(peer, request, chain, now: now)
    default: return error(.unexpected, "the request failed: \(detail) (libcurl \(code))", mend: "repeat it by hand")
    }
  }

  private func tlsError(_ peer: String, _ request: HTTPRequest, _ chain: [CertificateDetails], now: Int64) -> ProbeError
  {
    var message = "no trusted TLS connection to \(peer): \(detail)"
    var mend =
      "let the service present a certificate for its name, from an authority this machine trusts, or name that with `ca:`"
    if let leaf = chain.first {
      let state = leaf.notAfter < now ? "expired" : "expires"
      message += "; its certificate is for \(leaf.subject), by \(leaf.selfSigned ? "itself" : leaf.issuer)"
      if !leaf.names.isEmpty { message += ", names \(leaf.names.joined(separator: ", "))" }
      message += ", \(state) \(Timestamp.format(leaf.notAfter))"
      if leaf.notAfter < now { mend = "renew the certificate" }
    }
    if detail.contains("certificate required") || detail.contains("alert bad certificate")
      || detail.contains("alert handshake failure")
    {
      mend = "the service may ask for a client certificate: give `certificate` and `key`"
    }
    var facts: [String: JSON] = [:]
    if let certificate = CertificateDetails.facts(chain, verified: false, at: now) {
      facts["certificate"] = certificate
    }
    return ProbeError(.tls, message, mend: mend, facts: facts.isEmpty ? nil : .object(facts))
  }
}
