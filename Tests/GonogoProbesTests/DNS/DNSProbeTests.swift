import GonogoCore
import GonogoTestSupport
import Synchronization
import Testing

/// A server of the DNS, as small as the tests need: it answers each question with what the test writes.
private struct Zone {
  /// Name to wire form.
  static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func short(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }

  static func record(_ owner: [UInt8], _ kind: Int, ttl: Int = 300, _ data: [UInt8]) -> [UInt8] {
    owner + short(kind) + [0, 1] + short(ttl >> 16) + short(ttl) + short(data.count) + data
  }

  /// The reply to a query, its question repeated.
  static func reply(_ query: [UInt8], flags: Int = 0x8580, answers: [[UInt8]] = []) -> [UInt8] {
    let end = 12 + question(query).count
    return Array(query[0..<2]) + short(flags) + [0, 1] + short(answers.count) + [0, 0, 0, 0] + Array(query[12..<end])
      + answers.flatMap { $0 }
  }

  static func question(_ query: [UInt8]) -> [UInt8] {
    var index = 12
    while query[index] != 0 { index += Int(query[index]) + 1 }
    return Array(query[12..<index + 5])
  }

  /// Points to the question's name.
  static let same: [UInt8] = [0xC0, 12]
}

/// Counts calls from any thread.
private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

