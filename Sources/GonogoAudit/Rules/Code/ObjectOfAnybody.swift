public import GonogoCore

/// A route of Python's or Mongoose's that loads an object by its id, knows who asks, and compares neither with the other.
public struct ObjectOfAnybody: CodeRule {
  public static let manual = RuleManual(
    id: "code-object-of-anybody", severity: .medium, family: "code",
    title: "A route loads an object by its id and does not ask whose it is",
    what: """
      Looks at routes of FastAPI and Flask with an id in their path, that load a logged-in user and then one object by the id alone (SQLAlchemy's \
      and SQLModel's `get`, `filter(X.id == …)`, `filter_by(id=…)`), and at Mongoose's `findById` and its like with a parameter of the request in \
      a handler that reads `req.user`. Handlers that name an owner, a member, a tenant, a role, a permission or a helper that decides pass, and \
      so do those that load no user: their object may be public.
      """,
    why: "changing the number in the address shows or deletes another customer's data",
    mend: "put the owner into the condition, or compare it and answer 404",
    falsifies: "users can only reach their own objects",
    references: [
      "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/"
    ])

  public static let patterns = [
    CodePattern(
      "python", .python,
      """
      rule:
        kind: decorated_definition
        has:
          kind: decorator
          regex: '^@\\w+(\\.\\w+)*\\.(get|put|patch|delete|post|route)\\(\\s*["''][^"'']*[{<][^}>]*id[}>]'
      """),
    CodePattern(
      "mongoose", .ecmascript,
      """
      rule:
        any:
          - pattern: $MODEL.$METHOD($ID)
          - pattern: $MODEL.$METHOD($ID, $$$)
        inside:
          stopBy: end
          any:
            - { kind: function_declaration, pattern: $HANDLER }
            - { kind: arrow_function, pattern: $HANDLER }
            - { kind: method_definition, pattern: $HANDLER }
      constraints:
        METHOD: { regex: '^(findById|findByIdAndUpdate|findByIdAndDelete|findByIdAndRemove)$' }
        ID: { regex: '^(req|request)\\.params\\.\\w+$' }
        MODEL: { regex: '^[A-Z]\\w+$', not: { regex: '^(User|Account|Admin|Organization|Tenant)s?$' } }
      """),
  ]

