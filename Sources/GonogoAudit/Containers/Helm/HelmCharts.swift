import GonogoCore
import GonogoDocument

/// A Helm chart, rendered with its own values as far as that goes.
struct HelmChart: Sendable {
  let name: String
  /// Its Chart.yaml.
  let file: TreeFile
  var objects: [KubernetesObject] = []
  /// The templates that were read, and those of them in which something was not known.
  var templates = 0
  var partly = 0
  /// Charts that it depends on and that are not in the tree.
  var missing: [String] = []
  /// Whether Helm itself rendered it; otherwise what it said, where it is installed.
  var isRendered = false
  var refusal: String?
}

/// The charts of the tree (https://helm.sh/docs/topics/charts/): those for developers, libraries, and their tests are left out. A
/// values file for production beside the chart's own is laid over it.
enum HelmCharts: Collector {
  static func collect(in context: AuditContext) -> [HelmChart] {
    let files = context.tree.files(named: "Chart.yaml").filter { $0.kind == .regular }
    let directories = Set(files.map { String($0.directory) })
    return files.compactMap { file -> HelmChart? in
      let directory = String(file.directory)
      guard DeploymentPurpose.of(path: directory) != .development, !isBelowAnother(directory, directories) else {
        return nil
      }
      guard var chart = read(file, values: nil, context, depth: 0) else { return nil }
      // Of a folder of many charts, those in which something is not known.
      if files.count <= 12 || chart.partly > 0 { render(&chart, directory, context) }
      return chart
    }
  }

  /// What Helm itself renders takes the place of what was read without it.
  private static func render(_ chart: inout HelmChart, _ directory: String, _ context: AuditContext) {
    // Without its dependencies Helm renders nothing.
    guard chart.missing.isEmpty else { return }
    switch HelmProgram.render(directory, values: Array(valueFiles(directory, context).dropFirst()), in: context) {
    case .notInstalled: return
    case .refused(let why): chart.refusal = why
    case .rendered(let documents):
      let (isOverridden, isSet) = (isOverridden(directory, context), isSet(directory, context))
      chart.objects = documents.compactMap { document in
        guard document.node["kind"]?.text != nil, let file = context.tree[document.template] else { return nil }
        var object = KubernetesObject(
          node: document.node, file: file, isOverridden: isOverridden, isSet: isSet)
        let alike = chart.objects.filter { $0.file == file && $0.kind == object.kind }
        if let own = alike.first(where: { $0.name == object.name }) ?? alike.first {
          object.origins = HelmProgram.origins(document.node, like: own)
        } else {
          object.origins = [document.node.range: TreePlace(file.path)]
        }
        return object
      }
      chart.isRendered = true
      chart.partly = 0
    }
  }

  private static func isBelowAnother(_ directory: String, _ all: Set<String>) -> Bool {
    guard
      let mark = directory.ranges(of: "/charts/").last
        ?? (directory.hasPrefix("charts/") ? directory.firstRange(of: "charts/") : nil)
    else { return false }
    return all.contains(String(directory[..<mark.lowerBound]))
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory.isEmpty ? name : "\(directory)/\(name)"
  }

