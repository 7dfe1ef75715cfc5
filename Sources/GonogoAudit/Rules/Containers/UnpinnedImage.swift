public import GonogoCore

/// An image whose name can mean another image tomorrow.
public struct UnpinnedImage: AuditRule {
  public static let manual = RuleManual(
    id: "container-unpinned-image", severity: .medium, precision: .high, family: "containers",
    title: "An image is named without a version",
    what: """
      Looks at the images of Compose services and Kubernetes containers and at the images that Dockerfiles begin with: no tag, \
      or one that wanders (`latest`, `stable`, `main`, `edge`), and no digest. Images that the project builds itself, stages of \
      the same Dockerfile, `scratch`, variables without a default, and files for development pass.
      """,
    why:
      "the next pull, on the day of a restart, brings a version that nobody has tried, and no rollback brings the old one back",
    mend: "name a version, better with its digest: `postgres:16.4@sha256:…`",
    falsifies: "every image is pinned to a version",
    wordings: ["images are pinned", "pinned image tags", "no latest tags", "no images with latest tag"],
    references: ["https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"])

  public static func examined(in context: AuditContext) -> Examined? {
    var named: [TreePlace] = []
    var unseen = context.unseenDeployments
    for (_, service) in context.deployedServices() where !service.isBuilt {
      // A variable without a default may be anything.
      if service.image == nil || service.last("image")?.node.text?.contains("$") == true {
        unseen.append(service.place)
      } else {
        named.append(service.place)
      }
    }
    for container in context.facts(KubernetesWorkloads.self).flatMap(\.containers) {
      if let text = container.node["image"]?.text, !text.contains("$"), !text.contains("{") {
        named.append(container.place)
      } else {
        unseen.append(container.place)
      }
    }
    for dockerfile in context.facts(Dockerfiles.self) where dockerfile.purpose != .development {
      for stage in dockerfile.stages {
        if stage.base == nil {
          unseen.append(dockerfile.place(stage.from))
        } else {
          named.append(dockerfile.place(stage.from))
        }
      }
    }
    return Examined(named, "images", "without a version", unseen: unseen)
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let (renamed, replaced) = Self.renamed(context)
    for container in context.deployedContainers() {
      guard let (image, place) = container.pulledImage, image.isMoving, !renamed.contains(image.repository),
        !replaced.contains(container.owner)
      else { continue }
      findings.add(
        "the image '\(image.repository)' of '\(container.owner)' \(Self.lack(image))", at: place,
        subject: container.subject, precision: context.precision(of: container))
    }
    for dockerfile in context.facts(Dockerfiles.self) where dockerfile.purpose != .development {
      for (index, stage) in dockerfile.stages.enumerated() {
        guard let base = stage.base, base != "scratch", let image = ImageReference(base), image.isMoving,
          !dockerfile.stages[..<index].contains(where: { $0.name == base.lowercased() }),
          !context.isStage(base, elsewhereThan: dockerfile)
        else { continue }
        findings.add(
          "the image '\(image.repository)' that the build begins with \(Self.lack(image))",
          at: dockerfile.place(stage.from), subject: base, precision: context.precision(of: dockerfile))
      }
    }
  }

  /// Images that Skaffold builds, or to which Kustomize gives a tag, and the workloads into which it puts another: what
  /// the manifest names is not what is pulled.
  private static func renamed(_ context: AuditContext) -> (images: Set<String>, workloads: Set<String>) {
    var names: Set<String> = []
    var workloads: Set<String> = []
    let files = ["skaffold.yaml", "skaffold.yml", "kustomization.yaml", "kustomization.yml"]
    for file in files.flatMap({ context.tree.files(named: $0) }) {
      for document in context.yaml(file)?.documents ?? [] {
        for image in document["build"]?["artifacts"]?.elements ?? [] { names.formUnion(image["image"]?.texts ?? []) }
        for image in document["images"]?.elements ?? [] where image["newTag"] != nil || image["digest"] != nil {
          names.formUnion(image["name"]?.texts ?? [])
        }
        for target in (document["replacements"]?.elements ?? []).flatMap({ $0["targets"]?.elements ?? [] })
        where (target["fieldPaths"]?.texts ?? []).contains(where: { $0.hasSuffix(".image") }) {
          workloads.formUnion(target["select"]?["name"]?.texts ?? [])
        }
      }
    }
    return (names, workloads)
  }

  private static func lack(_ image: ImageReference) -> String {
    image.tag.map { "has the wandering tag '\($0)'" } ?? "has no tag"
  }

  public static let samples: [RuleSample] = [
    .finds(
      "deploy/compose.yml:3:12", "deploy/compose.yml:5:12", "Dockerfile:2:1", "k8s/api.yaml:9:18",
      in: [
        "deploy/compose.yml": """
        services:
          cache:
            image: redis
          proxy:
            image: "traefik:${TRAEFIK_TAG:-latest}"
        """,
        "Dockerfile": """
        ARG RUNTIME=node
        FROM $RUNTIME AS build
        FROM build
        """,
        "k8s/api.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: api }
        spec:
          template:
            spec:
              containers:
                - name: api
                  image: ghcr.io/acme/api:latest
        """,
      ], "no tag, a wandering default, the first stage, a container"),
    .silent(
      "versions, digests, own builds and open variables",
      [
        "deploy/compose.yml": """
        services:
          a: { image: "redis:7.2.5" }
          b: { image: "redis@sha256:0000000000000000000000000000000000000000000000000000000000000000" }
          c: { image: "acme/api:${TAG}" }
          d: { image: "acme/web:latest", build: . }
          e: { image: "acme/web:latest" }
          f: { image: "localhost:5000/acme/web:1.2" }
        """,
        "Dockerfile": "ARG BASE\nFROM node:22-slim AS build\nFROM scratch\nFROM ${BASE}\nFROM build\n",
        "skaffold.yaml": "apiVersion: skaffold/v3\nkind: Config\nbuild:\n  artifacts:\n    - image: cart\n",
        "k8s/cart.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: cart\n      image: cart\n",
        "k8s/api.yaml":
          "apiVersion: v1\nkind: Pod\nmetadata: { name: api }\nspec:\n  containers:\n    - image: acme/api\n",
        "k8s/kustomization.yaml":
          "replacements:\n  - targets:\n      - select: { kind: Pod, name: api }\n        fieldPaths: [spec.containers.0.image]\n",
        "Dockerfile.dev": "FROM node\n", "z/base.dockerfile": "FROM debian:12 AS groundwork\n",
        "z/live.dockerfile": "# syntax = acme/dockerfile-plus\nINCLUDE z/base.dockerfile\nFROM groundwork\n",
        "j/Dockerfile.j2": "FROM debian@{{ digest }} AS base\nFROM {{ image }}\n",
        "m/Dockerfile": "ARG PLATFORM=linux/arm\nARG DASHED=${PLATFORM/\\//-}\nFROM acme/build:1-${DASHED}\n",
        "docker-compose.test.yml": "services:\n  db:\n    image: postgres\n",
        "chart/Chart.yaml": "name: x\n",
        "chart/templates/api.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: {{ .Values.image }}:latest\n",
      ]),
  ]
}
