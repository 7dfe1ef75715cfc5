import GonogoCore
import Testing

@testable import GonogoAudit

/// Of which files the tree shows that nothing runs them, and that in doubt a file is used.
@Suite struct UnusedFilesTests {
  /// A server with a few modules, so that it is plain how it is started; `old` is one that nothing imports.
  static let server = [
    "package.json": "{ \"main\": \"src/index.js\", \"dependencies\": { \"express\": \"4\" } }\n",
    "src/index.ts": "import { routes } from './routes'\nimport './lib/log.js'\n",
    "src/routes/index.ts": "export { orders as routes } from './orders.routes'\n",
    "src/routes/orders.routes.ts": "import { list } from '../services/orders'\n",
    "src/services/orders.ts": "export const list = () => []\n",
    "src/lib/log.ts": "export const log = console.log\n",
    "src/services/old.ts": "export const old = 1\n",
  ]
  static let python = [
    "requirements.txt": "fastapi\n",
    "Dockerfile": "FROM python:3.12\nCMD [\"uvicorn\", \"shop.main:app\"]\n",
    "shop/__init__.py": "", "shop/main.py": "from shop.routers import orders\nfrom shop.db import (\n  session,\n)\n",
    "shop/routers/__init__.py": "", "shop/routers/orders.py": "from . import prices\n",
    "shop/routers/prices.py": "x = 1\n",
    "shop/db.py": "session = None\n", "shop/old.py": "y = 1\n",
  ]

  func unused(_ files: [String: String], and more: [String: String] = [:]) -> [String] {
    let tree = SourceTree(texts: files.merging(more) { $1 })
    let context = AuditContext(tree: tree, now: 0)
    return tree.files.filter(context.isUnused).map(\.path)
  }

  @Test func whatNothingImportsIsUnused() {
    #expect(unused(Self.server) == ["src/services/old.ts"])
    #expect(unused(Self.python) == ["shop/old.py"])
  }

  @Test func whatOnlyTheUnusedAndTestsImportIsUnused() {
    let more = [
      "src/services/old.ts": "import { helper } from './helper'\n",
      "src/services/helper.ts": "export const helper = 1\n",
      "src/services/old.test.ts": "import { old } from './old'\n",
      // Imported in a comment alone.
      "src/index.ts": "import { routes } from './routes'\nimport './lib/log.js'\n// import './services/old'\n",
    ]
    #expect(unused(Self.server, and: more) == ["src/services/helper.ts", "src/services/old.ts"])
  }

  /// What it is named by: an import of whichever kind, a string, a script, a configuration.
  @Test(arguments: [
    ("src/services/orders.ts", "const old = require('./old')\n"),
    ("src/services/orders.ts", "export const list = async () => (await import('@/services/old')).old\n"),
    ("src/services/orders.ts", "const worker = new Worker('./dist/services/old.js')\n"),
    ("src/services/orders.ts", "const start = 'node dist/services/old.js --all'\n"),
    (
      "package.json",
      "{ \"scripts\": { \"old\": \"node dist/services/old.js\" }, \"dependencies\": { \"express\": \"4\" } }\n"
    ),
    (".github/workflows/a.yml", "jobs:\n  a:\n    steps: [{ run: 'npx tsx src/services/old.ts' }]\n"),
    ("serverless.yml", "functions:\n  old:\n    handler: src/services/old.handle\n"),
    ("views/index.ejs", "<script src=\"/js/old.js\"></script>\n"),
    ("docs/operations.md", "    node src/services/old.js\n"),
  ])
  func whatIsNamedIsUsed(path: String, text: String) {
    #expect(unused(Self.server, and: [path: text]) == [])
  }

  /// What says that files are found at run time, or that they run without an import.
  @Test(arguments: [
    ("src/lib/log.ts", "const all = import.meta.glob('../services/*.ts')\n"),
    ("src/lib/log.ts", "const all = import.meta.glob([\n  '@/services/*.ts'])\n"),
    ("src/lib/log.ts", "const all = import.meta.glob(where)\n"),
    ("src/lib/log.ts", "for (const name of fs.readdirSync(folder)) require(name)\n"),
    ("src/lib/log.ts", "export const load = (name: string) => import(`../services/${name}`)\n"),
    ("src/lib/log.ts", "export const load = (name: string) => require(name)\n"),
    ("src/lib/log.ts", "export default { entities: ['dist/**/*.js'] }\n"),
    ("package.json", "{ \"dependencies\": { \"express\": \"4\", \"@fastify/autoload\": \"6\" } }\n"),
    ("package.json", "{ \"name\": \"nothing-known\" }\n"),
    ("src/services/old.ts", "app.listen(3000)\n"),
    ("src/services/old.ts", "#!/usr/bin/env node\nrun()\n"),
    ("components.d.ts", "export {}\n"),
  ])
  func whatMayBeLoadedIsUsed(path: String, text: String) {
    #expect(unused(Self.server, and: [path: text]) == [])
  }

