public import GonogoCore

/// What a file is in a repository, as far as its path tells.
public enum SourcePurpose: Sendable, Hashable {
  case application
  /// Run by people and pipelines, not deployed.
  case script
  case test
  /// Documents and examples.
  case example
  /// Somebody else's, or made by a program.
  case vendored

  private static let tests: Set<String> = [
    "test", "tests", "__tests__", "spec", "specs", "e2e", "fixtures", "fixture", "testdata", "mocks", "__mocks__",
    "mock",
    "playwright", "cypress", "testing", "stories", "benchmark", "benchmarks", "testutil", "testutils", "test-utils",
    "__fixtures__", "integration-tests", "conftest", "evals", "testcases", "loadtest", "loadtests", "load-tests",
    "load-test", "k6", "perf",
  ]
  private static let vendors: Set<String> = [
    "vendor", "vendors", "third_party", "third-party", "node_modules", "dist", "build", "generated", ".yarn", "gen",
    "bower_components", "pods", "site-packages", "venv", ".venv", "virtualenv",
  ]
  private static let examples: Set<String> = [
    "docs", "doc", "documentation", "examples", "example", "samples", "sample", "demo", "demos", "tutorials",
    "template",
    "templates", "cookbook", "snippets", "blog", "content", "website-docs", "claims-demo", "playground", "old", "attic",
  ]
  private static let scripts: Set<String> = [
    "scripts", "script", "tools", "tool", "bin", ".github", "hack", "ci", ".circleci", "dev", "devtools", "seed",
    "seeds",
    ".devcontainer", ".claude", "tooling",
  ]

  /// `test_resources`, `data-fixtures`; not `ab-test`, which customers see.
  private static func isTests(_ folder: String) -> Bool {
    let words = folder.split { "-_".contains($0) }
    guard words.count > 1, !words.contains("ab"), !words.contains("split") else { return false }
    return ["test", "tests", "testdata", "fixture", "fixtures", "mocks"].contains { $0 == words[0] || $0 == words.last }
  }

  public static func of(path: String) -> SourcePurpose {
    let parts = path.lowercased().split(separator: "/")
    let name = String(parts.last ?? "")
    let folders = parts.dropLast().map(String.init)
    if name.hasSuffix(".min.js") || name.hasSuffix(".pb.go") || folders.contains(where: { vendors.contains($0) }) {
      return .vendored
    }
    let words = name.split(separator: ".").map(String.init)
    if folders.contains(where: {
      tests.contains($0) || $0.hasSuffix(".tests") || $0.hasSuffix("tests") || $0.hasPrefix("test-") || isTests($0)
    })
      || words.dropLast().contains(where: { ["test", "spec", "e2e", "stories", "conftest", "setuptests"].contains($0) })
      || name.hasPrefix("test_") || name.hasPrefix("vitest.") || name.hasPrefix("playwright.")
      || name.hasPrefix("jest.") || name.hasPrefix("vitest-") || name.hasPrefix("cypress.")
      || words.first.map({ $0.hasSuffix("-e2e") || $0.hasSuffix("_e2e") }) ?? false
      || words.first.map({ $0.hasSuffix("_test") || $0.hasSuffix("_spec") || $0.hasPrefix("test-") || $0 == "test" })
        ?? false
      || name.hasSuffix("test.java") || name.hasSuffix("tests.swift") || name.hasSuffix("tests.cs")
    {
      return .test
    }
    if folders.contains(where: { examples.contains($0) }) { return .example }
    if folders.contains(where: { scripts.contains($0) }) { return .script }
    // What somebody once ran by hand, and left in the root.
    if folders.isEmpty,
      ["debug", "check", "analyze", "verify", "fix", "inspect", "try"].contains(where: { name.hasPrefix($0 + "-") })
    {
      return .script
    }
    return .application
  }
}

/// A place that reads a variable of the environment.
public struct EnvironmentRead: Sendable {
  public enum Need: String, Sendable {
    /// The program refuses to go on without it.
    case required
    /// It is told to be optional, has a default, or is only compared.
    case optional
    /// Nothing at this place says what happens without it.
    case unchecked
  }

  public enum Fallback: Sendable, Equatable {
    case none
    /// A value that stands in the code.
    case literal(String)
    /// Another variable of the environment.
    case variable(String)
    case expression
  }

  public let name: String
  public let place: TreePlace
  public internal(set) var purpose: SourcePurpose
  public let language: Language?
  /// "process.env", "zod", "os.getenv": how it is read.
  public let how: String
  public let need: Need
  public let fallback: Fallback
  /// Whether the statement itself asks where the program runs: a default for developers only.
  public let isGuarded: Bool
  /// It is compared with a truth value: it switches something, whatever its name says.
  public var isSwitch = false
}