  /// What a handler names that decides who may.
  private static let decisions =
    #"(user|owner|org\w*|tenant|team|member|workspace|account|author|customer|company|project|created)_?(id|by|slug)\b|current_user\.\w+|user\.id|user\._id|owner|role|admin|superuser|staff|permission|scopes?\b|\bcan\w*\(|\b(check|verify|require|ensure|assert)_?\w*\(|authori[sz]e|access|forbidden|403|policy|guard|member|tenant|belongs"#

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("python", of: Self.self) {
      guard let file = CodeText(match.file, in: context) else { continue }
      let handler = CodeText(Array(match.text.utf8), .python)
      guard
        handler.mentions(
          #"Depends\(\s*\w*current\w*user\w*|Depends\(\s*get_user\b|CurrentUser\b|@(login|jwt|token)_required|\bcurrent_user\b"#,
          in: context),
        let load = loaded(handler, context),
        // A router may ask for all of its routes.
        !file.mentions(#"dependencies\s*=\s*\["#, in: context)
      else { continue }
      // The loading of the user is no decision.
      let rest = match.text.replacing("get_current_active_user", with: "").replacing(
        "get_current_user", with: ""
      )
      .replacing("_required", with: "")
      if CodeText(Array(rest.utf8), .python).mentions(Self.decisions, in: context, strings: true) {
        continue
      }
      findings.add(
        "'\(load)' is reached by its id alone, whoever asks", at: match.place, subject: load)
    }
    var told: Set<String> = []
    for match in try context.matches("mongoose", of: Self.self) {
      let handler = CodeText(Array(match["HANDLER"].utf8), .ecmascript)
      guard let code = CodeText(match.file, in: context),
        CodeScope.isServer(match.file, code, in: context),
        handler.mentions(#"\breq(uest)?\.user\b"#, in: context)
      else { continue }
      let rest = CodeText(Array(match["HANDLER"].replacing("req.user", with: "").utf8), .ecmascript)
      if handler.mentions(#"req(uest)?\.user\.(id|_id|userId|role|isAdmin)"#, in: context)
        || rest.mentions(Self.decisions, in: context, strings: true)
      {
        continue
      }
      if told.insert("\(match.file.path) \(match["MODEL"])").inserted {
        findings.add(
          "'\(match["MODEL"])' is reached by its id alone, whoever asks", at: match.place,
          subject: match["MODEL"])
      }
    }
  }

  /// The model that a handler loads by an id alone; `nil` where it loads none, or the one of the user.
  private func loaded(_ handler: CodeText, _ context: AuditContext) -> String? {
    for pattern in [
      #"\b(db|session|self\.db|self\.session)\.get\(\s*[A-Z]\w+\s*,\s*\w*id\s*\)"#,
      #"\.query\(\s*[A-Z]\w+\s*\)\.get\(\s*\w*id\s*\)"#,
      #"\.query\(\s*[A-Z]\w+\s*\)\.filter\(\s*[A-Z]\w+\.id\s*==\s*\w*id\s*\)\."#,
      #"[A-Z]\w+\.query\.get(_or_404)?\(\s*\w*id\s*\)"#, #"\.filter_by\(\s*id\s*=\s*\w*id\s*\)\."#,
    ] {
      guard
        let hit = (try? context.pattern(pattern).lineMatches(in: handler.code, limit: 1))?.hits
          .first
      else { continue }
      let text = String(decoding: handler.code[hit.match], as: UTF8.self)
      let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
      guard let model = words.first(where: { $0.first?.isUppercase == true }) else { continue }
      return ["User", "Account", "Organization", "Tenant"].contains(model) ? nil : model
    }
    return nil
  }

  public static let samples: [RuleSample] = [
    .finds(
      "app/orders.py:1:1", "src/orders.js:3:23",
      in: [
        "app/orders.py": """
        @router.get("/orders/{order_id}")
        def read(order_id: int, db: Session = Depends(get_db), user=Depends(get_current_user)):
            order = db.get(Order, order_id)
            return order
        """,
        "src/orders.js": """
        const express = require('express')
        export const read = async (req, res) => {
          const order = await Order.findById(req.params.id)
          log(req.user)
          res.json(order)
        }
        """,
      ], "whoever asks"),
    .silent(
      "an owner, a role, no user, a helper, a router's dependency",
      [
        "app/orders.py": """
        @router.get("/orders/{order_id}")
        def read(order_id: int, db: Session = Depends(get_db), user=Depends(get_current_user)):
            order = db.get(Order, order_id)
            if order.owner_id != user.id:
                raise HTTPException(404)
            return order


        @router.delete("/orders/{order_id}")
        def remove(order_id: int, db: Session = Depends(get_db), user=Depends(get_current_admin_user)):
            db.delete(db.get(Order, order_id))


        @router.get("/posts/{post_id}")
        def post(post_id: int, db: Session = Depends(get_db)):
            return db.get(Post, post_id)


        @router.get("/files/{file_id}")
        def file(file_id: int, db: Session = Depends(get_db), user=Depends(get_current_user)):
            item = db.get(File, file_id)
            ensure_visible(item, user)
            return item
        """,
        "src/orders.js": """
        const express = require('express')
        export const read = async (req, res) => {
          const order = await Order.findById(req.params.id)
          if (!order.user.equals(req.user._id)) return res.status(403).end()
          res.json(order)
        }
        export const open = async (req, res) => res.json(await Post.findById(req.params.id))
        """,
      ]),
  ]
}