  private static func read(
    _ file: TreeFile, values above: HelmValue?, _ context: AuditContext, depth: Int
  ) -> HelmChart? {
    let directory = String(file.directory)
    guard depth < 4, let about = context.yaml(file)?.documents.first, about["type"]?.text != "library" else {
      return nil
    }
    var chart = HelmChart(
      name: about["name"]?.text ?? directory.split(separator: "/").last.map(String.init) ?? "chart", file: file)
    var values = HelmValue(.map([]))
    for name in valueFiles(directory, context) {
      guard let file = context.tree[name], let node = context.yaml(file)?.documents.first else { continue }
      values = values.overlaid(by: HelmValue(node, name))
    }
    if let above { values = values.overlaid(by: above) }
    let templates = context.tree.files.filter { file in
      file.path.hasPrefix(join(directory, "templates/")) && file.kind == .regular
    }
    var defined: [String: [HelmTemplate.Node]] = [:]
    var parsed: [(TreeFile, [HelmTemplate.Node])] = []
    for file in templates + libraries(directory, context) {
      guard ["yaml", "yml", "tpl"].contains(file.fileExtension), let text = context.tree.text(file) else { continue }
      do throws(HelmTemplate.Malformed) {
        let template = try HelmTemplate.parse(text, path: file.path)
        defined.merge(template.defined) { first, _ in first }
        if file.fileExtension != "tpl", !file.name.hasPrefix("_"), file.path.hasPrefix(join(directory, "templates/")),
          !file.path.contains("/templates/tests/")
        {
          parsed.append((file, template.nodes))
        }
      } catch {
        context.couldNotLook(
          CouldNotLook(
            "the template is not well formed: \(error.message)", at: error.place,
            mend: "mend it; nothing in it was judged"))
      }
    }
    let root = root(about, file, values)
    let (isOverridden, isSet) = (isOverridden(directory, context), isSet(directory, context))
    for (file, nodes) in parsed {
      chart.templates += 1
      var renderer = HelmRenderer(root: root, defined: defined, template: TreePlace(file.path))
      guard let text = renderer.render(nodes), let documents = documents(text) else {
        chart.partly += 1
        continue
      }
      if !renderer.unresolved.isEmpty { chart.partly += 1 }
      let places = HelmPlaces(text, template: TreePlace(file.path))
      for document in documents where document["kind"]?.text != nil {
        chart.objects.append(
          KubernetesObject(
            node: document, file: file, places: places, isOverridden: isOverridden, isSet: isSet))
      }
    }
    for dependency in about["dependencies"]?.elements ?? [] {
      guard let name = dependency["name"]?.text else { continue }
      let key = dependency["alias"]?.text ?? name
      if let condition = dependency["condition"]?.text {
        var value = values
        for part in condition.split(separator: ",").first?.trimmed.split(separator: ".") ?? [] {
          value = value[String(part)]
        }
        if value.truth == false, case .bool = value.content { continue }
      }
      let local = dependency["repository"]?.text.flatMap { text -> String? in
        text.hasPrefix("file://") ? TreePaths.join(directory, String(text.dropFirst(7))) : nil
      }
      let folders = [join(directory, "charts/\(name)")] + (local.map { [$0] } ?? [])
      guard let inner = folders.lazy.compactMap({ context.tree["\($0)/Chart.yaml"] }).first else {
        chart.missing.append(name)
        continue
      }
      // One that stands by itself in the tree is read by itself.
      guard inner.path.hasPrefix(join(directory, "charts/")) else { continue }
      var own = values[key]
      if case .null = own.content { own = HelmValue(.map([])) }
      own = HelmValue(.map([("global", values["global"])])).overlaid(by: own)
      if let sub = read(inner, values: own, context, depth: depth + 1) {
        chart.objects += sub.objects
        chart.templates += sub.templates
        chart.partly += sub.partly
        chart.missing += sub.missing
      }
    }
    return chart
  }

  /// The chart's own values, and what is for production beside them.
  private static func valueFiles(_ directory: String, _ context: AuditContext) -> [String] {
    let production = context.tree.files.filter { file in
      file.directory == directory[...] && isValues(file) && file.name != "values.yaml"
        && DeploymentPurpose.of(path: String(file.name)) == .production && !file.name.lowercased().contains("stag")
    }
    return [join(directory, "values.yaml")] + production.map(\.path).sorted().prefix(1)
  }

  private static func isValues(_ file: TreeFile) -> Bool {
    let name = file.name.lowercased()
    return (name.hasSuffix(".yaml") || name.hasSuffix(".yml")) && name.contains("values") && file.kind == .regular
  }

