public import GonogoCore

/// A handler that takes a request's body as it comes.
public struct BodyWithoutSchema: CodeRule {
  public static let manual = RuleManual(
    id: "code-body-no-schema", severity: .medium, family: "code",
    title: "A request's body is used without a schema",
    what: """
      Looks at routes that read a JSON body (Express, Fastify, Next.js, Deno; `request.json` in Flask, FastAPI and Django) in files that neither parse it with a schema \
      (zod, yup, joi, ajv, valibot, typebox, pydantic, serializers, marshmallow …) nor check a type. One finding a file, and one for a package where more than three of its files have \
      such handlers. A handler passes that asks something of a value by hand (a pattern, a list, a length; that it is there is not enough), that gives the body to a function of the tree which \
      validates, that passes it on whole to another service, or that gives it to a Mongoose model, whose schema checks; so do handlers that a router's file names beside a validator, and packages with one for all routes \
      (OpenAPI validators, Nest's pipes). In a file that checks others it tells of the handler that gives `req.body` as it is to Prisma, Drizzle, Knex or Supabase, and in Python of \
      the handler that checks nothing itself, hands the body to nobody who could, and refuses nothing. Webhooks pass: their body is the provider's. So do handlers that hand \
      it to another service through a generated client, which checks it there.
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
        all:
          - inside: { stopBy: end, kind: variable_declarator, has: { field: name, pattern: $BOUND } }
          - inside: { stopBy: end, pattern: $HANDLER, any: [ { kind: arrow_function }, { kind: function_declaration }, { kind: function_expression }, { kind: method_definition } ] }
      constraints:
        REQUEST: { regex: '^(req|request|ctx\\.request|c\\.req)$' }
      """),
    CodePattern(
      "body", .ecmascript,
      """
      rule:
        kind: member_expression
        regex: '^(req|request|ctx\\.request)\\.body$'
        all:
          - inside: { kind: variable_declarator, has: { field: name, pattern: $BOUND } }
          - inside: { stopBy: end, pattern: $HANDLER, any: [ { kind: arrow_function }, { kind: function_declaration }, { kind: function_expression }, { kind: method_definition } ] }
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
    CodePattern(
      "stored", .ecmascript,
      """
      rule:
        kind: call_expression
        all:
          - has:
              field: function
              kind: member_expression
              regex: '(?i)prisma|\\b(db|tx|knex|trx|drizzle|supabase\\w*)\\b'
              has: { field: property, regex: '^(create|createMany|update|updateMany|upsert|insert|values)$' }
          - has:
              field: arguments
              has:
                stopBy: { any: [ { kind: call_expression }, { kind: arrow_function } ] }
                any:
                  - kind: pair
                    all: [ { has: { field: key, regex: '^(data|create|update)$' } }, { has: { field: value, regex: '^(req|request|ctx\\.request)\\.body$' } } ]
                  - { kind: spread_element, regex: '^\\.\\.\\.(req|request|ctx\\.request)\\.body$' }
                  - { kind: member_expression, regex: '^(req|request|ctx\\.request)\\.body$', inside: { kind: arguments } }
        inside:
          stopBy: end
          kind: call_expression
          pattern: $ROUTE
          has: { field: function, kind: member_expression, has: { field: property, regex: '^(post|put|patch)$' } }
      """),
    CodePattern(
      "handler", .python,
      """
      rule:
        any:
          - pattern: $NAME = await request.json()
          - pattern: $NAME = request.get_json($$$)
          - pattern: $NAME = request.json
          - pattern: $NAME = json.loads(request.body)
        inside:
          stopBy: end
          kind: decorated_definition
          pattern: $HANDLER
          has: { kind: decorator, regex: '^@\\w+\\.(post|put|patch|route|api_route)\\(' }
      """),
  ]

  private static let checks =
    #"safe_?parse|\bparse\w*\(|schema|\bz\.|\bzod\b|\byup\b|\bjoi\b|\bajv\b|valibot|superstruct|typebox|arktype|valid|typeof|use_kwargs|use_args|expects_json|isinstance|Array\.isArray|sanitize|pydantic|BaseModel|serializer|marshmallow|jsonschema|model_validate|assert|\bnot in [A-Z_]{3,}\b|\bForm\(|instanceof (?!Error)|Number\(|String\(|parseInt|constructEvent|\bis[A-Z]\w+\("#

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var matches = try context.matches("json", of: Self.self)
    matches += try context.matches("body", of: Self.self)
    matches += try context.matches("python", of: Self.self)
    let stored = try context.matches("stored", of: Self.self)
    let handlers = try context.matches("handler", of: Self.self)
    var causes: [FileCause] = []
    let judged = ReadBodies(matches.filter { $0.file.language != .python }, checks: Self.checks, in: context)
    for file in Set((matches + stored).map(\.file)).sorted(by: { $0.index < $1.index }) {
      guard !file.path.lowercased().contains("hook"), let code = CodeText(file, in: context),
        CodeScope.isServer(file, code, in: context)
      else { continue }
      var group = matches.filter { $0.file == file && ($0.file.language == .python || judged.isUnchecked($0)) }
      let bare = stored.filter { $0.file == file && isBare($0, code, context) }
      if code.mentions(Self.checks, in: context) {
        // The file checks some: what is left are handlers that show by themselves that they do not.
        group = handlers.filter { $0.file == file && takesAll($0, context) }
      }
      group += bare
      if group.isEmpty { continue }
      // A wrapper of the route may do it before the handler.
      if code.mentions(#"with(Validation|Body|Schema|Api)\w*\(|createRoute|defineRoute|\bmiddleware\("#, in: context) {
        continue
      }
      if Self.handsOn(file, code, in: context) { continue }
      causes.append(FileCause(file: file, places: group.map(\.place)))
    }
    findings.add(
      causes, subject: { _ in "body" }, one: "the body is used without a schema", noun: "bodies",
      rest: "are used without a schema", in: context)
  }

  /// Whether no middleware of the route, and none for the whole file, could have checked what is stored.
  private func isBare(_ match: CodeMatch, _ code: CodeText, _ context: AuditContext) -> Bool {
    let route = CodeText(Array(match["ROUTE"].utf8), .ecmascript)
    return !route.mentions(Self.checks, in: context, strings: true)
      && !code.mentions(#"\.use\([^)]*(valid|schema|parse)|celebrate|class-validator"#, in: context, strings: true)
  }

  /// Whether a handler of Python takes what it reads out of the body as it is.
  private func takesAll(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    let name = match["NAME"]
    guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return false }
    let handler = CodeText(Array(match["HANDLER"].utf8), .python)
    if match["HANDLER"].prefix(while: { $0 != "\n" }).lowercased().contains("hook") { return false }
    let refusal = #"\b(400|422)\b|HTTP_4\d\d|BadRequest|ValueError|\bvalidat|check|ensure|\braise\b"#
    if handler.mentions(Self.checks, in: context) || handler.mentions(refusal, in: context, strings: true) {
      return false
    }
    var isRead = false
    for line in handler.code.split(separator: 0x0A) {
      let text = String(decoding: line, as: UTF8.self)
      if ["\(name)[", "\(name).get("].contains(where: { text.contains($0) }) { isRead = true }
      let isLog = ["log.", "logger.", "logging.", "print("].contains { text.trimmed.hasPrefix($0) }
      // Given away whole, somebody else may check it; a condition about it is a check of a kind.
      let isGiven =
        ["(\(name))", "(\(name),", ", \(name))", ", \(name),", "=\(name))", "=\(name),", "**\(name)", "return \(name)"]
        .contains { text.contains($0) }
      let isAsked = text.trimmed.hasPrefix("if ") && text.contains(name) || text.contains(" in \(name)")
      if !isLog, isGiven || isAsked { return false }
    }
    return isRead
  }

  /// Whether the file, or one that it imports, speaks to another service by a client that was made from its description.
  private static func handsOn(_ file: TreeFile, _ code: CodeText, in context: AuditContext) -> Bool {
    let client = #"['"]openapi-fetch['"]|['"][^'"]*(\.gen|/generated|/openapi)(/[^'"]*)?['"]"#
    if code.mentions(client, in: context, strings: true) { return true }
    return CodeScope.imported(by: file, in: context).contains { imported in
      CodeText(imported, in: context).map { $0.mentions(client, in: context, strings: true) } ?? false
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
    .finds(
      "src/users.ts:4:45", "app/main.py:10:5",
      in: [
        "src/users.ts": """
        import express from 'express'
        users.patch('/:id', async (req, res) => { await prisma.user.update({ where: id(req), data: Changes.parse(req.body) }) })
        // TODO: validate
        users.post('/', async (req, res) => { await prisma.user.create({ data: req.body }) })
        """,
        "app/main.py": """
        class Invoice(BaseModel):
            cents: int

        @app.post('/invoices')
        async def create(invoice: Invoice):
            store(invoice)

        @app.post('/notes')
        async def note(request: Request, me=Depends(current)):
            body = await request.json()
            log.info("note %s", body)
            db.execute("INSERT INTO notes (text) VALUES (%s)", (body["text"],))
        """,
      ], "a handler that checks nothing beside one that does"),
    .finds(
      "app/api/goals/route.ts:2:16", "src/controllers.js:2:37",
      in: [
        "app/api/goals/route.ts":
          "export async function PUT(request: Request) {\n  const body = await request.json()\n  if (!body.title || !body.goalId) return refuse(400)\n  return goalService.change(body.goalId, { ...body, by: me })\n}\n",
        "services/goalService.ts":
          "export class GoalService {\n  async change(id: string, data: Goal) {\n    // TODO: validate data\n    return this.store.save(id, data)\n  }\n}\n",
        "services/otherService.ts":
          "export class OtherService {\n  async change(id: string, data: Other) {\n    validateOrThrow(OtherRules, data)\n    return this.store.save(id, data)\n  }\n}\n",
        "package.json": "{ \"dependencies\": { \"express\": \"5\" } }",
        "src/controllers.js":
          "exports.add = async (req, res) => {\n  const { title, when, priority } = req.body\n  await store.add(title, when, priority)\n}\n",
        "src/routes.js": "router.post('/', login, controllers.add)\n",
      ], "a service that validates nothing, beside another one of the same method"),
    .finds(
      "app/api/a/route.ts:1:62",
      in: [
        "app/api/a/route.ts":
          "export async function POST(request: Request) { const { x } = await request.json(); keep(x) }\n",
        "app/api/b/route.ts":
          "export async function POST(request: Request) { const { x } = await request.json(); keep(x) }\n",
        "app/api/c/route.ts":
          "export async function POST(request: Request) { const { x } = await request.json(); keep(x) }\n",
        "app/api/d/route.ts":
          "export async function POST(request: Request) { const { x } = await request.json(); keep(x) }\n",
      ], "one finding a package"),
    .silent(
      "checked by the service, by hand, by another service, by the model, by a validator beside the handler",
      [
        "clinic/package.json": "{ \"dependencies\": { \"class-validator\": \"0.14\", \"express\": \"4\" } }",
        "clinic/src/router.ts":
          "import express from 'express'\nrouter.post('/register', async (req, res) => {\n  const body = req.body\n  res.json(await doctors.register(body))\n})\n",
        "app/api/fees/route.ts":
          "export async function PUT(request: Request) {\n  const body: Fee = await request.json()\n  return feeService.change(body)\n}\n",
        "services/feeService.ts":
          "export class FeeService {\n  async change(data: Fee) {\n    this.validateFee(data)\n    return this.store.save(data)\n  }\n}\n",
        "app/api/codes/route.ts":
          "export async function POST(request: Request) {\n  const body = await request.json()\n  const { code } = body\n  if (!/^[a-z]+$/.test(code)) return refuse(400)\n  return add(code)\n}\n",
        "app/api/link/route.ts":
          "export async function POST(request: Request) {\n  const { url } = await request.json()\n  try { new URL(url) } catch { return refuse(400) }\n  return preview(url)\n}\n",
        "app/api/name/route.ts":
          "export async function POST(request: Request) {\n  const { name } = await request.json()\n  if (!name || name.trim().length < 2) return refuse(400)\n  return rename(name)\n}\n",
        "app/api/pass/route.ts":
          "export async function POST(request: Request) {\n  const body = await request.json()\n  return fetch(`${backend}/orders`, { method: 'POST', body: JSON.stringify(body) })\n}\n",
        "shop/package.json": "{ \"dependencies\": { \"express\": \"5\", \"mongoose\": \"8\" } }",
        "shop/controllers/cart.js":
          "exports.addToCart = async (req, res) => {\n  const body = req.body\n  await Cart.create(body)\n}\n",
        "desk/package.json": "{ \"dependencies\": { \"express\": \"5\" } }",
        "desk/controllers/ticket.js":
          "const openTicket = async (req, res) => {\n  const { title } = req.body\n  await store.open(title)\n}\nmodule.exports = { openTicket }\n",
        "desk/routes/ticket.js":
          "router.post(\n  '/',\n  celebrate({ body: Ticket }),\n  validate(Ticket),\n  openTicket,\n)\n",
        "gate/package.json": "{ \"dependencies\": { \"express\": \"5\" } }",
        "gate/app.js": "app.use(OpenApiValidator.middleware({ apiSpec }))\n",
        "gate/controllers/door.js":
          "export const open = async (req, res) => {\n  const { door } = req.body\n  await doors.open(door)\n}\n",
      ]),
    .silent(
      "a middleware that validates, a condition, a helper that is given the body",
      [
        "src/users.ts": """
        import express from 'express'
        users.post('/', validate(NewUser), async (req, res) => { await prisma.user.create({ data: req.body }) })
        users.put('/', async (req, res) => { cache.set(req.body) })
        """,
        "app/main.py": """
        class Invoice(BaseModel):
            cents: int

        @app.post('/a')
        async def a(request: Request):
            body = await request.json()
            if "text" not in body:
                return Response(status_code=400)
            store(body["text"])

        @app.post('/b')
        async def b(request: Request):
            body = await request.json()
            note = read(body)
            store(note, body["x"])
        """,
      ]),
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
        "app/api/z/route.ts":
          "import { orders } from '@/lib/orders'\nexport async function POST(request: Request) {\n  const body = await request.json()\n  return orders(body)\n}\n",
        "lib/orders.ts":
          "import { create } from './client/sdk.gen'\nexport const orders = (x: Order) => create({ body: x })\n",
        "b.py": "@app.post('/x')\ndef x():\n    body = XSchema().load(request.get_json())\n",
      ]),
  ]
}