  /// A search in a folder, or for pages of text, takes in nothing else.
  @Test(arguments: [
    "const all = import.meta.glob('./parts/*.ts')\n",
    "const all = import.meta.glob('../services/*.{md,mdx}', { eager: true })\n",
    "export const load = (name: string) => import(`./parts/${name}`)\n",
  ])
  func whatIsLoadedFromElsewhere(text: String) {
    #expect(unused(Self.server, and: ["src/lib/log.ts": text]) == ["src/services/old.ts"])
  }

  @Test(arguments: [
    "src/services/shop.worker.ts", "src/pages/old-page.tsx", "src/jobs/nightly.ts", "src/app/orders/page.tsx",
    "src/functions/pay.ts", "tools.ts", "src/services/shop.test.ts", "src/vite.config.ts", "netlify/functions/a.ts",
    "src/services/global.d.ts", "api/hello.ts", "scripts/fill.ts",
  ])
  func filesByConvention(path: String) {
    #expect(
      unused(Self.server, and: [path: "export const a = 1\n", "src/services/old.ts": "#!/usr/bin/env node\n"]) == [])
  }

  @Test(arguments: [
    ("shop/db.py", "import pkgutil\n"), ("shop/db.py", "importlib.import_module(f'shop.{name}')\n"),
    ("shop/db.py", "MIDDLEWARE = ['shop.old.Middleware']\n"), ("shop/old.py", "if __name__ == '__main__':\n  run()\n"),
    ("shop/old.py", "app = FastAPI()\n"), ("pyproject.toml", "[project.scripts]\nold = 'shop.old:run'\n"),
    ("compose.yml", "services:\n  old:\n    command: python -m shop.old\n"),
  ])
  func modulesOfPythonInDoubt(path: String, text: String) {
    #expect(unused(Self.python, and: [path: text]) == [])
  }

  /// A copy that starts another module than itself was put aside.
  @Test func copiesOfTheMainModule() {
    let run = "app = FastAPI()\nif __name__ == '__main__':\n  uvicorn.run(\"main:app\", port=80)\n"
    let files = [
      "requirements.txt": "fastapi\n", "Dockerfile": "FROM python:3.12\nCMD [\"uvicorn\", \"main:app\"]\n",
      "main.py": run, "main-before.py": run,
    ]
    #expect(unused(files) == ["main-before.py"])
    #expect(unused(files, and: ["worker.sh": "uvicorn main-before:app\n"]) == [])
  }

  /// Where most of a package is reached by nothing, it is started in a way that is not understood.
  @Test func whereMostSeemsUnusedAllIsUsed() {
    let more = Dictionary(uniqueKeysWithValues: (1...12).map { ("src/parts/p\($0).ts", "export const a = 1\n") })
    #expect(unused(Self.server, and: more) == [])
  }

  @Test func scriptsThatWereRunOnce() {
    let files = [
      "tmp/look_at_sessions.js": "", "backend/scratch/all.sql": "", "scripts/debug-orders.ts": "",
      "scripts/check_rows.py": "",
      "scripts/import.ts": "", "scripts/check-links.ts": "", "src/check-rights.ts": "", "scripts/test-mail.ts": "",
      "package.json": "{ \"scripts\": { \"links\": \"tsx scripts/check-links.ts\" } }\n",
      "docs/mail.md": "```sh\nnpx tsx scripts/test-mail.ts\n```\n",
    ]
    #expect(
      unused(files) == [
        "backend/scratch/all.sql", "scripts/check_rows.py", "scripts/debug-orders.ts", "tmp/look_at_sessions.js",
      ])
  }

  // MARK: What rules and claims make of it

  static let fallback = [
    "src/services/old.ts": "export const key = process.env.SESSION_SECRET || 'sample-only'\n"
  ]

  @Test func aRulePassesOverWhatNothingRuns() async {
    let used = ["src/services/orders.ts": "import { key } from './old'\n"]
    for (more, places) in [([:], []), (used, ["src/services/old.ts"])] {
      let files = Self.server.merging(Self.fallback) { $1 }.merging(more) { $1 }
      let context = AuditContext(tree: SourceTree(texts: files), now: 0)
      #expect(await Audit.examine(SecretFallback.self, in: context).findings.map(\.place.path) == places)
    }
  }

  @Test func aClaimBesideItIsNotProven() {
    let line = "- [x] Fallback JWT secret removed: `src/services/old.ts`\n"
    let reads = "const s = process.env.JWT_SECRET\nif (!s) throw new Error('unset')\n"
    let falls = reads + "const { JWT_SECRET = 'sample-only' } = process.env\n"
    for (code, expected) in [(reads, Claim.Judgement.true), (falls, .unproven)] {
      let files = Self.server.merging(["GO-LIVE.md": line, "src/services/old.ts": code]) { $1 }
      let context = AuditContext(tree: SourceTree(texts: files), now: 0)
      let scene = ClaimScene(context: context, findings: SceneFindings(rules: BuiltinRules.all), replay: nil)
      #expect(ClaimBench.claims(in: scene).map(\.judgement) == [expected])
    }
  }
}
