import GonogoCore
import GonogoSystem

/// What takes modules in without naming each of them.
enum ModuleLoaders {
  enum Loader {
    /// It may be any of the package.
    case anything
    /// All below a folder.
    case folder(String)
    /// All whose names have a part: `.entity`.
    case names(String)
  }

  /// What takes in whatever it finds, and what finds files, which is to be loaded then.
  private static let takers = search([
    "require.context", "importAll", "loadModules", "autoload", "requireAll",
  ])
  private static let finders = search(["readdir", "fast-glob", "globby", "globSync", "glob.sync"])
  private static let loads = search(["import(", "require("])

  private static func search(_ texts: [String]) -> LiteralSearch? {
    LiteralSearch(texts.map { Array($0.utf8) }, ignoringCase: false)
  }

  /// - Parameter bytes: the code without its comments.
  static func ofScript(_ bytes: [UInt8], _ folder: String, _ context: AuditContext) -> [Loader] {
    var result: [Loader] = []
    if takers?.first(in: bytes) != nil { return [.anything] }
    if ByteSearch.first("import.meta.glob", in: bytes, from: 0) != nil {
      guard let folders = globbed(bytes, folder, context) else { return [.anything] }
      result += folders.map(Loader.folder)
    }
    let loads = Self.loads?.first(in: bytes) != nil
    if loads, finders?.first(in: bytes) != nil { return [.anything] }
    if loads {
      let computed = context.pattern(#"\b(import|require)\(\s*([^'"`)\s]|`[^`]*\$|['"][^'"]*['"]\s*\+)"#)
      for hit in (try? computed.lineMatches(in: bytes, limit: 50))?.hits ?? [] {
        let line = String(decoding: bytes[hit.lineRange], as: UTF8.self)
        // `import(`./locales/${language}.json`)`: the folder is known.
        guard let open = line.firstIndex(where: { $0 == "`" || $0 == "'" || $0 == "\"" }) else { return [.anything] }
        let prefix = line[line.index(after: open)...].prefix { !"$`'\"".contains($0) }
        guard prefix.hasPrefix("."), let slash = prefix.lastIndex(of: "/"),
          let path = TreePaths.join(folder, String(prefix[..<slash]))
        else { return [.anything] }
        result.append(.folder(path))
      }
    }
    // `dist/**/*.entity.js`, `**/*.entity{.ts,.js}`.
    let globs = context.pattern(#"\*(\.\w+)?(\{?\.?(ts|js)|\.\{|\.m?[tj]s)[^'"`\s]*['"`]"#)
    for hit in (try? globs.lineMatches(in: bytes, limit: 20))?.hits ?? [] {
      // Vite's searches are read above.
      if ByteSearch.first("import.meta.glob", in: Array(bytes[hit.lineRange]), from: 0) != nil { continue }
      let text = String(decoding: bytes[hit.match], as: UTF8.self).dropFirst()
      let part = text.prefix { $0 == "." || $0.isLetter || $0 == "-" || $0 == "_" }
      let name = ModuleNames.bare(String(part))
      if name.count < 3 || [".ts", ".js"].contains(name) { return [.anything] }
      result.append(.names(name.hasSuffix(".") ? String(name.dropLast()) : name))
    }
    return result
  }

  /// The folders of Vite's searches for code, where all of them stand as one string each on the line of the call; `nil` where one does not.
  private static func globbed(_ bytes: [UInt8], _ folder: String, _ context: AuditContext) -> [String]? {
    let call = context.pattern(#"import\.meta\.glob\w*(<[^(]*>)?\([^)]*"#)
    var result: [String] = []
    for hit in (try? call.lineMatches(in: bytes, limit: 50))?.hits ?? [] {
      let text = String(decoding: bytes[hit.match], as: UTF8.self)
      guard let open = text.firstIndex(where: { "'\"`".contains($0) }), text[..<open].hasSuffix("(") else { return nil }
      let glob = text[text.index(after: open)...].prefix { !"'\"`".contains($0) }
      // Pages of text and pictures are no modules of the program's.
      let kinds = (glob.split(separator: "*").last ?? "").split { ".{},".contains($0) }
      if !kinds.isEmpty, kinds.allSatisfy({ ["md", "mdx", "json", "yaml", "yml", "svg", "png", "css"].contains($0) }) {
        continue
      }
      let fixed = glob.prefix { $0 != "*" }
      guard glob.hasPrefix("."), let slash = fixed.lastIndex(of: "/"),
        let path = TreePaths.join(folder, String(fixed[..<slash]))
      else { return nil }
      result.append(path)
    }
    return result
  }

  /// Whether a module of Python loads others by names that it puts together or finds.
  static func isOfPython(_ bytes: [UInt8], _ context: AuditContext) -> Bool {
    let pattern = context.pattern(
      #"pkgutil|iter_modules|walk_packages|import_module\(\s*([^'"\s)]|f['"])|__import__\(\s*[^'"\s)]|find_modules|spec_from_file_location|SourceFileLoader|entry_points\(|runpy|glob\(.*\.py|autodiscover_modules"#
    )
    return (try? pattern.lineMatches(in: bytes, limit: 1))?.hits.isEmpty != true
  }
}

/// The packages of a tree, and how they find their modules.
struct ModulePackages {
  struct Package {
    /// With a slash at the end; empty for the root.
    let folder: String
    /// Its libraries start what they are given: routes stand in a file that imports them.
    let isExplicit: Bool
  }

  private let scripts: [String: Package?]
  private let pythons: Set<String>

  /// Frameworks and programs that find files by their places alone.
  private static let finders = [
    "nuxt", "nitropack", "vinxi", "@sveltejs/kit", "astro", "@remix-run/", "@react-router/dev",
    "@tanstack/router-plugin",
    "@tanstack/router-vite-plugin", "@tanstack/react-start", "vite-plugin-pages", "unplugin-vue-router", "vike", "waku",
    "expo-router", "expo", "gatsby", "@solidjs/start", "@builder.io/qwik", "@analogjs/", "honox", "umi", "@umijs/",
    "sst",
    "@fastify/autoload", "fastify-autoload", "@strapi/", "strapi", "@adonisjs/", "@medusajs/", "moleculer",
    "@loopback/",
    "egg", "@midwayjs/", "sails", "ember-source", "@redwoodjs/", "@keystone-6/", "require-all", "require-directory",
    "require-dir", "awilix", "express-file-routing", "consign", "@docusaurus/", "@hotwired/", "wxt", "plasmo",
    "unplugin-",
    "@11ty/", "vuepress", "vitepress", "@foal/", "@quasar/", "quasar", "rwsdk", "blitz", "@wasp", "electron", "@ember/",
    "aurelia", "@stimulus", "stimulus", "grunt", "gulp", "hexo", "probot", "hubot", "n8n-workflow", "@backstage/",
    "@nx/", "fumadocs-mdx", "payload", "@oclif/", "k6", "react-native",
  ]
  private static let explicit: Set<String> = [
    "express", "koa", "fastify", "hono", "@nestjs/core", "react", "vue", "svelte", "preact", "next", "@angular/core",
    "elysia",
    "@hono/node-server", "@hapi/hapi", "solid-js", "ws", "socket.io",
  ]
  private static let manifests: Set<String> = [
    "requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "Dockerfile",
  ]

  init(_ context: AuditContext) {
    let tree = context.tree
    var scripts: [String: Package?] = [:]
    for file in tree.files(named: "package.json") {
      let folder = file.directory.isEmpty ? "" : file.directory + "/"
      scripts[String(file.directory)] = .some(nil)
      guard let text = tree.text(file), case .object(let root)? = try? JSON.parse(text.bytes) else { continue }
      var names: Set<String> = []
      for key in ["dependencies", "devDependencies", "peerDependencies"] {
        names.formUnion(root[key]?.objectValue.map { Set($0.keys) } ?? [])
      }
      // What is given away whole is imported from elsewhere.
      let isOpen = root["exports"]?.objectValue?.keys.contains { $0.contains("*") } ?? false
      let finds = names.contains { name in
        Self.finders.contains { name == $0 || ($0.hasSuffix("/") || $0.hasSuffix("-")) && name.hasPrefix($0) }
      }
      if names.isEmpty || finds || isOpen { continue }
      scripts[String(file.directory)] = Package(
        folder: String(folder), isExplicit: !names.isDisjoint(with: Self.explicit))
    }
    if tree.files.contains(where: { ["auto-imports.d.ts", "components.d.ts"].contains($0.name) }) { scripts = [:] }
    self.scripts = scripts
    // Programs that look for files of Python by their places.
    let finds = tree.files.contains {
      ["__manifest__.py", "scrapy.cfg", "dagster.yaml", "airflow.cfg", "dbt_project.yml", "manifest.json"].contains(
        $0.name)
        && ($0.name != "manifest.json" || $0.path.contains("custom_components/"))
        || $0.path.hasPrefix("dags/") || $0.path.contains("/dags/")
        || $0.name == "hooks.py" && tree[$0.directory + "/modules.txt"] != nil
    }
    pythons =
      finds ? [] : Set(tree.files.lazy.filter { Self.manifests.contains(String($0.name)) }.map { String($0.directory) })
  }

  /// The package of a file, where it is known how that finds its modules.
  func of(_ file: TreeFile, isPython: Bool) -> Package? {
    var folder = String(file.directory)
    while true {
      if isPython {
        if pythons.contains(folder) { return Package(folder: folder.isEmpty ? "" : folder + "/", isExplicit: true) }
      } else if let package = scripts[folder] {
        return package
      }
      if folder.isEmpty { return nil }
      folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
    }
  }
}