/// A place that gives a variable, or says that it is to be given.
public struct EnvironmentDeclaration: Sendable {
  public enum Kind: String, Sendable {
    /// `.env.example` and its like.
    case example
    case dotenv
    case compose
    case platform
    case workflow
    case manifest
    case image
  }

  public let name: String
  public let place: TreePlace
  public let kind: Kind
  /// Where it is written literally; never told.
  let value: String?
  /// Commented out: optional.
  public let isComment: Bool
}

/// A document that names a variable of the environment.
public struct EnvironmentMention: Sendable {
  public let name: String
  public let place: TreePlace
}

/// A variable, four ways.
public struct EnvironmentVariable: Sendable {
  public let name: String
  public internal(set) var reads: [EnvironmentRead] = []
  public internal(set) var declarations: [EnvironmentDeclaration] = []
  public internal(set) var documents: [EnvironmentMention] = []
  /// The `env:` bindings of checklists that hold it to a contract.
  public internal(set) var bindings: [EnvironmentMention] = []
  /// Some file that is neither document nor declaration has its name.
  public internal(set) var isMentioned = false

  /// The reads of programs that are deployed.
  public var deployedReads: [EnvironmentRead] { reads.filter { $0.purpose == .application } }
  public var need: EnvironmentRead.Need? {
    if deployedReads.contains(where: { $0.need == .required }) { return .required }
    if deployedReads.contains(where: { $0.need == .unchecked }) { return .unchecked }
    return deployedReads.isEmpty ? nil : .optional
  }
}

/// The names of variables.
enum EnvironmentNames {
  /// Set by the platform, the shell or the tool that runs the program: nobody declares them.
  private static let known: Set<String> = [
    "NODE_ENV", "PORT", "HOST", "HOME", "PATH", "PWD", "USER", "LANG", "SHELL", "TERM", "TMPDIR", "TEMP", "TMP", "TZ",
    "CI",
    "HOSTNAME", "DEBUG", "NO_COLOR", "FORCE_COLOR", "EDITOR", "LOGNAME", "OLDPWD", "APPDATA", "LOCALAPPDATA", "COMSPEC",
    "USERPROFILE", "PROGRAMFILES", "SYSTEMROOT", "WINDIR", "DISPLAY", "SSH_AUTH_SOCK", "GOPATH", "GOROOT", "GOOS",
    "GOARCH",
    "PYTHONPATH", "VIRTUAL_ENV", "DYNO", "MODE", "DEV", "PROD", "SSR", "BASE_URL", "ANALYZE", "TURBOPACK",
    "JEST_WORKER_ID",
    "VITEST", "PYTEST_CURRENT_TEST", "VERCEL", "NETLIFY", "RENDER", "SOURCE_DATE_EPOCH", "RAILS_ENV", "RACK_ENV",
    "RAILS_MAX_THREADS", "BUNDLE_GEMFILE", "NEXT_RUNTIME", "NEXT_PHASE", "SKIP_ENV_VALIDATION", "GIT_COMMIT",
    "COMMIT_SHA",
    "WEB_CONCURRENCY", "FUNCTION_NAME", "LAMBDA_TASK_ROOT", "DENO_DEPLOYMENT_ID", "DENO_REGION", "EDGE_RUNTIME",
    "BUILD_ID",
    "BASH_SOURCE", "EUID", "UID", "PYTHONUNBUFFERED", "TESTING", "TEST", "DOCKER", "SYSTEMDRIVE", "LC_ALL", "COLUMNS",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "STORYBOOK", "OS", "SERVER_SOFTWARE", "PUBLIC_URL", "IFS",
  ]
  private static let prefixes = [
    "VERCEL_", "NEXT_PUBLIC_VERCEL_", "RAILWAY_", "RENDER_", "FLY_", "GITHUB_", "GITLAB_", "CI_", "K_", "KUBERNETES_",
    "npm_", "NETLIFY_", "HEROKU_", "KOYEB_", "CF_", "CIRCLE_", "XDG_", "AWS_LAMBDA_", "AWS_EXECUTION_",
    "AWS_CONTAINER_",
    "POD_", "BUILDKITE", "RUNNER_", "PLAYWRIGHT_", "CYPRESS_", "DENO_", "WEBSITE_", "GAE_", "COOLIFY_",
    "SUPABASE_INTERNAL_",
    "BASH_", "ProgramFiles", "TRAVIS", "JENKINS_", "TEST_", "E2E_", "OTEL_", "DOTNET_", "ASPNETCORE_", "NITRO_",
    "CODESPACE",
    "GITPOD_", "PYTEST_", "TEAMCITY", "DRONE", "BITBUCKET_", "CLOUDFLARE_", "WT_", "VSCODE_", "SSH_", "TERM_", "MISE_",
    "ECS_", "NEXT_OTEL_", "TAURI_",
  ]

