public import GonogoCore

/// A route that gives whoever is logged in whatever id they name.
public struct ObjectWithoutOwner: CodeRule {
  public static let manual = RuleManual(
    id: "code-object-no-owner", severity: .medium, family: "code",
    title: "A route takes an object's id and compares no owner",
    what: """
      Looks at handlers that read, change or delete one object of Prisma, or of Supabase with the service's key, by nothing but the id that the request names, that load a logged-in user, and \
      in which no owner, member, organisation, tenant, role or permission is named. Handlers without a user pass (their object may be public), unless the file puts a check of who is logged in before all its routes and compares the owner of \
      the same model in another of them; so does \
      whatever a helper with `authorize`, `can`, `access` or `owner` in its name is called for.
      """,
    why: "changing the number in the address shows or deletes another customer's data",
    mend: "put the owner into the condition: `where: { id, userId: session.user.id }`",
    falsifies: "users can only reach their own objects", wordings: ["users can only access their own data"],
    references: ["https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/"])

  public static let patterns = [
    CodePattern(
      "prisma", .ecmascript,
      """
      rule:
        pattern: $CLIENT.$MODEL.$METHOD($OPTIONS)
        has:
          stopBy: end
          kind: pair
          all:
            - has: { field: key, regex: '^where$' }
            - has: { field: value, regex: '^\\{\\s*id(:\\s*[\\w.()]+)?,?\\s*\\}$' }
        inside:
          stopBy: end
          any:
            - { kind: function_declaration, pattern: $HANDLER }
            - { kind: arrow_function, pattern: $HANDLER }
            - { kind: method_definition, pattern: $HANDLER }
      constraints:
        METHOD: { regex: '^(findUnique|findUniqueOrThrow|findFirst|update|delete)$' }
        CLIENT: { regex: '^(prisma|db|tx|this\\.prisma)$' }
        MODEL: { not: { regex: '^(user|session|organization|tenant)$' } }
      """),
    CodePattern(
      "supabase", .ecmascript,
      """
      rule:
        pattern: $CHAIN.eq($KEY, $ID)
        not: { inside: { stopBy: { kind: await_expression }, any: [ { pattern: $A.eq($$$) }, { pattern: $A.match($$$) }, { pattern: $A.in($$$) } ] } }
        inside:
          stopBy: end
          any:
            - { kind: function_declaration, pattern: $HANDLER }
            - { kind: arrow_function, pattern: $HANDLER }
      constraints:
        KEY: { regex: '^.id.$' }
        CHAIN: { regex: '\\.from\\(', not: { regex: '\\.(eq|match|in|filter|or)\\(' } }
        ID: { regex: '^(id|\\w+Id|(body|params)\\.\\w+)$' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var told: Set<String> = []
    let prisma = try context.matches("prisma", of: Self.self)
    for match in try prisma + context.matches("supabase", of: Self.self) {
      guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
        continue
      }
      let handler = CodeText(Array(match["HANDLER"].utf8), .ecmascript)
      // Supabase's own policies decide, unless the client has the service's key.
      let isSupabase = match["MODEL"].isEmpty
      if isSupabase, !code.mentions("service_?role|createAdminClient|supabaseAdmin", in: context, strings: true) {
        continue
      }
      let subject = isSupabase ? Self.table(match["CHAIN"]) : match["MODEL"]
      // Both in the very handler: a user, or one for all routes of the file, and the id as the client wrote it.
      let user = #"\b(session|currentUser|req\.user|ctx\.user|auth\(|getServerSession|getUser)"#
      guard handler.mentions(user, in: context) || !isSupabase && isOwnedBeside(match, code, context),
        handler.mentions(#"\b(params|req\.query|searchParams|(request|req)\.json\(\))"#, in: context)
      else { continue }
      if handler.mentions(
        #"(user|owner|org\w*|tenant|team|member|workspace|account|author|customer|company|project|created)_?(id|by|slug)\b|role|admin|permission|\bcan\w*\(|authori[sz]e|access|owner|forbidden|403|policy|guard|session\.user\.id|\.id\s*[!=]=="#,
        in: context, strings: true)
      {
        continue
      }
      if told.insert("\(match.file.path) \(subject)").inserted {
        findings.add(
          "'\(subject)' is reached by its id alone, whoever asks", at: match.place, subject: subject)
      }
    }
  }

  /// Whether all routes of the file need a login, and one of them asks for the model's owner.
  private func isOwnedBeside(_ match: CodeMatch, _ code: CodeText, _ context: AuditContext) -> Bool {
    let model = match["MODEL"]
    guard !model.isEmpty, model.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return false }
    let login = #"\.use\(\s*\w*(auth|requireUser|requireLogin|loggedIn|protect|isAuthenticated|ensureUser|session)\w*"#
    let owner =
      #"\."# + model + #"\.\w+\(.*\b(user_?id|owner_?id|author_?id|account_?id|customer_?id|org\w*id|tenant_?id)\s*:"#
    return code.mentions(login, in: context) && !code.mentions(#"\.use\(.*(admin|role|permission|staff)"#, in: context)
      && code.mentions(owner, in: context)
  }

  /// The table of a chain that begins with `client.from('table')`.
  private static func table(_ chain: String) -> String {
    guard let from = chain.firstRange(of: ".from(") else { return "" }
    return String(chain[from.upperBound...].prefix { $0 != ")" }.filter { !"'\"`".contains($0) })
  }

  public static let samples: [RuleSample] = [
    .finds(
      "app/api/notes/[id]/route.ts:4:22",
      in: [
        "app/api/notes/[id]/route.ts": """
        export async function GET(request: Request, { params }) {
          const session = await getServerSession()
          if (!session) return new Response('', { status: 401 })
          const note = await prisma.note.findUnique({ where: { id: params.id } })
          return Response.json(note)
        }
        """
      ], "no owner"),
    .finds(
      "src/orders.ts:4:64",
      in: [
        "src/orders.ts": """
        import { Router } from 'express'
        orders.use(requireUser)
        orders.get('/:id', async (req, res) => { res.json(await prisma.order.findFirst({ where: { id: req.params.id, userId: who(req) } })) })
        orders.delete('/:id', async (req, res) => { /* owner? */ await prisma.order.delete({ where: { id: req.params.id } }) })
        """
      ], "an owner in one route, none in the next"),
    .silent(
      "for administrators; a model that has no owner",
      [
        "src/a.ts": """
        import { Router } from 'express'
        orders.use(requireAuth, requireAdmin)
        orders.get('/', async (req, res) => { res.json(await prisma.order.findMany({ where: { userId: req.query.user } })) })
        orders.delete('/:id', async (req, res) => { await prisma.order.delete({ where: { id: req.params.id } }) })
        """,
        "src/b.ts": """
        import { Router } from 'express'
        products.use(requireAuth)
        products.get('/:id', async (req, res) => { res.json(await prisma.product.findUnique({ where: { id: req.params.id } })) })
        products.post('/', async (req, res) => { await prisma.order.create({ data: { userId: who(req) } }) })
        """,
      ]),
    .silent(
      "the owner in the condition, compared later, a public object",
      [
        "app/api/notes/[id]/route.ts": """
        export async function GET(request: Request, { params }) {
          const session = await getServerSession()
          const note = await prisma.note.findFirst({ where: { id: params.id, userId: session.user.id } })
        }
        export async function DELETE(request: Request, { params }) {
          const session = await getServerSession()
          const note = await prisma.note.findUnique({ where: { id: params.id } })
          if (note.ownerId !== session.user.id) return new Response('', { status: 404 })
        }
        export async function HEAD(request: Request, { params }) {
          const note = await prisma.note.findUnique({ where: { id: params.id } })
        }
        """
      ]),
  ]
}
