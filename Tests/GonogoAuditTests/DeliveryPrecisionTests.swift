import GonogoCore
import Testing

@testable import GonogoAudit

/// A container's fault is a finding where the tree shows what runs, delivers or builds it, and for review elsewhere.
@Suite struct DeliveryPrecisionTests {
  func precision(_ rule: any AuditRule.Type, _ files: [String: String]) async -> [String: FindingPrecision] {
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    let findings = await Audit.examine(rule, in: context).findings
    return Dictionary(findings.map { ($0.place.path, $0.precision) }) { first, _ in first }
  }

  @Test func composeFilesByWhatShowsThatTheyGoLive() async {
    let service = "services:\n  api: { image: 'ghcr.io/acme/shop:1.0' }\n"
    let publish =
      "on: push\njobs:\n  a: { steps: [{ uses: docker/build-push-action@v6, with: { push: true, tags: ghcr.io/acme/shop } }] }\n"
    #expect(
      await precision(
        NoMemoryLimit.self, ["compose.yml": service, ".github/workflows/publish.yml": publish]) == [
          "compose.yml": .medium
        ])
    #expect(
      await precision(
        NoMemoryLimit.self,
        [
          "compose.yml": service, ".github/workflows/publish.yml": publish,
          "deploy.sh": "ssh live docker compose -f compose.yml up -d\n",
        ]) == ["compose.yml": .high])
    #expect(await precision(NoMemoryLimit.self, ["compose.prod.yml": service]) == ["compose.prod.yml": .high])
    // A folder may hold what tests it.
    #expect(
      await precision(
        NoMemoryLimit.self, ["deployment/compose/base.yml": service, "deployment/compose/more.yml": service]
      )
      .values.allSatisfy { $0 == .medium })
    // What a server has stands in files for trying a product out as well.
    let kept = "services:\n  api: { image: 'acme/api:1.0', restart: always, ports: ['80:80'] }\n"
    #expect(await precision(NoMemoryLimit.self, ["compose.yml": kept]) == ["compose.yml": .medium])
  }

  /// A document says under the file's name that it is for a developer's machine.
  @Test func aFileThatItsOwnDocumentCallsLocalIsNotJudged() async {
    let kept = "services:\n  api: { image: 'acme/api:1.0', restart: always, ports: ['80:80'] }\n"
    func document(_ word: String) -> String {
      "# Docker\n\n### `compose.yml`\n\nThe main docker-compose file for running it \(word).\n"
    }
    #expect(
      await precision(NoMemoryLimit.self, ["docker/compose.yml": kept, "docker/README.md": document("locally")]) == [:])
    #expect(
      await precision(NoMemoryLimit.self, ["docker/compose.yml": kept, "docker/README.md": document("in production")])
        == ["docker/compose.yml": .medium])
  }

  @Test func manifestsByWhatDeliversThem() async {
    let pod =
      "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: 'acme/a:1.0' }] }\n"
    #expect(await precision(NoMemoryLimit.self, ["k8s/a.yaml": pod]) == ["k8s/a.yaml": .medium])
    for command in ["kubectl apply -f k8s/", "kubectl apply -n live --filename=k8s/a.yaml", "kubectl apply -k k8s"] {
      let found = await precision(
        NoMemoryLimit.self,
        [
          "k8s/a.yaml": pod, "other/b.yaml": pod,
          ".github/workflows/live.yml": "on: push\njobs:\n  a: { steps: [{ run: '\(command)' }] }\n",
        ])
      #expect(found == ["k8s/a.yaml": .high, "other/b.yaml": .medium], "\(command)")
    }
    // A shell that somebody opens to look for a fault is nothing that is delivered.
    let script = "kubectl apply -f hack/shell.yaml && kubectl attach -it a\n"
    #expect(await precision(NoMemoryLimit.self, ["hack/shell.yaml": pod, "hack/shell.sh": script]) == [:])
    #expect(
      await precision(
        NoMemoryLimit.self, ["k8s/shell.yaml": pod, "hack/shell.sh": "kubectl apply -f k8s/shell.yaml\n"])
        == ["k8s/shell.yaml": .medium])
    let flux =
      "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: a }\nspec: { path: ./apps }\n"
    #expect(
      await precision(
        NoMemoryLimit.self,
        [
          "flux/a.yaml": flux, "apps/kustomization.yaml": "resources: [../base/a.yaml]\n", "base/a.yaml": pod,
          "left/b.yaml": pod, "archive/c.yaml": pod,
        ]) == ["base/a.yaml": .high])
  }

  /// What a kustomization does not list is not delivered with it, and is left over; below a folder without one, everything is.
  @Test func whatStandsBesideAKustomizationIsNotDeliveredByIt() async {
    let pod =
      "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: 'acme/a:1.0' }] }\n"
    let argo =
      "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: { generators: [{ git: { directories: [{ path: 'apps/*' }] } }] }\n"
    #expect(
      await precision(
        NoMemoryLimit.self,
        [
          "argocd/all.yaml": argo, "apps/a/kustomization.yaml": "resources: [a.yaml, more]\n", "apps/a/a.yaml": pod,
          "apps/a/more/b.yaml": pod, "apps/a/recover/job.yaml": pod, "apps/plain/c.yaml": pod,
        ]) == [
          "apps/a/a.yaml": .high, "apps/a/more/b.yaml": .high,
          "apps/plain/c.yaml": .high,
        ])
  }

  @Test func dockerfilesByWhatBuildsThem() async {
    let image = "FROM node:22\nCMD [\"node\", \"main.js\"]\n"
    func precision(_ more: [String: String]) async -> [String: FindingPrecision] {
      let files = ["api/Dockerfile": image, "web/Dockerfile": image]
      return await self.precision(RootUser.self, files.merging(more) { first, _ in first })
    }
    #expect(await precision([:]) == ["api/Dockerfile": .medium, "web/Dockerfile": .medium])
    let sure: [String: FindingPrecision] = ["api/Dockerfile": .high, "web/Dockerfile": .medium]
    func workflow(_ step: String, on trigger: String = "push") -> [String: String] {
      [".github/workflows/a.yml": "on: \(trigger)\njobs:\n  a: { steps: [\(step)] }\n"]
    }
    #expect(await precision(workflow("{ uses: docker/build-push-action@v6, with: { context: api } }")) == sure)
    #expect(await precision(workflow("{ run: docker build -t a -f api/Dockerfile . }")) == sure)
    #expect(await precision(["api/fly.toml": "app = 'a'\n"]) == sure)
    #expect(await precision(["compose.prod.yml": "services:\n  a: { build: ./api }\n"]) == sure)
    // What a script builds may be for a test.
    #expect(
      await precision(["build.sh": "docker build -t a api\n"]) == [
        "api/Dockerfile": .medium, "web/Dockerfile": .medium,
      ])
    // A check of a pull request builds, too, and throws away what it has built.
    #expect(
      await precision(workflow("{ run: docker build api }", on: "pull_request")) == [
        "api/Dockerfile": .medium, "web/Dockerfile": .medium,
      ])
  }
}
