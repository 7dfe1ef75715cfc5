import GonogoCore
import GonogoDocument
import Testing

@Suite struct TOMLReaderTests {
  static func read(_ text: String) throws -> JSON { try TOMLReader.read(Array(text.utf8)) }

  @Test func `a document with all its forms`() throws {
    let json = try Self.read(
      #"""
      # comment
      title = "TOML" # comment
      "quoted key" = 'C:\path'
      a.b.c = 1
      a.b."d.e" = 2
      int = [ 1_000, +99, -17, 0xDEAD_beef, 0o755, 0b1101, 0, -0, ]
      float = [ 3.14, -0.01, 5e+22, 1e06, 6.626e-34, 9_224.5 ]
      odd = [ inf, -inf, nan ]
      yes = true
      when = [ 1979-05-27T07:32:00Z, 1979-05-27 00:32:00.999-07:00, 1979-05-27T07:32:00, 1979-05-27, 07:32:00 ]
      mixed = [ 1, "a", [ 2.5 ], { x = 1 } ] # comment
      nested = [
        1, # one

        2
      ]
      point = { x = 1, y.z = 2, "w" = {} }
      text = """
      first
      sec\
          ond "" ""quoted"""""
      raw = '''
      no \n escape ''here'''''
      escapes = "\b\t\n\f\r\"\\\u00e9\U0001F600"

      [server]
      host = "h"
      [server.tls]
      on = true
      [x.y.z]
      [x]
      own = 1
      [[fruit]]
      name = "apple"
      [fruit.physical]
      color = "red"
      [[fruit.variety]]
      name = "a"
      [[fruit.variety]]
      name = "b"
      [[fruit]]
      name = "banana"
      """#)
    #expect(json["title"] == "TOML")
    #expect(json["quoted key"] == "C:\\path")
    #expect(json["a"] == ["b": ["c": 1, "d.e": 2]])
    #expect(json["int"] == [1000, 99, -17, 0xDEAD_BEEF, 0o755, 13, 0, 0])
    #expect(json["float"] == [3.14, -0.01, 5e22, 1e6, 6.626e-34, 9224.5])
    #expect(json["odd"] == ["inf", "-inf", "nan"])
    #expect(json["yes"] == true)
    #expect(
      json["when"] == [
        "1979-05-27T07:32:00Z", "1979-05-27T00:32:00.999-07:00", "1979-05-27T07:32:00", "1979-05-27", "07:32:00",
      ])
    #expect(json["mixed"] == [1, "a", [2.5], ["x": 1]])
    #expect(json["nested"] == [1, 2])
    #expect(json["point"] == ["x": 1, "y": ["z": 2], "w": [:]])
    #expect(json["text"] == "first\nsecond \"\" \"\"quoted\"\"")
    #expect(json["raw"] == "no \\n escape ''here''")
    #expect(json["escapes"] == "\u{8}\t\n\u{c}\r\"\\é😀")
    #expect(json["server"] == ["host": "h", "tls": ["on": true]])
    #expect(json["x"] == ["own": 1, "y": ["z": [:]]])
    #expect(json["fruit"]?[0]?["variety"] == [["name": "a"], ["name": "b"]])
    #expect(json["fruit"]?[0]?["physical"] == ["color": "red"])
    #expect(json["fruit"]?[1] == ["name": "banana"])
  }

  @Test func `empty documents, byte order marks and CRLF`() throws {
    #expect(try Self.read("") == [:])
    #expect(try Self.read("\u{FEFF}a = 1\r\n[b]\r\nc = \"\"\"\r\nx\r\ny\"\"\"\r\n") == ["a": 1, "b": ["c": "x\ny"]])
  }

  @Test func `a table may be passed through before it is defined, and be given more tables after dotted keys`() throws {
    #expect(try Self.read("[a.b]\nx=1\n[a]\ny=2") == ["a": ["b": ["x": 1], "y": 2]])
    #expect(
      try Self.read("[fruit]\napple.color='red'\n[fruit.apple.texture]\nsmooth=true")
        == ["fruit": ["apple": ["color": "red", "texture": ["smooth": true]]]])
  }

  @Test(arguments: [
    ("a = 1\na = 2", 2, 1), ("[a]\n[a]", 2, 1), ("a.b = 1\na = 2", 2, 1), ("a = 1\na.b = 2", 2, 1),
    ("[a]\nb.c = 1\n[a.b]", 3, 1), ("[a.b]\nx=1\n[a]\nb.y = 2", 4, 1), ("a = {x = 1}\n[a.y]", 2, 1),
    ("a = {x = 1}\na.y = 2", 2, 1), ("a = [1]\n[[a]]", 2, 1), ("[[a]]\n[a]", 2, 1), ("[a]\n[[a]]", 2, 1),
    ("a = {x = 1, x = 2}", 1, 13), ("a = {x = 1,}", 1, 12), ("a = {x = 1\n}", 1, 11), ("a = 1 b = 2", 1, 7),
    ("a = ", 1, 5), ("a", 1, 2), ("= 1", 1, 1), ("a = 01", 1, 5), ("a = 1__0", 1, 5), ("a = _1", 1, 5),
    ("a = 1.", 1, 5), ("a = .5", 1, 5), ("a = 0x", 1, 5), ("a = +0x1", 1, 5), ("a = 9223372036854775808", 1, 5),
    ("a = \"x", 1, 5), ("a = 'x\ny'", 1, 7), ("a = \"\\q\"", 1, 6), ("a = \"\\ud800\"", 1, 6), ("a = \"\"\"x", 1, 5),
    ("a = \"x\u{1}\"", 1, 7), ("a = 1979-13-27", 1, 5), ("a = 1979-05-27T25:00:00Z", 1, 5), ("a = tru", 1, 5),
    ("[a", 1, 3), ("[a]]", 1, 4), ("[[a]", 1, 4), ("[]", 1, 2), ("a = [1 2]", 1, 8), ("a = [,]", 1, 6),
    ("a = 1\rb = 2", 1, 6), ("# \u{7}", 1, 3), ("a = 07:32", 1, 5), ("a = Inf", 1, 5), ("a..b = 1", 1, 3),
    ("a = '''x''''''", 1, 14),
  ]) func `what is not TOML is refused at its place`(text: String, line: Int, column: Int) {
    do {
      let json = try TOMLReader.read(Array(text.utf8))
      Issue.record("accepted \(text) as \(json)")
    } catch {
      #expect("\(error.line):\(error.column)" == "\(line):\(column)", "\(text): \(error)")
    }
  }

  @Test func `depth is bounded and broken encodings are placed`() {
    #expect(throws: TOMLError.self) { try Self.read("a = " + String(repeating: "[", count: 100_000)) }
    #expect(throws: TOMLError.self) { try Self.read("a = " + String(repeating: "{a=", count: 100_000)) }
    let error = #expect(throws: TOMLError.self) { try TOMLReader.read(Array("a = 1\nb = \"".utf8) + [0xFF, 0x22]) }
    #expect(error?.description == "bytes that are not UTF-8 at line 2, column 6")
  }
}
