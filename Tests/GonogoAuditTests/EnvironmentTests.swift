import GonogoCore
import Testing

@testable import GonogoAudit

/// How variables are seen in each language, and that comments and strings are none of them.
@Suite struct EnvironmentTests {
  func facts(_ files: [String: String]) -> EnvironmentFacts {
    AuditContext(tree: SourceTree(texts: files), now: 0).facts(EnvironmentVariables.self)
  }

  /// "NAME need default" of every read of a file, in the order of names.
  func reads(_ path: String, _ text: String) -> [String] {
    facts([path: text]).variables.flatMap(\.reads).map { read in
      let fallback =
        switch read.fallback {
        case .none: ""
        case .literal(let text): " '\(text)'"
        case .variable(let name): " \(name)"
        case .expression: " …"
        }
      return "\(read.name) \(read.need.rawValue)\(fallback)"
    }
  }

  @Test func javaScript() {
    let found = reads(
      "src/a.ts",
      """
      // process.env.IN_COMMENT
      const text = "process.env.IN_STRING" + /process.env.IN_PATTERN/.source
      const a = process.env.A_BARE, b = process.env["B_QUOTED"]
      if (!process.env.C_REFUSED) { throw new Error("x") }
      const d = `x${process.env.D_TEMPLATE ?? 'd'}y` + (process.env.E_CALLED?.trim() || "e")
      const { F_ONE, G_TWO: g, H_THREE = "h" } = process.env
      const i = import.meta.env.VITE_I; const j = Deno.env.get("J_DENO") ?? process.env.K_OTHER
      const env = process.env; const l = env.L_ALIAS
      const m = <p>Don't</p>
      const n = process.env.N_LAST
      process.env.O_SET = "x"
      """)
    #expect(
      found == [
        "A_BARE unchecked", "B_QUOTED unchecked", "C_REFUSED required", "D_TEMPLATE optional 'd'",
        "E_CALLED optional 'e'", "F_ONE unchecked", "G_TWO unchecked", "H_THREE optional 'h'",
        "J_DENO optional K_OTHER", "K_OTHER optional", "L_ALIAS unchecked", "N_LAST unchecked", "VITE_I unchecked",
      ])
  }

  @Test func schemas() {
    let zod = reads(
      "src/env.ts",
      """
      import { z } from "zod"
      const schema = z.object({
        A_URL: z.string().url(),
        B_OPTIONAL: z.string().optional(),
        C_DEFAULT: z.coerce.number().default(5),
      })
      export const env = schema.parse({ A_URL: process.env.A_URL, B_OPTIONAL: process.env.B_OPTIONAL })
      """)
    #expect(zod == ["A_URL required", "B_OPTIONAL optional", "C_DEFAULT optional '5'"])
    // The same keys in a request's schema are no variables.
    #expect(reads("src/order.ts", "const order = z.object({ A_URL: z.string() })\n").isEmpty)
    let envalid = reads(
      "src/env.js", "module.exports = cleanEnv(process.env, { A_KEY: str(), B_KEY: str({ default: 'b' }) })\n")
    #expect(envalid == ["A_KEY required", "B_KEY optional 'b'"])
    let pydantic = reads(
      "app/config.py",
      """
      from pydantic_settings import BaseSettings, SettingsConfigDict
      class Base(BaseSettings):
          model_config = SettingsConfigDict(env_prefix="APP_", env_file=".env")
          database_url: str
          pool: int = Field(default=5, ge=1)
          other: str | None = Field(None, validation_alias="OTHER_NAME")
          limits: dict[str, int] = {
              "a": 1,
          }
          def check(self) -> None:
              self.local: int = 5
      class Child(Base):
          extra: str = "x"
      class Model:
          not_one: str
      """)
    #expect(
      pydantic == [
        "APP_DATABASE_URL required", "APP_LIMITS optional …", "APP_POOL optional '5'", "EXTRA optional 'x'",
        "OTHER_NAME optional",
      ])
    let tags = reads(
      "config.go",
      "package x\ntype C struct {\n\tA string `envconfig:\"A_HOST\" required:\"true\"`\n\tB string `env:\"B_HOST\" envDefault:\"b\"`\n}\n"
    )
    #expect(tags == ["A_HOST required", "B_HOST optional 'b'"])
  }

  @Test(arguments: [
    ("a.py", "import os\na = os.environ['A_KEY']  # os.environ['B_KEY']\n", ["A_KEY required"]),
    ("a.py", "a = os.environ.get(\"A_KEY\", \"x\") or os.getenv('B_KEY')\n", ["A_KEY optional 'x'", "B_KEY optional"]),
    (
      "a.py", "import environ\nenv = environ.Env()\na = env('A_KEY')\nb = env.bool('B_KEY', default=False)\n",
      ["A_KEY required", "B_KEY optional 'False'"]
    ),
    (
      "a.go",
      "package a\nvar a, b = os.Getenv(\"A_KEY\"), \"os.Getenv\"\nfunc f() { _, ok := os.LookupEnv(\"B_KEY\") }\n",
      ["A_KEY unchecked", "B_KEY optional"]
    ),
    (
      "a.swift",
      "let a = Environment.get(\"A_KEY\") ?? \"x\"\nlet b = ProcessInfo.processInfo.environment[\"B_KEY\"]!\n",
      ["A_KEY optional 'x'", "B_KEY required"]
    ),
    (
      "a.rb", "a = ENV.fetch('A_KEY')\nb = ENV['B_KEY'] || 'x'\nc = \"#{ENV['C_KEY']}\"\n",
      ["A_KEY required", "B_KEY optional 'x'", "C_KEY unchecked"]
    ),
    ("config/a.yml", "# ENV\na: <%= ENV.fetch(\"A_KEY\") { 5 } %>\n", ["A_KEY optional '5'"]),
    (
      "a.sh", "B_OWN=1\necho ${A_KEY:?set it} $B_OWN ${C_KEY:-c} # $D_KEY\n",
      ["A_KEY required", "C_KEY optional 'c'", "D_KEY unchecked"]
    ),
    ("a.cs", "var a = Environment.GetEnvironmentVariable(\"A_KEY\") ?? \"x\";\n", ["A_KEY optional 'x'"]),
    ("A.java", "String a = System.getenv(\"A_KEY\");\n", ["A_KEY unchecked"]),
    ("a.rs", "let a = std::env::var(\"A_KEY\").unwrap();\n", ["A_KEY unchecked"]),
    (
      "a.ts",
      "function need(name: string) { const v = process.env[name]; if (!v) throw new Error(name); return v }\nconst a = need('A_KEY')\nconst b = other('B_KEY')\n",
      ["A_KEY required"]
    ),
  ]) func languages(path: String, text: String, expected: [String]) {
    #expect(reads(path, text) == expected)
  }

  @Test func aRowHasItsFourWays() throws {
    let facts = facts([
      ".env.example": "MAIL_FROM=\n# MAIL_HOST=x\n",
      "compose.yml": "services:\n  a:\n    image: a/b:1\n    environment:\n      - MAIL_PORT=${OUTER_PORT:-25}\n",
      "chart/templates/d.yaml": "env:\n  - name: MAIL_USER\n    value: {{ .Values.user }}\n",
      "docs/a.md": "# Environment\n\n| Variable | What |\n|---|---|\n| `MAIL_FROM` | who |\n\nSee `USER_NOT_FOUND`.\n",
      "GO.md": "---\ngonogo: 1\n---\n\n- [ ] **E1** set\n  ```yaml gonogo\n  env:\n    required: [MAIL_FROM]\n  ```\n",
      "src/a.ts": "const a = process.env.MAIL_FROM\n", "tests/a.ts": "const a = process.env.MAIL_FROM\n",
    ])
    let row = try #require(facts["MAIL_FROM"])
    #expect(row.reads.map(\.place.description) == ["src/a.ts:1:23", "tests/a.ts:1:23"])
    #expect(row.deployedReads.count == 1)
    #expect(row.declarations.map(\.place.description) == [".env.example:1:1"])
    #expect(row.documents.map(\.place.description) == ["docs/a.md:5:4"])
    #expect(row.bindings.map(\.place.line) == [8])
    #expect(facts["MAIL_HOST"]?.declarations.first?.isComment == true)
    #expect(facts["MAIL_PORT"]?.declarations.first?.kind == .compose)
    #expect(facts["OUTER_PORT"]?.reads.first?.fallback == .literal("25"))
    #expect(facts["MAIL_USER"]?.declarations.first?.kind == .manifest)
    #expect(facts["USER_NOT_FOUND"] == nil)
    #expect(!facts.isUsed("MAIL_HOST") && facts.isUsed("MAIL_FROM"))
  }

  @Test func noFindingAndNoRowShowsASecret() async throws {
    let secret = "q7VR2mK9xT4bW8nZ3cL6pH1jD5gF0sYa"
    let context = AuditContext(
      tree: SourceTree(texts: [
        ".env": "JWT_SECRET=\(secret)\n", "src/a.ts": "const a = process.env.JWT_SECRET || '\(secret)'\n",
        "src/b.ts": "const t = 'ghp" + "_\(secret)Q2w3'\n",
      ]), now: 0)
    let outcome = await Audit(version: "test").look(in: context)
    #expect(Set(outcome.findings.map(\.rule)).isSuperset(of: ["committed-dotenv", "secret-fallback", "provider-key"]))
    for finding in outcome.findings { #expect(!"\(finding)".contains(secret)) }
    for entry in outcome.inventory { #expect(!"\(entry)".contains(secret)) }
  }

  @Test(arguments: [
    ("WEBHOOK_SECERT", "WEBHOOK_SECRET", true), ("DB_HOST", "DB_PORT", false), ("S3_KEY_1", "S3_KEY_2", false),
    ("KOMMO_REDIRECT_URI", "KOMMO_OAUTH_REDIRECT_URI", true), ("TEST_DATABASE_URL", "DATABASE_URL", false),
    ("API_BASE_URL", "BASE_API_URL", true), ("MAIL_USER", "MAIL_USERS", true), ("A_TOKEN", "B_TOKEN", false),
  ]) func nearNames(left: String, right: String, near: Bool) {
    #expect(EnvironmentNames.areNear(left, right) == near)
    #expect(EnvironmentNames.areNear(right, left) == near)
  }

  @Test func anUnclosedStringEndsWithItsLine() {
    for text in [
      "const a = 'x\nconst b = process.env.B_KEY\n", "`${`${process.env.B_KEY", "a = \"\"\"x\n", "}}}`", "/* x",
    ] {
      for name in ["a.ts", "a.py", "a.rb", "a.go"] { _ = facts([name: text]) }
    }
    #expect(reads("a.ts", "const a = 'x\nconst b = process.env.B_KEY\n") == ["B_KEY unchecked"])
  }
}
