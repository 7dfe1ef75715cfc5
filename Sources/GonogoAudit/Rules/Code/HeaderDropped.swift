public import GonogoCore

/// nginx's security headers that a location drops, because it has a header of its own.
public struct HeaderDropped: AuditRule {
  public static let manual = RuleManual(
    id: "code-header-dropped", severity: .medium, family: "code",
    title: "An nginx location drops the security headers of its server",
    what: """
      Reads nginx's configurations and looks for locations with an `add_header` of their own below a server, an http block or a location whose \
      `add_header` sets security headers that the location does not repeat: nginx then sends none of those. Locations that include other files, that \
      only `return`, and that serve nothing but images, scripts, styles and fonts pass, as does `add_header_inherit merge`, and what only a developer's Compose \
      file mounts. One finding a file.
      """,
    why: "the header stands in the configuration and never in the answer: pages can be framed, scripts injected",
    mend:
      "repeat the headers in the location (an `include` of one file keeps them together), or set them in one place only",
    falsifies: "security headers are set",
    references: ["https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let developers = Self.developers(context)
    for file in context.tree.files where Self.isNginx(file) && !developers.contains(file.path) {
      guard let text = context.tree.text(file), text.contains("add_header"), text.contains("location") else { continue }
      var reader = NginxReader(text.bytes)
      let root = reader.read()
      var dropped: [(place: TreePlace, location: String, headers: [String])] = []
      Self.visit(root, [], &dropped, TreePlace(file.path), text)
      guard let first = dropped.first else { continue }
      let headers = Fold.list(first.headers, 4)
      findings.add(
        "the location '\(first.location)' has a header of its own, so \(headers) of the server \(first.headers.count == 1 ? "is" : "are") not sent there"
          + (dropped.count > 1 ? " (and \(dropped.count - 1) more locations)" : ""),
        at: first.place, subject: first.location,
        related: dropped.dropFirst().prefix(10).map {
          .init($0.place, "'\($0.location)' drops \(Fold.list($0.headers, 4))")
        })
    }
  }

  /// The configurations that only a developer's Compose file mounts.
  private static func developers(_ context: AuditContext) -> Set<String> {
    var (local, others): (Set<String>, Set<String>) = ([], [])
    for project in context.facts(ComposeProjects.self) {
      for service in project.services {
        for item in service.items("volumes") {
          guard
            let source = item.node["source"]?.text ?? item.node.text.map({ String($0.prefix { $0 != ":" }) }),
            source.hasPrefix("."), let path = TreePaths.join(String(item.file.directory), source)
          else { continue }
          if project.purpose == .development { local.insert(path) } else { others.insert(path) }
        }
      }
    }
    return local.subtracting(others)
  }

  private static func isNginx(_ file: TreeFile) -> Bool {
    let lower = file.path.lowercased()
    guard DeploymentPurpose.of(path: file.path) != .development, !lower.contains("example"),
      !lower.contains("/suites/"),
      !lower.contains("/test"), !lower.contains("node_modules"), file.kind == .regular
    else { return false }
    return file.language == .nginx || lower.hasSuffix(".conf") || lower.hasSuffix(".conf.template")
      || lower.hasSuffix(".nginx")
      || lower.contains("nginx") && (lower.hasSuffix(".template") || lower.hasSuffix(".tmpl"))
  }

  private static let security: Set<String> = [
    "x-frame-options", "content-security-policy", "strict-transport-security", "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
  ]

  private static func visit(
    _ block: NginxBlock, _ inherited: [String],
    _ dropped: inout [(place: TreePlace, location: String, headers: [String])],
    _ place: TreePlace, _ text: SourceFile
  ) {
    let own = block.headers
    // Headers of a level take the place of all above it.
    let effective = own.isEmpty ? inherited : own
    if block.name == "location", !own.isEmpty, !block.isOpen, !block.returns, !isAssets(block.arguments) {
      let lost = inherited.filter {
        security.contains($0.lowercased()) && !own.map { $0.lowercased() }.contains($0.lowercased())
      }
      if !lost.isEmpty {
        dropped.append((TreePlace(place.path, text.position(of: block.offset)), block.arguments, lost))
      }
    }
    if block.merges { return }
    for child in block.children { visit(child, effective, &dropped, place, text) }
  }

  /// Whether a location is for files that no browser shows as a page.
  private static func isAssets(_ arguments: String) -> Bool {
    let lower = arguments.lowercased()
    let isFiles =
      lower.hasPrefix("~")
      && ["js|", "|js", "css", "png", "jpg", "woff", "svg", "ico", "\\.js"].contains { lower.contains($0) }
    return isFiles
      || [
        "/static", "/assets", "/_next/static", "/images", "/media", "/favicon", "/robots", "/fonts", "/img", "/uploads",
      ]
      .contains { lower.contains($0) } || lower.contains(".js") || lower.contains(".json") || lower.contains(".xml")
      || lower.contains(".txt")
  }

  public static let samples: [RuleSample] = [
    .finds(
      "nginx.conf:5:5",
      in: [
        "nginx.conf": """
        http {
          server {
            add_header X-Frame-Options DENY always; # not framed
            add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'none'";
            location / {
              add_header Cache-Control "no-store";
              try_files $uri /index.html;
            }
          }
        }
        """
      ], "a header of its own"),
    .silent(
      "mounted by a developer's Compose file alone",
      [
        "docker-compose.dev.yml":
          "services:\n  web: { image: 'nginx:1.27', volumes: ['./docker/web.conf:/etc/nginx/conf.d/web.conf:ro'] }\n",
        "docker/web.conf":
          "server {\n  add_header X-Frame-Options DENY;\n  location / { add_header Cache-Control no-store; }\n}\n",
      ]),
    .silent(
      "repeated, assets, an include, a return, none above",
      [
        "deploy/web.conf": """
        server {
          add_header X-Frame-Options DENY;
          location / { add_header X-Frame-Options DENY; add_header Cache-Control no-store; }
          location ~* \\.(js|css|png)$ { add_header Cache-Control "public"; }
          location /app { include headers.conf; add_header Cache-Control no-store; }
          location /health { add_header Content-Type text/plain; return 200 "ok"; }
          location /plain { proxy_pass http://api; }
        }
        server {
          location / { add_header X-Frame-Options DENY; }
        }
        """
      ]),
  ]
}

/// A block of an nginx configuration.
struct NginxBlock {
  let name: String
  let arguments: String
  /// Of its name, in the file.
  let offset: Int
  var children: [NginxBlock] = []
  /// The names of the headers that it adds itself.
  var headers: [String] = []
  /// It takes in other files.
  var isOpen = false
  var returns = false
  var merges = false
}

/// Reads nginx's configuration: directives that end with a semicolon, and blocks.
struct NginxReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() -> NginxBlock { block(NginxBlock(name: "", arguments: "", offset: 0), depth: 0) }