  /// Whether a workflow or a script gives the chart values on helm's command line.
  private static func isSet(_ directory: String, _ context: AuditContext) -> Bool {
    let name = directory.split(separator: "/").last.map(String.init) ?? directory
    let languages: Set<Language> = [.shell, .make]
    return context.tree.files.contains { file in
      guard
        file.directory == ".github/workflows" || file.name.hasSuffix(".ps1")
          || file.language.map(languages.contains) ?? false,
        let bytes = context.tree.text(file)?.bytes
      else { return false }
      return ByteSearch.contains("helm ", in: bytes) && ByteSearch.contains("--set", in: bytes)
        && (name.isEmpty || ByteSearch.contains(name, in: bytes))
    }
  }

  /// Whether something else of the tree may give the chart other values: what its own leave out may stand there.
  private static func isOverridden(_ directory: String, _ context: AuditContext) -> Bool {
    let own = Set(valueFiles(directory, context))
    return context.tree.files.contains { file in
      if file.name.lowercased().hasPrefix("helmfile") { return true }
      guard isValues(file), !own.contains(file.path), DeploymentPurpose.of(path: file.path) != .development,
        !file.path.split(separator: "/").contains("templates")
      else { return false }
      // The own values of another chart are that chart's.
      let isOthers = file.name == "values.yaml" && context.tree[join(String(file.directory), "Chart.yaml")] != nil
      return !isOthers
    }
  }

  /// Charts below that only give definitions.
  private static func libraries(_ directory: String, _ context: AuditContext) -> [TreeFile] {
    context.tree.files.filter {
      $0.path.hasPrefix(join(directory, "charts/")) && $0.path.contains("/templates/") && $0.fileExtension == "tpl"
    }
  }

  private static func root(_ about: Node, _ file: TreeFile, _ values: HelmValue) -> HelmValue {
    var described: [(key: String, value: HelmValue)] = []
    for entry in about.entries ?? [] {
      // In templates its keys begin with a capital: `.Chart.AppVersion`.
      described.append((entry.name.prefix(1).uppercased() + entry.name.dropFirst(), HelmValue(entry.value, file.path)))
    }
    // As `helm template` names it.
    let release: [(key: String, value: HelmValue)] = [
      ("Name", .text("release-name")), ("Namespace", .text("default")), ("Service", .text("Helm")),
      ("IsInstall", HelmValue(.bool(true))), ("IsUpgrade", HelmValue(.bool(false))),
      ("Revision", HelmValue(.number("1"))),
    ]
    return HelmValue(
      .map([
        ("Values", values), ("Chart", HelmValue(.map(described))), ("Release", HelmValue(.map(release))),
        ("Capabilities", .unknown), ("Files", .unknown), ("Template", .unknown), ("Subcharts", .unknown),
      ]))
  }

  /// The documents of a rendered text; `nil` where it is no YAML, because something that is not known stands in the way.
  private static func documents(_ text: HelmText) -> [Node]? {
    // A line that is nothing but unknown is an entry of whatever stands around it.
    let lines = text.string.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var bytes: [UInt8] = []
    for (index, line) in lines.enumerated() {
      bytes += line.utf8
      if line.trimmed == String(HelmText.unknown) {
        bytes += (isInList(lines, index) ? "" : ": \(HelmText.unknown)").utf8
      }
      bytes.append(0x0A)
    }
    return YAMLReader(sink: DiagnosticSink()).readStream(bytes)?.documents.map { $0.mergingKeys() }
  }

  /// Whether the nearest lines as deep as this one are items of a list.
  private static func isInList(_ lines: [String], _ index: Int) -> Bool {
    let depth = lines[index].prefix { $0 == " " }.count
    for step in [1, -1] {
      var other = index + step
      while lines.indices.contains(other) {
        let blanks = lines[other].prefix { $0 == " " }.count
        let body = lines[other].dropFirst(blanks)
        other += step
        if body.isEmpty || body.first == HelmText.unknown || blanks > depth { continue }
        if blanks < depth { break }
        return body.hasPrefix("- ") || body == "-"
      }
    }
    return false
  }
}