  /// Whether whoever runs the program sets it, and no author needs to.
  static func isPlatforms(_ name: String) -> Bool {
    known.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }

  /// `DATABASE_URL`: capitals, digits and underscores, a capital first.
  static func isConventional(_ name: some StringProtocol) -> Bool {
    let bytes = name.utf8
    guard bytes.count >= 2, bytes.count <= 80, let first = bytes.first, first.isUpperByte else { return false }
    return bytes.allSatisfy { $0.isUpperByte || $0.isDigitByte || $0 == 0x5F }
  }

  static func isName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, !first.isDigitByte, bytes.count >= 2, bytes.count <= 80 else { return false }
    return bytes.allSatisfy { $0.isWordByte && $0 < 0x80 }
  }

  static let publicPrefixes = [
    "NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "GATSBY_", "PUBLIC_", "VUE_APP_",
  ]

  /// The steps of insertion, deletion, substitution and swapping of neighbours from one to the other, up to `limit`
  /// (Damerau and Levenshtein, optimal string alignment).
  static func distance(_ left: String, _ right: String, limit: Int) -> Int {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    if abs(a.count - b.count) > limit { return limit + 1 }
    var before = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1] + [Int](repeating: 0, count: b.count)
      for j in b.indices {
        row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], before[j - 1] + 1) }
      }
      before = last
      last = row
      if row.allSatisfy({ $0 > limit }) { return limit + 1 }
    }
    return last[b.count]
  }

  /// Whether one looks like the other written wrongly: two letters apart in a long name, the same words in another order,
  /// or one word more in a name of at least three.
  static func areNear(_ left: String, _ right: String) -> Bool {
    if left == right { return false }
    let a = left.split(separator: "_")
    let b = right.split(separator: "_")
    // `S3_1` and `S3_2` are two, not one written wrongly; so are names whose only difference is a known word.
    if left.filter({ !$0.isNumber }) == right.filter({ !$0.isNumber }) { return false }
    if a.count == b.count, Set(a) == Set(b) { return true }
    let limit = min(left.utf8.count, right.utf8.count) >= 12 ? 2 : min(left.utf8.count, right.utf8.count) >= 8 ? 1 : 0
    if limit > 0, distance(left, right, limit: limit) <= limit {
      // One word is another: `_HOST` and `_PORT`, `_ID` and `_KEY` are names of their own.
      let different = zip(a, b).filter { $0 != $1 }
      if a.count == b.count,
        different.contains(where: { min($0.utf8.count, $1.utf8.count) <= 4 && !isPlural($0, $1) && !isSlip($0, $1) })
      {
        return false
      }
      return true
    }
    let (short, long) = a.count < b.count ? (a, b) : (b, a)
    guard short.count >= 3, long.count == short.count + 1 else { return false }
    // At an end of a short name a word makes another one of it.
    guard short.count >= 5 || short.first == long.first && short.last == long.last else { return false }
    for index in long.indices {
      var rest = long
      let word = rest.remove(at: index)
      if rest == short { return !apart.contains(String(word)) }
    }
    return false
  }

  private static func isPlural(_ left: Substring, _ right: Substring) -> Bool {
    left + "S" == right || right + "S" == left
  }

  /// `SIZ` for `SIZE`, `SZIE` for `SIZE`: a letter left out or two swapped, behind the first. Another letter in its place makes
  /// another word of one so short.
  private static func isSlip(_ left: Substring, _ right: Substring) -> Bool {
    let (short, long) = left.utf8.count < right.utf8.count ? (left, right) : (right, left)
    guard short.utf8.count >= 3, long.utf8.count >= 4, short.first == long.first else { return false }
    if short.utf8.count == long.utf8.count { return short.sorted() == long.sorted() }
    return distance(String(short), String(long), limit: 1) <= 1
  }

  /// Words that make another variable of one.
  private static let apart: Set<String> = [
    "TEST", "DEV", "DEVELOPMENT", "PROD", "PRODUCTION", "STAGING", "LIVE", "PUBLIC", "PRIVATE", "READ", "WRITE",
    "ADMIN", "MAX",
    "MIN", "OLD", "NEW", "DEFAULT", "LOCAL", "INTERNAL", "EXTERNAL", "BACKUP", "SECONDARY", "PRIMARY", "REPLICA",
    "SECRET",
    "CLIENT", "SERVER", "FILE", "EE", "YEARLY", "MONTHLY", "ANNUAL", "TLS", "SSL", "AUTH", "ACCESS", "REFRESH",
    "FALLBACK",
  ]
}