@Suite struct DNSProbeTests {
  private func ask(
    _ peer: RawDatagramPeer, _ name: String = "app.example.com", _ type: String = "A", expect: String,
    extra: String = "",
    timeout: String = "2s"
  ) async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding:
        "dns: { name: '\(name)', type: \(type), server: '127.0.0.1:\(peer.port)'\(extra) }\nexpect: \(expect)\ntimeout: \(timeout)"
    )
  }

  private func serve(_ flags: Int = 0x8580, _ answers: [[UInt8]]) -> RawDatagramPeer {
    RawDatagramPeer { query in [Zone.reply(query, flags: flags, answers: answers)] }
  }

  @Test func `addresses, sorted, with their least TTL`() async {
    let peer = serve(
      0x8580, [Zone.record(Zone.same, 1, ttl: 300, [10, 0, 0, 2]), Zone.record(Zone.same, 1, ttl: 60, [10, 0, 0, 1])])
    let good = await ask(
      peer,
      expect:
        "{ records: [10.0.0.1, 10.0.0.2], ttl: 60, rcode: NOERROR, authoritative: true, canonical: app.example.com }")
    #expect(good.outcome == .passed, "\(String(describing: good.outcome))")
    #expect(good.witness == ["answers": 2])
    #expect(good.repeatCommand == "dig @127.0.0.1 -p \(peer.port) app.example.com A")
    let bad = await ask(peer, expect: "{ records: { exactly: [10.0.0.1] } }")
    #expect(bad.mismatches.map(\.found) == ["unexpected \"10.0.0.2\""])
  }

  @Test(
    arguments: [
      ("AAAA", 28, [UInt8](repeating: 0, count: 15) + [1], "['::1']"),
      ("MX", 15, [0, 10] + Zone.name("mx.example.com"), "[{ preference: 10, exchange: mx.example.com }]"),
      ("TXT", 16, [3, 97, 98, 99, 2, 100, 101], "[abcde]"),
      ("NS", 2, Zone.name("ns1.example.com"), "[ns1.example.com]"),
      ("CNAME", 5, Zone.name("edge.example.net"), "[edge.example.net]"),
      ("PTR", 12, Zone.name("host.example.com"), "[host.example.com]"),
      (
        "SRV", 33, [0, 1, 0, 2, 0x14, 0x66] + Zone.name("sip.example.com"),
        "[{ priority: 1, weight: 2, port: 5222, target: sip.example.com }]"
      ),
      (
        "CAA", 257, [128, 5] + Array("issueletsencrypt.org".utf8),
        "[{ critical: true, tag: issue, value: letsencrypt.org }]"
      ),
      (
        "SOA", 6,
        Zone.name("ns1.example.com") + Zone.name("root.example.com") + [
          0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4,
        ],
        "[{ primary: ns1.example.com, mailbox: root.example.com, serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 }]"
      ),
    ] as [(String, Int, [UInt8], String)])
  func `every type is read`(_ type: String, _ number: Int, _ data: [UInt8], _ records: String) async {
    let peer = serve(0x8180, [Zone.record(Zone.same, number, data)])
    let ran = await ask(peer, "app.example.com", type, expect: "{ records: \(records), authoritative: false }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
  }

  @Test func `CNAMEs are followed, and what belongs to another name is not taken`() async {
    let peer = serve(
      0x8180,
      [
        Zone.record(Zone.same, 5, ttl: 20, Zone.name("Edge.example.net")),
        Zone.record(Zone.name("edge.example.net"), 1, [10, 0, 0, 3]),
        Zone.record(Zone.name("evil.example.org"), 1, [6, 6, 6, 6]),
      ])
    let ran = await ask(peer, expect: "{ records: [10.0.0.3], canonical: edge.example.net, ttl: 20 }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    let ring = serve(0x8180, [Zone.record(Zone.same, 5, Zone.same)])
    let looped = await ask(ring, expect: "{ records: { length: 0 } }")
    #expect(looped.error?.kind == .vacuous)
  }

  @Test func `NXDOMAIN is a fact; a name without such records proves nothing by itself`() async {
    let gone = serve(0x8583, [])
    let ran = await ask(gone, expect: "{ rcode: NXDOMAIN, records: { length: 0 }, authoritative: true }")
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["responses": 1])
    let wanted = await ask(gone, expect: "{ records: { contains: 10.0.0.1 } }")
    #expect(wanted.mismatches.count == 1)
    let empty = serve(0x8580, [])
    let vacuous = await ask(empty, expect: "{ records: { length: 0 } }")
    #expect(vacuous.error?.kind == .vacuous)
    #expect(vacuous.error?.mend?.contains("may_be_empty") == true)
    let meant = await ask(empty, expect: "{ records: { length: 0 } }", extra: ", may_be_empty: true")
    #expect(meant.outcome == .passed)
    let there = await ask(gone, expect: "{ rcode: NOERROR }")
    #expect(there.mismatches.map(\.path) == ["rcode"])
  }

  @Test(arguments: [
    (0x8582, ProbeError.Kind.unreachable), (0x8585, .denied), (0x8584, .unreachable), (0x8581, .unreachable),
  ])
  func `a server that fails or refuses has said nothing`(_ flags: Int, _ kind: ProbeError.Kind) async {
    let ran = await ask(serve(flags, []), expect: "{ rcode: NXDOMAIN }")
    #expect(ran.error?.kind == kind)
  }

  @Test func `an answer to another question is not taken`() async {
    let other = RawDatagramPeer { query in
      var wrongID = Zone.reply(query, answers: [Zone.record(Zone.same, 1, [6, 6, 6, 6])])
      wrongID[0] ^= 0xFF
      var wrongName = Zone.reply(query, answers: [Zone.record(Zone.same, 1, [6, 6, 6, 6])])
      wrongName[13] = UInt8(ascii: "z")
      return [wrongID, wrongName]
    }
    let ran = await ask(other, expect: "{ records: exists }", timeout: "300ms")
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.message.contains("another question") == true)
    let late = RawDatagramPeer { query in
      var wrong = Zone.reply(query, answers: [Zone.record(Zone.same, 1, [6, 6, 6, 6])])
      wrong[1] ^= 0xFF
      return [wrong, [1, 2, 3], Zone.reply(query, answers: [Zone.record(Zone.same, 1, [10, 0, 0, 9])])]
    }
    let good = await ask(late, expect: "{ records: [10.0.0.9] }")
    #expect(good.outcome == .passed)
  }

  @Test(arguments: [
    // A pointer to itself, a ring, one forward, one beyond the end; a label of a reserved kind; a length that lies.
    Zone.record([0xC0, 33], 1, [1, 2, 3, 4]), Zone.record([1, 97, 0xC0, 33], 1, [1, 2, 3, 4]),
    Zone.record([0xC0, 60], 1, [1, 2, 3, 4]), Zone.record([0xFF, 0xFF], 1, [1, 2, 3, 4]),
    Zone.record([0x80, 1], 1, [1, 2, 3, 4]), Zone.record(Zone.same, 1, [1, 2, 3]),
    Zone.record(Zone.same, 1, [1, 2, 3, 4, 5]),
    Array(Zone.record(Zone.same, 1, [1, 2, 3, 4]).dropLast(2)), Zone.record(Zone.same, 16, [200, 1]),
    Zone.record(Zone.same, 15, [0]), Zone.record(Zone.same, 257, [0, 99, 1]), Zone.record(Zone.same, 5, []), [],
  ])
  func `an answer that lies about its shape is not taken, and nothing hangs`(_ record: [UInt8]) async {
    let type = [16: "TXT", 15: "MX", 1: "CAA", 5: "CNAME"][record.count > 3 ? Int(record[3]) : 0] ?? "A"
    let ran = await ask(
      serve(0x8580, [record]), "app.example.com", type, expect: "{ records: exists }", timeout: "200ms")
    #expect(ran.error?.kind == .timedOut, "\(ran.facts)")
    #expect(ran.error?.message.contains("cannot be read") == true)
  }

  @Test func `no random bytes crash the reader`() async {
    let noise = RawDatagramPeer { query in
      var replies: [[UInt8]] = []
      var state = UInt64(query[0]) << 8 | UInt64(query[1])
      for round in 0..<40 {
        var reply = Zone.reply(query, answers: [Zone.record(Zone.same, 15, [0, 1] + Zone.name("a.b") + [0xC0, 12])])
        for _ in 0...round % 5 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          reply[12 + Int(state >> 33) % (reply.count - 12)] = UInt8(truncatingIfNeeded: state >> 41)
        }
        replies.append(reply)
      }
      return replies
    }
    let ran = await ask(noise, "app.example.com", "MX", expect: "{ records: exists }", timeout: "300ms")
    #expect(ran.outcome != nil)
  }

  @Test func `what does not fit is asked again over TCP`() async {
    let records = (0..<60).map { Zone.record(Zone.same, 1, [10, 0, 0, UInt8($0)]) }
    let stream = RawPeer { connection in
      let query = Array(connection.read().dropFirst(2))
      let reply = Zone.reply(query, answers: records)
      let framed = Zone.short(reply.count) + reply
      connection.write(Array(framed.prefix(100)))
      connection.write(Array(framed.dropFirst(100)))
    }
    let peer = RawDatagramPeer(port: stream.port) { query in [Zone.reply(query, flags: 0x8780)] }
    let ran = await ask(peer, expect: "{ records: { length: 60 }, over_tcp: true }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    #expect(stream.connections == 1)

    let rude = RawPeer { connection in
      _ = connection.read()
      connection.write([0, 200, 1, 2])
    }
    let cut = RawDatagramPeer(port: rude.port) { query in [Zone.reply(query, flags: 0x8780)] }
    let broken = await ask(cut, expect: "{ records: exists }")
    #expect(broken.error?.kind == .unreachable)

    let liar = RawPeer { connection in
      let query = Array(connection.read().dropFirst(2))
      let reply = Zone.reply(query, flags: 0x8780)
      connection.write(Zone.short(reply.count) + reply)
    }
    let truncated = RawDatagramPeer(port: liar.port) { query in [Zone.reply(query, flags: 0x8780)] }
    let still = await ask(truncated, expect: "{ records: exists }")
    #expect(still.error?.kind == .malformed)
  }

  @Test func `nobody answers`() async {
    let silent = RawDatagramPeer { _ in [] }
    let ran = await ask(silent, expect: "{ records: exists }", timeout: "200ms")
    #expect(ran.error?.kind == .timedOut)
    let closed = await ProbeBench.run(
      binding: "dns: { name: a.example, server: '127.0.0.1:\(WatchedServer.freePort())' }\nexpect: { records: exists }")
    #expect(closed.error?.kind == .unreachable)
  }

  @Test func `a lost datagram is asked for again`() async {
    let count = Counter()
    let peer = RawDatagramPeer { query in
      count.next() == 1 ? [] : [Zone.reply(query, answers: [Zone.record(Zone.same, 1, [10, 0, 0, 1])])]
    }
    let ran = await ask(peer, expect: "{ records: [10.0.0.1] }", timeout: "5s")
    #expect(ran.outcome == .passed)
  }

  @Test func `an address stands for its PTR name`() async {
    let peer = RawDatagramPeer { query in
      let wanted = Zone.name("1.0.0.127.in-addr.arpa") + [0, 12, 0, 1]
      return [
        Zone.question(query) == wanted
          ? Zone.reply(query, answers: [Zone.record(Zone.same, 12, Zone.name("localhost"))])
          : Zone.reply(query, flags: 0x8583)
      ]
    }
    let ran = await ask(peer, "127.0.0.1", "PTR", expect: "{ records: [localhost] }")
    #expect(ran.outcome == .passed)
  }

  @Test(arguments: ["a..b", "", "ünicode.example", "a b", String(repeating: "a", count: 64)])
  func `what is no name is found while planning`(_ name: String) async {
    let ran = await ProbeBench.run(binding: "dns: { name: '\(name)' }\nexpect: { records: exists }")
    #expect(ran.results.isEmpty)
    #expect(ran.diagnostics.contains { $0.message.contains("cannot be a name") })
  }

  @Test func `an unknown type is found while planning`() async {
    let ran = await ProbeBench.run(binding: "dns: { name: a.example, type: AAA }\nexpect: { records: exists }")
    #expect(ran.diagnostics.first?.mend?.contains("'A") == true)
  }
}
