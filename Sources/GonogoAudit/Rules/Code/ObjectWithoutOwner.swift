public import GonogoCore

/// A route that gives whoever is logged in whatever id they name.
public struct ObjectWithoutOwner: CodeRule {
  public static let manual = RuleManual(
    id: "code-object-no-owner", severity: .medium, family: "code",
    title: "A route takes an object's id and compares no owner",
    what: """
      Looks at handlers that read, change or delete one object of Prisma or SQLAlchemy by nothing but the id of the request's path or query, that load a logged-in user, and \
      in which no owner, member, organisation, tenant, role or permission is named. Handlers without a user pass (their object may be public), and so does \
      whatever a helper with `authorize`, `can`, `access` or `owner` in its name is called for.
      """,
    why: "changing the number in the address shows or deletes another customer's data",
    mend: "put the owner into the condition: `where: { id, userId: session.user.id }`",
    falsifies: "users can only reach their own objects",
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
      """)
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var told: Set<String> = []
    for match in try context.matches("prisma", of: Self.self) {
      guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
        continue
      }
      let handler = CodeText(Array(match["HANDLER"].utf8), .ecmascript)
      // Both in the very handler: a user, and the id as the client wrote it.
      guard handler.mentions(#"\b(session|currentUser|req\.user|ctx\.user|auth\(|getServerSession|getUser)"#, in: context),
        handler.mentions(#"\b(params|req\.query|searchParams)\b"#, in: context)
      else { continue }
      if handler.mentions(
        #"(user|owner|org\w*|tenant|team|member|workspace|account|author|customer|company|project|created)_?(id|by|slug)\b|role|admin|permission|\bcan\w*\(|authori[sz]e|access|owner|forbidden|403|policy|guard|session\.user\.id|\.id\s*[!=]=="#,
        in: context, raw: true)
      {
        continue
      }
      if told.insert("\(match.file.path) \(match["MODEL"])").inserted {
        findings.add(
          "'\(match["MODEL"])' is reached by its id alone, whoever asks", at: match.place, subject: match["MODEL"])
      }
    }
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
