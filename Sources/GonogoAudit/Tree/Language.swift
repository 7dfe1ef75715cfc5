/// A language, as the inventory counts it and rules ask for it.
public enum Language: String, Sendable, CaseIterable, Hashable {
  case c = "C"
  case cpp = "C++"
  case csharp = "C#"
  case css = "CSS"
  case dart = "Dart"
  case dockerfile = "Dockerfile"
  case dotenv = "dotenv"
  case elixir = "Elixir"
  case erlang = "Erlang"
  case go = "Go"
  case graphql = "GraphQL"
  case hcl = "HCL"
  case html = "HTML"
  case ini = "INI"
  case java = "Java"
  case javascript = "JavaScript"
  case json = "JSON"
  case kotlin = "Kotlin"
  case lua = "Lua"
  case make = "Make"
  case markdown = "Markdown"
  case nginx = "nginx"
  case perl = "Perl"
  case php = "PHP"
  case prisma = "Prisma"
  case protobuf = "Protocol Buffers"
  case python = "Python"
  case ruby = "Ruby"
  case rust = "Rust"
  case scala = "Scala"
  case scss = "SCSS"
  case shell = "Shell"
  case sql = "SQL"
  case svelte = "Svelte"
  case swift = "Swift"
  case text = "Text"
  case toml = "TOML"
  case typescript = "TypeScript"
  case vue = "Vue"
  case xml = "XML"
  case yaml = "YAML"
  case zig = "Zig"

  private static let byExtension: [String: Language] = [
    "c": .c, "h": .c, "cc": .cpp, "cpp": .cpp, "cxx": .cpp, "hh": .cpp, "hpp": .cpp, "cs": .csharp, "css": .css,
    "dart": .dart, "dockerfile": .dockerfile, "containerfile": .dockerfile, "ex": .elixir, "exs": .elixir,
    "erl": .erlang, "go": .go, "graphql": .graphql, "gql": .graphql, "tf": .hcl, "hcl": .hcl, "tfvars": .hcl,
    "html": .html, "htm": .html, "ini": .ini, "cfg": .ini, "conf": .ini, "properties": .ini, "java": .java,
    "js": .javascript, "cjs": .javascript, "mjs": .javascript, "jsx": .javascript, "json": .json, "jsonc": .json,
    "json5": .json, "kt": .kotlin, "kts": .kotlin, "lua": .lua, "mk": .make, "md": .markdown, "markdown": .markdown,
    "mdx": .markdown, "pl": .perl, "pm": .perl, "php": .php, "prisma": .prisma, "proto": .protobuf, "py": .python,
    "pyi": .python, "rb": .ruby, "rake": .ruby, "rs": .rust, "scala": .scala, "scss": .scss, "sass": .scss,
    "sh": .shell, "bash": .shell, "zsh": .shell, "sql": .sql, "svelte": .svelte, "swift": .swift, "txt": .text,
    "rst": .text, "toml": .toml, "ts": .typescript, "cts": .typescript, "mts": .typescript, "tsx": .typescript,
    "vue": .vue, "xml": .xml, "yaml": .yaml, "yml": .yaml, "zig": .zig,
  ]

  private static let byName: [String: Language] = [
    "dockerfile": .dockerfile, "containerfile": .dockerfile, "makefile": .make, "gnumakefile": .make,
    "gemfile": .ruby, "rakefile": .ruby, "nginx.conf": .nginx, "jenkinsfile": .java, "procfile": .text,
  ]

  /// By a file's name; `nil` where the name says nothing.
  public init?(fileName: some StringProtocol) {
    let name = fileName.lowercased()
    if let language = Self.byName[name] {
      self = language
      return
    }
    // `Dockerfile.worker` is one, `Dockerfile.md` tells of one.
    let fileExtension = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    if name.hasPrefix("dockerfile."), fileExtension != "md", fileExtension != "dockerignore" {
      self = .dockerfile
    } else if name == ".env" || name.hasPrefix(".env.") || fileExtension == "env" {
      self = .dotenv
    } else if let language = Self.byExtension[fileExtension] {
      self = language
    } else {
      return nil
    }
  }
}
