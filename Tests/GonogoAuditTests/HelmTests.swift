import GonogoCore
import GonogoSystem
import Testing

@testable import GonogoAudit

/// Charts: rendered with their own values, judged like manifests, placed where the value stands.
@Suite struct HelmTests {
  static let values = """
    image:
      repository: registry.acme.test/ledger
      tag: latest
    replicas: 2
    secretKey: 9f3b1c7de2a84655b0c7f81e6d92a3b4
    resources: {}
    securityContext: { privileged: true }
    probe: { enabled: false }
    """
  static let helpers = """
    {{- define "ledger.name" -}}
    {{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
    {{- end -}}
    {{/* labels: of every object */}}
    {{- define "ledger.labels" }}
    app: {{ include "ledger.name" . }}
    {{- end }}
    """
  static let deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: {{ include "ledger.name" . }}
      labels:
        {{- include "ledger.labels" . | nindent 4 }}
    spec:
      replicas: {{ .Values.replicas }}
      template:
        spec:
          containers:
            - name: api
              image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
              env:
                - name: SECRET_KEY
                  value: {{ .Values.secretKey | quote }}
                {{- range $name, $value := .Values.more }}
                - name: {{ $name }}
                  value: {{ $value }}
                {{- end }}
              {{- if .Values.probe.enabled }}
              livenessProbe: { httpGet: { path: /healthz, port: 80 } }
              {{- end }}
              {{- with .Values.securityContext }}
              securityContext:
                {{- toYaml . | nindent 12 }}
              {{- end }}
              resources: {{- toYaml .Values.resources | nindent 12 }}
    """

  func chart(_ more: [String: String] = [:]) -> [String: String] {
    [
      "chart/Chart.yaml": "apiVersion: v2\nname: ledger\nversion: 1.0.0\nappVersion: 1.0.0\n",
      "chart/values.yaml": Self.values,
      "chart/templates/_helpers.tpl": Self.helpers, "chart/templates/deployment.yaml": Self.deployment,
    ].merging(more) { _, new in new }
  }

  func context(_ files: [String: String]) -> AuditContext { AuditContext(tree: SourceTree(texts: files), now: 0) }

  func places(_ rule: any AuditRule.Type, _ files: [String: String]) async -> [String] {
    let outcome = await Audit.examine(rule, in: context(files))
    #expect(outcome.unlooked.isEmpty)
    return outcome.findings.map(\.place.description)
  }

  @Test func whatIsRenderedIsFoundWhereItStands() async {
    #expect(await places(UnpinnedImage.self, chart()) == ["chart/values.yaml:3:8"])
    #expect(await places(SecretInEnvironment.self, chart()) == ["chart/values.yaml:5:12"])
    #expect(await places(PrivilegedContainer.self, chart()) == ["chart/values.yaml:7:32"])
    #expect(await places(NoMemoryLimit.self, chart()) == ["chart/templates/deployment.yaml:12:11"])
    #expect(await places(NoHealthCheck.self, chart()) == ["chart/templates/deployment.yaml:12:11"])
    let workloads = context(chart()).facts(KubernetesWorkloads.self)
    #expect(workloads.map(\.name) == ["ledger"])
    let charts = context(chart()).facts(HelmCharts.self)
    #expect(charts.map(\.templates) == [1])
    #expect(charts.map(\.partly) == [0])
  }

  @Test func aFileForProductionIsLaidOverTheChartsOwn() async {
    let files = chart(["chart/values-production.yaml": "image: { tag: 1.0.0 }\nprobe: { enabled: true }\n"])
    #expect(await places(UnpinnedImage.self, files).isEmpty)
    #expect(await places(NoHealthCheck.self, files).isEmpty)
    #expect(await places(PrivilegedContainer.self, files) == ["chart/values.yaml:7:32"])
  }

  @Test func whatCannotBeRenderedSuppliesWhatIsMissing() async {
    let unknown = Self.deployment.replacing(
      "{{- if .Values.probe.enabled }}", with: "{{- if .Capabilities.APIVersions.Has \"x\" }}"
    ).replacing("toYaml .Values.resources", with: "include \"common.resources\" .")
    let files = chart(["chart/templates/deployment.yaml": unknown])
    #expect(await places(NoHealthCheck.self, files).isEmpty)
    #expect(await places(NoMemoryLimit.self, files).isEmpty)
    // What is there for certain still is.
    #expect(await places(PrivilegedContainer.self, files) == ["chart/values.yaml:7:32"])
    #expect(context(files).facts(HelmCharts.self).map(\.partly) == [1])
    let entry = HelmInventory.entry(in: context(files))
    #expect(entry?.summary.hasPrefix("ledger (1 of 1 templates read in part") == true)
  }

  /// What Helm renders has the places of what is read without it, and knows what that does not.
  @Test(.enabled(if: Subprocess.find("helm") != nil && Subprocess.find("prlimit") != nil, "helm is not installed"))
  func helmItselfRendersWhereItIsInstalled() async throws {
    let asked = Self.deployment.replacing(
      "{{- if .Values.probe.enabled }}", with: "{{- if not (.Capabilities.APIVersions.Has \"v1\") }}")
    let files = chart(["chart/templates/deployment.yaml": asked])
    let read = try #require(context(files).facts(HelmCharts.self).first)
    #expect(read.isRendered && read.partly == 0 && read.refusal == nil)
    #expect(HelmInventory.entry(in: context(files))?.summary == "ledger (1 templates, rendered by helm)")
    #expect(await places(NoHealthCheck.self, files) == ["chart/templates/deployment.yaml:12:11"])
    #expect(await places(UnpinnedImage.self, files) == ["chart/values.yaml:3:8"])
    #expect(await places(SecretInEnvironment.self, files) == ["chart/values.yaml:5:12"])
  }

  /// It lists a thousand million numbers: the limit of memory ends it.
  @Test(.enabled(if: Subprocess.find("helm") != nil && Subprocess.find("prlimit") != nil, "helm is not installed"))
  func aChartThatTakesAllMemoryIsRefused() throws {
    let files = chart(["chart/templates/deployment.yaml": "{{ until 1000000000 | toYaml }}\n"])
    let read = try #require(context(files).facts(HelmCharts.self).first)
    #expect(!read.isRendered && read.refusal != nil)
  }

  @Test func otherValuesOfTheTreeMaySupplyWhatIsMissing() async {
    let files = chart(["environments/eu/ledger-values.yaml": "resources: { limits: { memory: 1Gi } }\n"])
    #expect(await places(NoMemoryLimit.self, files).isEmpty)
    #expect(await places(UnpinnedImage.self, files) == ["chart/values.yaml:3:8"])
  }

  /// The version that helm is given is not the default of the chart.
  @Test func whatIsGivenOnTheCommandLineIsNotTheCharts() async {
    let deploy =
      "on: push\njobs:\n  a: { steps: [{ run: 'helm upgrade ledger ./chart --set image.tag=$TAG' }] }\n"
    let files = chart([".github/workflows/deploy.yml": deploy])
    #expect(await places(UnpinnedImage.self, files).isEmpty)
  }

  @Test func aSubchartGetsItsParentsValues() async {
    let files = chart([
      "chart/Chart.yaml": """
      name: ledger
      appVersion: 1.0.0
      dependencies:
        - { name: cache, version: 1.0.0 }
        - { name: postgresql, version: 12.0.0, repository: "https://charts.acme.test" }
      """,
      "chart/values.yaml": Self.values + "\ncache: { image: \"redis:7.2.5\" }\n",
      "chart/charts/cache/Chart.yaml": "name: cache\n", "chart/charts/cache/values.yaml": "image: redis\n",
      "chart/charts/cache/templates/pod.yaml":
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: cache\n      image: {{ .Values.image }}\n",
    ])
    #expect(await places(UnpinnedImage.self, files) == ["chart/values.yaml:3:8"])
    #expect(context(files).facts(HelmCharts.self).first?.missing == ["postgresql"])
    #expect(context(files).facts(KubernetesWorkloads.self).count == 2)
  }

  @Test func aTemplateThatIsNotWellFormedIsTold() async {
    let broken = chart(["chart/templates/deployment.yaml": "kind: Deployment\n{{- if .Values.x }}\n"])
    let outcome = await Audit.examine(UnpinnedImage.self, in: context(broken))
    #expect(outcome.unlooked.map(\.place?.description) == ["chart/templates/deployment.yaml:2:1"])
  }

  /// A template that calls itself, and one that writes without end.
  @Test(
    arguments: [
      "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}kind: Pod\n{{ include \"a\" . }}",
      "{{ define \"a\" }}{{ template \"a\" . }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
      "{{ range $i := .Values.l }}{{ range $.Values.l }}{{ range $.Values.l }}{{ range $.Values.l }}x{{ end }}{{ end }}{{ end }}{{ end }}",
      "{{ define \"a\" }}{{ range $.l }}{{ template \"a\" $ }}{{ end }}{{ end }}{{ template \"a\" .Values }}",
    ])
  func noTemplateMakesItHang(template: String) {
    let list = "l: [" + (0..<60).map(String.init).joined(separator: ", ") + "]\n"
    let files = chart(["chart/templates/deployment.yaml": template, "chart/values.yaml": list])
    let clock = ContinuousClock()
    let time = clock.measure { _ = context(files).facts(KubernetesWorkloads.self) }
    // Helm, where it is installed, is ended after 15 s.
    #expect(time < .seconds(30))
  }

  @Test(
    arguments: [
      ("{{ .Values.a | default \"x\" | quote }}", "\"x\""), ("{{ .Values.b | upper }}", "B"),
      ("{{- printf \"%s-%s\" .Release.Name .Chart.Name }}", "release-name-c"),
      ("{{ if and .Values.b (eq .Values.b \"b\") }}yes{{ else }}no{{ end }}", "yes"),
      ("{{ if not .Values.a }}none{{ end }}", "none"), ("a {{- /* gone */ -}} b", "ab"),
      ("{{ range $i, $x := .Values.l }}{{ $i }}{{ $x.n }}{{ end }}", "0p1q"),
      ("{{ with .Values.m }}{{ .k }}{{ $.Values.b }}{{ end }}", "vb"),
      ("{{ $x := \"1\" }}{{ if true }}{{ $x = \"2\" }}{{ end }}{{ $x }}", "2"),
      ("{{ toYaml .Values.m | nindent 2 }}", "\n  k: v"), ("{{ ternary \"a\" \"b\" (hasKey .Values \"m\") }}", "a"),
      ("{{ index .Values \"m\" \"k\" }}{{ (first .Values.l).n }}", "vp"), ("{{ .Values.m.k.x }}", ""),
      ("{{ randAlphaNum 5 }}", "\u{E000}"), ("{{ .Files.Get \"x\" | quote }}", "\u{E000}"),
      ("{{ coalesce .Values.a .Values.b }}{{ add 1 2 }}{{ `raw` }}", "b3raw"),
      ("{{ list \"a\" \"b\" | join \",\" }}{{ dict \"x\" 1 | toYaml }}", "a,bx: 1"),
    ])
  func templatesAreComputedAsHelmDoes(template: String, text: String) throws {
    let source = SourceFile(name: "t", bytes: Array(template.utf8))
    let parsed = try HelmTemplate.parse(source, path: "t")
    let values: HelmValue = .init(
      .map([
        ("b", .text("b")), ("m", HelmValue(.map([("k", .text("v"))]))),
        (
          "l",
          HelmValue(.list([HelmValue(.map([("n", .text("p"))])), HelmValue(.map([("n", .text("q"))]))]))
        ),
      ]))
    let root = HelmValue(
      .map([
        ("Values", values), ("Release", HelmValue(.map([("Name", .text("release-name"))]))),
        ("Chart", HelmValue(.map([("Name", .text("c"))]))), ("Files", .unknown),
      ]))
    var renderer = HelmRenderer(root: root, defined: parsed.defined, template: TreePlace("t"))
    #expect(renderer.render(parsed.nodes)?.string == text)
  }
}
