public import GonogoCore

/// A handler that takes a request's body as it comes.
public struct BodyWithoutSchema: CodeRule {
  public static let manual = RuleManual(
    id: "code-body-no-schema", severity: .medium, family: "code",
    title: "A request's body is used without a schema",
    what: """
      Looks at routes that read a JSON body (Express, Fastify, Next.js, Deno; `request.json` in Flask, FastAPI and Django) in files that neither parse it with a schema \
      (zod, yup, joi, ajv, valibot, typebox, pydantic, serializers, marshmallow …) nor check a type, nor call anything that validates, here or in what they import and hand \
      it to. One finding a file. Webhooks pass: their body is the provider's.
      """,
    why: "whatever a client sends reaches the database: wrong types, foreign columns, megabytes",
    mend: "parse the body with a schema that names every field, its type and its bounds, and answer 400",
    falsifies: "every API input is validated",
    wordings: ["every API input is validated by a schema", "all input is validated"],
    references: ["https://cheatsheetseries.owasp.org/cheatsheets/Input_Validation_Cheat_Sheet.html"])

  public static let patterns = [
    CodePattern(
      "json", .ecmascript,
      """
      rule:
        any:
          - pattern: await $REQUEST.json()
          - pattern: JSON.parse(req.body)
        inside:
          stopBy: end
          kind: variable_declarator
      constraints:
        REQUEST: { regex: '^(req|request|ctx\\.request|c\\.req)$' }
      """),
    CodePattern(
      "body", .ecmascript,
      """
      rule:
        kind: member_expression
        regex: '^(req|request|ctx\\.request)\\.body$'
        inside: { kind: variable_declarator }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        any:
          - pattern: $NAME = await request.json()
          - pattern: $NAME = request.get_json($$$)
          - pattern: $NAME = request.json
          - pattern: $NAME = json.loads(request.body)
      """),
  ]

  private static let checks =
    #"safe_?parse|\bparse\w*\(|schema|\bz\.|\bzod\b|\byup\b|\bjoi\b|\bajv\b|valibot|superstruct|typebox|arktype|valid|typeof|isinstance|Array\.isArray|sanitize|pydantic|BaseModel|serializer|marshmallow|jsonschema|model_validate|assert|\bForm\(|instanceof (?!Error)|Number\(|String\(|parseInt|constructEvent|\bis[A-Z]\w+\("#

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var matches = try context.matches("json", of: Self.self)
    matches += try context.matches("body", of: Self.self)
    matches += try context.matches("python", of: Self.self)
    for (file, group) in Dictionary(grouping: matches, by: \.file).sorted(by: { $0.key.index < $1.key.index }) {
      guard let first = group.min(by: { $0.place < $1.place }), !file.path.lowercased().contains("hook"),
        let code = CodeText(file, in: context), CodeScope.isServer(file, code, in: context),
        !code.mentions(Self.checks, in: context)
      else { continue }
      // A wrapper of the route may do it before the handler.
      if code.mentions(#"with(Validation|Body|Schema|Api)\w*\(|createRoute|defineRoute|middleware\("#, in: context) {
        continue
      }
      findings.add(
        group.count == 1 ? "the body is used without a schema" : "\(group.count) bodies are used without a schema",
        at: first.place, subject: "body",
        related: group.sorted { $0.place < $1.place }.dropFirst().map { .init($0.place, "another one") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "app/api/x/route.ts:2:26", "server/a.js:3:27", "b.py:3:5",
      in: [
        "app/api/x/route.ts":
          "export async function POST(request: Request) {\n  const { name, role } = await request.json()\n  await save(name, role)\n}\n",
        "server/a.js":
          "const express = require('express')\napp.post('/x', (req, res) => {\n  const { name, role } =  req.body\n  save(name, role)\n})\n",
        "b.py": "@app.post('/x')\ndef x():\n    body = request.get_json()\n    save(body['name'])\n",
      ], "straight into the store"),
    .silent(
      "a schema, a check by hand, a page, a webhook",
      [
        "app/api/x/route.ts":
          "export async function POST(request: Request) {\n  const body = await request.json()\n  const x = Schema.parse(body)\n}\n",
        "app/api/y/route.ts":
          "export async function POST(request: Request) {\n  const { a } = await request.json()\n  if (typeof a !== 'string') throw bad\n}\n",
        "app/api/webhook/route.ts":
          "export async function POST(request: Request) {\n  const { a } = await request.json()\n}\n",
        "lib/client.ts": "const x = await response.json()\n",
        "b.py": "@app.post('/x')\ndef x():\n    body = XSchema().load(request.get_json())\n",
      ]),
  ]
}
