import GonogoCore
import Testing

@testable import GonogoProbes

@Suite struct SQLSplitterTests {
  private func split(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return SQLSplitter.split(bytes).map { "\($0.line) " + String(decoding: bytes[$0.range], as: UTF8.self) }
  }

  @Test func `semicolons inside of quotes, comments, parentheses and bodies end nothing`() {
    #expect(split("SELECT ';';\n SELECT \";\"; ") == ["1 SELECT ';'", "2 SELECT \";\""])
    #expect(split("SELECT E'\\';';SELECT 'a\\';") == ["1 SELECT E'\\';'", "1 SELECT 'a\\'"])
    #expect(split("DO $a$ x; $$ y; $$ $a$;\n\nSELECT $1;") == ["1 DO $a$ x; $$ y; $$ $a$", "3 SELECT $1"])
    #expect(split("-- a;\n/* b; /* c; */ d; */ SELECT 1 -- e;\n;") == ["2 SELECT 1"])
    #expect(
      split("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);SELECT 3") == [
        "1 CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "1 SELECT 3",
      ])
    #expect(
      split("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3")
        == [
          "1 CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
          "1 SELECT 3",
        ])
    #expect(split("BEGIN; SELECT 1; END; SELECT a$b$c;") == ["1 BEGIN", "1 SELECT 1", "1 END", "1 SELECT a$b$c"])
    #expect(split("\u{FEFF}SELECT 1;\r\nSELECT 2\r\n") == ["1 SELECT 1", "2 SELECT 2"])
    #expect(split(" \n ; ; ") == [])
  }

  @Test func `what is never closed reaches to the end`() {
    for text in ["SELECT 'x; y;", "SELECT $a$ x; $b$;", "SELECT \"x;", "SELECT (1; 2;"] {
      #expect(split(text) == ["1 \(text)"])
    }
    #expect(split("/* x; /* */ ") == [])
  }

  @Test func `COPY's data and psql's commands are no SQL`() {
    let text = "COPY a FROM stdin;\n1\t';\n\\.\n\\connect x\nSELECT 1;"
    let bytes = Array(text.utf8)
    let statements = SQLSplitter.split(bytes)
    #expect(statements.map(\.line) == [1, 4, 5])
    #expect(statements[1].kind == .meta)
    guard case .copy(let range) = statements[0].kind else {
      Issue.record("no data")
      return
    }
    #expect(String(decoding: bytes[range], as: UTF8.self) == "1\t';\n")
  }

  @Test func `any bytes are split without a trap`() {
    var generator = SystemRandomNumberGenerator()
    let pieces = [
      "'", "\"", "$$", "$a$", "/*", "*/", "--", "\n", ";", "(", ")", "\\", "E'", "copy", " from stdin",
      "create function ", "begin ", "end ", "\u{FEFF}", "x", "é",
    ]
    for _ in 0..<300 {
      let text = (0..<20).map { _ in pieces.randomElement(using: &generator)! }.joined()
      let bytes = Array(text.utf8)
      for statement in SQLSplitter.split(bytes) {
        #expect(statement.range.lowerBound <= statement.range.upperBound && statement.range.upperBound <= bytes.count)
      }
    }
  }

  @Test func `a statement's head says what it makes`() {
    func object(_ text: String) -> String? { StatementHead(Array(text.utf8)[...]).object }
    #expect(object("CREATE TABLE IF NOT EXISTS Orders (id int)") == "table public.orders")
    #expect(object("create or replace function app.\"F\"()") == "function app.F")
    #expect(object("CREATE POLICY \"own rows\" ON public.t FOR ALL") == "policy public.t.own rows")
    #expect(object("ALTER TABLE ONLY x ENABLE ROW LEVEL SECURITY") == "rls public.x")
    #expect(object("CREATE UNLOGGED TABLE x.y ()") == "table x.y")
    #expect(object("SELECT 1") == nil)
    #expect(
      StatementHead(Array("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA \"ext\"".utf8)[...])
        .createdExtension?.schema == "ext")
    #expect(
      StatementHead.excerpt(Array("CREATE ROLE x PASSWORD 'hunter2' LOGIN".utf8)[...])
        == "CREATE ROLE x PASSWORD '…' LOGIN")
  }
}
