public import GonogoCore

/// An endpoint that a document names and no route serves.
public struct EndpointUnserved: AuditRule {
  public static let manual = RuleManual(
    id: "document-endpoint-unserved", severity: .medium, family: "documents",
    title: "A document names an endpoint that no route serves",
    what: """
      Looks at what Markdown says of endpoints (`GET /path`, curl of the service's own host, `/api/…` and health paths in code \
      spans), and for routes that could serve them: strings of the code in any language, prefixes, mounted routers, files of \
      routing by file, rewrites, proxies' locations, OpenAPI. A path that can be put together of any of these passes. It is \
      told only where other endpoints of the same document, or beside the missing one, are served. Other hosts, plans, \
      changelogs, boxes that are not ticked, and what is said to be old, missing or to come pass. One finding a document.
      """,
    why: "who follows the document, a monitor or a customer, gets 404",
    mend: "serve the endpoint, or name the one that there is",
    falsifies: "the documented endpoints are served")

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let routes = context.facts(ServedRoutes.self)
    let unserved = context.facts(DocumentEndpoints.self).filter(\.isUnserved)
    for (_, found) in Dictionary(grouping: unserved, by: \.place.path).sorted(by: { $0.key < $1.key }) {
      let list = Fold.list(found.map { "'\($0.named.shown)'" }, 5)
      let near = found.lazy.compactMap { one in routes.nearest(to: one.named.path).map { (one, $0) } }.first
      let hint = near.map { "; near '\($0.0.named.text)' is '\($0.1.path.shown)' (\($0.1.place))" } ?? ""
      findings.add(
        found.count == 1
          ? "the document names \(list), which no route serves\(hint)"
          : "the document names \(found.count) endpoints that no route serves: \(list)\(hint)",
        at: found[0].place, subject: "endpoints",
        related: found.dropFirst().prefix(20).map { .init($0.place, "no route serves '\($0.named.shown)'") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "README.md:7:11",
      in: [
        "README.md": """
        # Orders

        ## API
        - `GET /api/orders` lists
        - `GET /api/orders/:id` one
        | Method | Path |
        | POST | `/api/orders/:id/refund` |
        """,
        "src/app.ts": "app.use('/api/orders', orders)\n",
        "src/orders.ts":
          "const router = Router()\nrouter.get('/', list)\nrouter.get('/:id', one)\nrouter.post('/:id/refunds', refund)\n",
      ], "an endpoint that is called otherwise"),
    .finds(
      "docs/run.md:1:41",
      in: [
        "docs/run.md": "The probe is `curl http://127.0.0.1:8000/health/ready`\n",
        "app/main.py": "@app.get(\"/health/live\")\ndef live(): ...\n@app.get(\"/health/db\")\ndef db(): ...\n",
      ], "a probe, beside others"),
    .silent(
      "somebody else's program, what could be added, a plan",
      [
        "README.md":
          "- `GET /api/orders` lists\n- `GET /api/orders/:id` one\n- could be added:\n  - `GET /api/orders/tree/all`\n\n```sh\ncurl -X POST http://localhost:3005/api/orders/teams/all\n```\n",
        "docs/product.md":
          "# The shop\n\n`GET /api/orders/prices/all`\n\n- [x] Orders\n- [ ] Prices\n- [ ] Mail\n- [ ] Maps\n- [ ] Charts\n- [ ] Tours\n",
        "compose.yml":
          "services:\n  charts: { image: 'acme/charts:1.0', ports: ['3005:3000'] }\n  api: { build: ., ports: ['3001:3000'] }\n",
        "src/app.ts": "app.use('/api/orders', orders)\n",
        "src/orders.ts": "const router = Router()\nrouter.get('/', list)\nrouter.get('/:id', one)\n",
      ]),
    .finds(
      "README.md:5:35",
      in: [
        "README.md":
          "- `GET /api/orders` lists\n- `GET /api/orders/:id` one\n\n```sh\ncurl -X POST http://localhost:3001/api/orders/teams/all\n```\n",
        "compose.yml":
          "services:\n  charts: { image: 'acme/charts:1.0', ports: ['3005:3000'] }\n  api: { build: ., ports: ['3001:3000'] }\n",
        "src/app.ts": "app.use('/api/orders', orders)\n",
        "src/orders.ts": "const router = Router()\nrouter.get('/', list)\nrouter.get('/:id', one)\n",
      ], "the tree's own program at its port"),
    .silent(
      "mounted, dynamic, by file, proxied, elsewhere",
      [
        "README.md": """
        - `GET /api/orders/{id}/items` and `POST /api/orders`
        - `GET /files/a/b/c`, `PUT /users/42`, `DELETE /users/:id`
        - `GET /api/teams/7/members`, `POST /functions/v1/notify`
        - `curl https://api.stripe.com/v1/charges`, `GET https://acme.test/api/nothing`
        - [ ] `POST /api/orders/import`
        - `POST /api/orders/export` was removed
        - `GET /proxied/thing` and `GET /svc/orders`
        """,
        "src/app.ts": "app.use('/api', routes)\nroutes.use('/orders', orders)\napp.use('/files/*', files)\n",
        "src/orders.ts": "router.get('/:id/items', items)\nrouter.post('/', create)\n",
        "src/users.ts": "router.put('/:id', change)\n",
        "src/index.ts": "app.use('/users', users)\n",
        "web/app/api/teams/[team]/members/route.ts": "export async function GET() {}\n",
        "supabase/functions/notify/index.ts": "Deno.serve(() => new Response())\n",
        "nginx.conf": "location /proxied/ { proxy_pass http://x; }\nlocation /svc/orders { proxy_pass http://y; }\n",
        "CHANGELOG.md": "- `GET /api/orders/gone`\n",
      ]),
  ]
}