  private mutating func block(_ start: NginxBlock, depth: Int) -> NginxBlock {
    var result = start
    var words: [String] = []
    var first = index
    while let (word, offset) = next() {
      switch word {
      case "}": return result
      case "{":
        let child = NginxBlock(
          name: words.first ?? "", arguments: words.dropFirst().joined(separator: " "), offset: first)
        // Deeper than any configuration is: the rest is not read.
        if depth > 50 { return result }
        result.children.append(block(child, depth: depth + 1))
        words = []
      case ";":
        switch words.first {
        case "add_header": if words.count > 1 { result.headers.append(words[1]) }
        case "include":
          let path = words.dropFirst().joined(separator: " ")
          if !["mime.types", "fastcgi_params", "fastcgi.conf", "uwsgi_params", "proxy_params"].contains(where: {
            path.hasSuffix($0)
          }) {
            result.isOpen = true
          }
        case "return", "deny", "rewrite": result.returns = true
        case "add_header_inherit": result.merges = words.contains("merge")
        default: break
        }
        words = []
      default:
        if words.isEmpty { first = offset }
        words.append(word)
      }
    }
    return result
  }

  /// The next word, string, or one of `{`, `}` and `;`.
  private mutating func next() -> (String, Int)? {
    while index < bytes.count {
      let byte = bytes[index]
      if byte <= 0x20 {
        index += 1
      } else if byte == UInt8(ascii: "#") {
        index = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
      } else {
        break
      }
    }
    guard index < bytes.count else { return nil }
    let start = index
    switch bytes[index] {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ";"):
      index += 1
      return (String(decoding: bytes[start..<index], as: UTF8.self), start)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      index += 1
      while index < bytes.count, bytes[index] != bytes[start] { index += bytes[index] == 0x5C ? 2 : 1 }
      index = min(index + 1, bytes.count)
    default:
      // `${name}` is part of a word.
      while index < bytes.count, bytes[index] > 0x20, bytes[index] != UInt8(ascii: ";") {
        if bytes[index] == UInt8(ascii: "{") {
          guard index > start,
            bytes[index - 1] == UInt8(ascii: "$") || bytes[start] == UInt8(ascii: "~")
              || bytes[start] == UInt8(ascii: "^")
          else { break }
          while index < bytes.count, bytes[index] != UInt8(ascii: "}"), bytes[index] != 0x0A { index += 1 }
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "}"), bytes[start] != UInt8(ascii: "$"),
          !bytes[start..<index].contains(UInt8(ascii: "{"))
        {
          break
        }
        index += 1
      }
    }
    return (String(decoding: bytes[start..<min(index, bytes.count)], as: UTF8.self), start)
  }
}
