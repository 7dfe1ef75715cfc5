import GonogoCore
import GonogoSystem
import Testing

@testable import GonogoAudit

/// What the code rules share: the one run of ast-grep, the endpoints, and what is told where the tool is missing.
@Suite struct CodeTests {
  static let hasTool = CodeMatches.program != nil
  static let why: Comment = "ast-grep is not installed: scripts/install.sh tools"

  @Test(.enabled(if: hasTool, why)) func endpointsOfEachFramework() {
    let context = AuditContext(
      tree: SourceTree(texts: [
        "src/app.ts": """
        app.get('/users/:id', show)
        apiRouter.post(`/users`, create)
        client.get('/not-a-route', options)
        """,
        "src/cats.ts": """
        @Controller('cats')
        export class Cats {
          @Get(':id') find() {}
          @All() any() {}
        }
        """,
        "app/(shop)/api/orders/[id]/route.ts": "export async function GET() {}\nexport const DELETE = async () => {}\n",
        "pages/api/hello.ts": "export default function handler() {}\n",
        "pages/api/helper.ts": "export const x = 1\n",
        "api/main.py": """
        router = APIRouter(prefix="/items")

        @router.get("/{id}")
        def read(id: int): ...

        @app.route("/old", methods=["POST", "PUT"])
        def old(): ...

        @cache.get(5)
        def cached(): ...
        """,
        "site/urls.py": "urlpatterns = [path('about/', views.about), path('x/', include('x.urls'))]\n",
        "main.go": """
        package main

        func routes(r chi.Router) {
        \tr.Get("/users/{id}", show)
        \tmux.HandleFunc("POST /users", create)
        \thttp.Get("https://elsewhere.test/")
        }
        """,
        "config/routes.rb":
          "Rails.application.routes.draw do\n  get '/up', to: 'health#show'\n  resources :posts, only: [:index]\nend\n",
        "Sources/App/routes.swift":
          "func routes(_ app: Application) {\n  app.get(\"hello\", \":name\") { _ in \"x\" }\n}\n",
      ]), now: 0)
    let found = Set(context.facts(HTTPEndpoints.self).map { "\($0.framework) \($0.method) \($0.path)" })
    #expect(
      found == [
        "node GET /users/:id", "node POST /users", "nest GET /cats/:id", "nest * /cats", "next GET /api/orders/[id]",
        "next DELETE /api/orders/[id]", "next * /api/hello", "fastapi GET /items/{id}", "flask POST /old",
        "flask PUT /old", "django * /about", "go GET /users/{id}", "go POST /users", "rails GET /up", "rails * /posts",
        "vapor GET /hello/:name",
      ])
    #expect(context.troubles.isEmpty)
  }

  @Test(.enabled(if: hasTool, why)) func aConfigurationInTheTreeIsNotTheTools() throws {
    let folder = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-code")
    defer { try? FileSystem.remove(folder) }
    // Were it read, the tool would look for these rules and fail.
    try FileSystem.writeAtomically(Array("ruleDirs: [nowhere]\n".utf8), to: "\(folder)/sgconfig.yml")
    try FileSystem.writeAtomically(
      Array("app.use(cors({ origin: '*', credentials: true }))\n".utf8), to: "\(folder)/a.js")
    let context = AuditContext(tree: try SourceTree(directory: folder), now: 0)
    #expect(try context.matches("object", of: CorsAnyWithCredentials.self).map(\.place.description) == ["a.js:1:14"])
  }

  @Test(.enabled(if: hasTool, why)) func namesWithSpacesAndDashesAreFiles() throws {
    let context = AuditContext(
      tree: SourceTree(texts: [
        "--config.js": "cors({ origin: '*', credentials: true })\n",
        "a b/ü.ts": "cors({ origin: '*', credentials: true })\n",
        "tests/x.ts": "cors({ origin: '*', credentials: true })\n", "broken.ts": "cors({{{{ `\n",
      ]), now: 0)
    #expect(
      try context.matches("object", of: CorsAnyWithCredentials.self).map(\.place.description) == [
        "--config.js:1:6", "a b/ü.ts:1:6",
      ])
  }

  /// A missing tool is told once, with the command and the rules that did not look.
  @Test func aMissingToolIsToldOnce() throws {
    let missing = CouldNotLook("ast-grep is not installed", mend: CodeMatches.install)
    let told = Audit.folded([
      missing, CouldNotLook(missing.message, mend: missing.mend, rule: "code-a"),
      CouldNotLook("other", rule: "code-a"), CouldNotLook(missing.message, mend: missing.mend, rule: "code-b"),
    ])
    #expect(told.count == 2)
    let first = try #require(told.first)
    #expect(first.message == "ast-grep is not installed; 2 rules did not look: code-a, code-b")
    #expect(first.mend == "pip install ast-grep-cli")
    #expect(told.last?.rule == "code-a")
  }

  @Test func commentsAndStringsAreBlankedInPlace() {
    func code(_ text: String, _ syntax: CodeSyntax) -> String {
      String(decoding: CodeText(Array(text.utf8), syntax).code, as: UTF8.self)
    }
    #expect(code("a('b//c') // d\ne", .ecmascript) == "a('    ')     \ne")
    #expect(code("x = '/*' + y /* z\n */ w", .ecmascript) == "x = '  ' + y     \n    w")
    #expect(code("x = \"#1\"  # no\n\"\"\"doc\nmore\"\"\"\ny", .python) == "x = \"  \"      \n      \n       \ny")
    #expect(code("f(`/a/*`); g('x') // y", .ecmascript) == "f(`/a/*`); g(' ')     ")
    #expect(code("it's\nfine", .ecmascript) == "it' \nfine")
    #expect(code("'\\", .ecmascript).utf8.count == 2)
  }

  @Test func productCodeOnly() {
    let tree = SourceTree(texts: [
      "src/a.ts": "x", "src/a.test.ts": "x", "tests/a.py": "x", "pkg/x_test.go": "x", "vendor/x.go": "x", "a.md": "x",
      "types/a.d.ts": "x", "app/latest/a.ts": "x",
    ])
    #expect(tree.files.filter { CodeScope.isLookedAt($0) }.map(\.path) == ["app/latest/a.ts", "src/a.ts"])
  }
}
