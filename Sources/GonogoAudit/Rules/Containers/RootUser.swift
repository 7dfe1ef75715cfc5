public import GonogoCore

/// An image whose program runs as root.
public struct RootUser: AuditRule {
  public static let manual = RuleManual(
    id: "container-root-user", severity: .medium, precision: .high, family: "containers",
    title: "A container's program runs as root",
    what: """
      Looks at the last stage of each Dockerfile, and the stages it is made from, for a USER other than root; and at Kubernetes \
      containers for `runAsUser: 0` and `runAsNonRoot: false`. Bases that are not root by themselves, official images whose entry \
      point steps down, files that step down themselves (gosu, su-exec, setpriv), a USER that an argument names, stages that \
      start nothing, images that a manifest of the tree runs as somebody else, and files for development pass; as do images that build, \
      test or carry something and serve nobody: what they start is a build, a wait or no program, or they are called so. So does a file with a name of its own that nothing in the tree \
      names, beside one that is built.
      """,
    why: "a hole in the program is then a hole in the container's every file, and one step from the host",
    mend: "end the Dockerfile with `USER` and a number above 0, after what root must install",
    falsifies: "containers do not run as root", wordings: ["no container runs as root"],
    references: ["https://docs.docker.com/build/building/best-practices/#user"])

  /// Bases with a user of their own, or with an entry point that steps down from root.
  private static let safe = [
    "nonroot", "chainguard", "unprivileged", "bitnami", "rootless", "-user", "postgres", "redis", "mysql", "mariadb",
    "mongo", "rabbitmq", "nginx", "httpd", "caddy", "memcached", "elasticsearch", "grafana", "prometheus", "keycloak",
    "haproxy", "traefik", "jenkins", "n8n", "hasura", "wordpress", "php", "clickhouse", "airflow", "sonarqube",
    "supabase",
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let stepped = Self.steppedDown(context)
    for dockerfile in context.facts(Dockerfiles.self)
    where !Self.isPassedOver(dockerfile, context) && !Self.isSteppedDown(dockerfile, stepped) {
      guard let fault = Self.fault(dockerfile, context) else { continue }
      findings.add(
        fault.message, at: fault.place, subject: "user",
        precision: Self.isDevelopers(Self.start(of: dockerfile)) ? .medium : context.precision(of: dockerfile))
    }
    for workload in context.facts(KubernetesWorkloads.self) {
      let pod = workload.pod["securityContext"]
      for container in workload.containers {
        let own = container.node["securityContext"]
        for (key, bad) in [("runAsUser", JSON.integer(0)), ("runAsNonRoot", JSON.bool(false))] {
          guard let node = own?[key] ?? pod?[key], node.scalar?.value == bad else { continue }
          findings.add(
            "the container '\(container.name)' of '\(workload.name)' sets \(key): \(node.text ?? "")",
            at: workload.place(of: node), subject: "\(workload.name) \(container.name) \(key)",
            precision: context.precision(of: workload.file))
        }
      }
    }
  }

  /// The places in Dockerfiles that start something as root of which the rule says nothing, because they are held for a developer's, a build's or a test's: whoever
  /// claims something of all images has not been shown to be right. What a file's name or its folder says to be a developer's is no image of the product.
  static func passedOver(in context: AuditContext) -> [TreePlace] {
    let stepped = steppedDown(context)
    return context.facts(Dockerfiles.self).compactMap { dockerfile in
      guard isPassedOver(dockerfile, context), DeploymentPurpose.of(path: dockerfile.file.path) != .development,
        !isSteppedDown(dockerfile, stepped)
      else { return nil }
      return fault(dockerfile, context)?.place
    }
  }

  /// Whether an image is a developer's, one that serves nobody, or one that nothing builds while another of its folder is built.
  private static func isPassedOver(_ dockerfile: Dockerfile, _ context: AuditContext) -> Bool {
    dockerfile.purpose == .development || !isService(start(of: dockerfile), dockerfile.file)
      || BuiltDockerfiles.isLeftBehind(dockerfile, in: context)
      || isDevelopers(start(of: dockerfile)) && context.precision(of: dockerfile) != .high
  }

  /// Whether what is started is a server for writing the program: it may go live by mistake, which is another fault.
  private static func isDevelopers(_ start: String) -> Bool {
    let plain = String(start.lowercased().map { "\"'[],".contains($0) ? " " : $0 })
    let text = plain.split(separator: " ").joined(separator: " ")
    return [
      "npm run dev", "pnpm dev", "pnpm run dev", "yarn dev", "yarn run dev", "bun dev", "bun run dev", "start:dev",
      "next dev", "nuxt dev", "ng serve", "nodemon", "manage.py runserver", "--reload",
    ].contains { text.contains($0) }
  }

  /// Whether the manifest that runs what stands in the file's folder gives it a user.
  private static func isSteppedDown(_ dockerfile: Dockerfile, _ stepped: Set<String>) -> Bool {
    dockerfile.file.directory.split(separator: "/").contains { stepped.contains(plain($0)) }
  }

  /// What the image starts.
  private static func start(of dockerfile: Dockerfile) -> String {
    dockerfile.lineage.flatMap(\.instructions).last { $0.name == "CMD" || $0.name == "ENTRYPOINT" }?.text ?? ""
  }

  /// `TransactionService` and `transaction-service` are one name.
  private static func plain(_ name: some StringProtocol) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// The names of the images that a manifest runs as somebody else than root.
  private static func steppedDown(_ context: AuditContext) -> Set<String> {
    var names: Set<String> = []
    for workload in context.facts(KubernetesWorkloads.self) {
      for container in workload.containers {
        let contexts = [container.node["securityContext"], workload.pod["securityContext"]].compactMap { $0 }
        let steps = contexts.contains { node in
          node["runAsNonRoot"]?.scalar?.value == .bool(true) || (node["runAsUser"]?.scalar?.value.integerValue ?? 0) > 0
        }
        if steps, let image = container.node["image"]?.text.flatMap(ImageReference.init) {
          names.insert(plain(image.name))
        }
      }
    }
    return names
  }

  private static func fault(
    _ dockerfile: Dockerfile, _ context: AuditContext
  ) -> (message: String, place: TreePlace)? {
    let lineage = dockerfile.lineage
    guard let last = dockerfile.stages.last, let base = lineage.last?.base?.lowercased() else { return nil }
    let instructions = lineage.flatMap(\.instructions)
    // A stage that starts nothing holds files for others.
    guard instructions.contains(where: { $0.name == "CMD" || $0.name == "ENTRYPOINT" }) else { return nil }
    if instructions.contains(where: { stepsDown($0.text) }) || startStepsDown(dockerfile, context) { return nil }
    for stage in lineage {
      guard let user = stage.instructions.last(where: { $0.name == "USER" }) else { continue }
      let name = user.text.split(separator: ":").first.map(String.init) ?? ""
      if name == "root" || name == "0" { return ("the image ends as root", dockerfile.place(user)) }
      return nil
    }
    if safe.contains(where: { base.contains($0) }) { return nil }
    return ("the image has no USER, and runs as root", dockerfile.place(last.from))
  }

  private static func stepsDown(_ text: String) -> Bool {
    [
      "gosu", "su-exec", "setpriv", "runuser", "s6-setuidgid", "chpst", "tini-user", "sudo -u", "--userspec", "--chuid",
      "su -s ", "su -c ", "su - ",
    ].contains { text.contains($0) }
  }

  /// Whether what the image starts becomes somebody else: `rspamd -u _rspamd`, or a script of the tree that does.
  private static func startStepsDown(_ dockerfile: Dockerfile, _ context: AuditContext) -> Bool {
    let words = dockerfile.lineage.flatMap(\.instructions).filter { $0.name == "CMD" || $0.name == "ENTRYPOINT" }
      .flatMap { $0.text.split { " []\",'".contains($0) }.map(String.init) }
    for (option, name) in zip(words, words.dropFirst()) where ["-u", "--user", "--uid"].contains(option) {
      if name != "root", name != "0", name.first.map({ $0.isLetter || $0 == "_" || $0.isNumber }) ?? false {
        return true
      }
    }
    return words.contains { word in
      let name = word.split(separator: "/").last.map(String.init) ?? word
      return context.tree.files(named: name).contains { file in
        file.language != .dockerfile
          && (context.tree.text(file).map { stepsDown(String(decoding: $0.bytes, as: UTF8.self)) } ?? false)
      }
    }
  }

  /// Whether an image is one that serves. What builds, packs or tests in a container is thrown away with it, and as root it has nothing
  /// that it could lose.
  private static func isService(_ start: String, _ file: TreeFile) -> Bool {
    let own: [Substring] = [file.name, file.directory.split(separator: "/").last ?? ""]
    let isTool = own.contains { part in
      part.lowercased().split { !$0.isLetter && !$0.isNumber }.contains {
        ["builder", "buildenv", "prebuilt", "toolchain", "android", "ios", "make", "toolbox", "ci", "lint"].contains($0)
      }
    }
    if isTool { return false }
    // What only sleeps is a place to build or to look around in.
    if start.contains("/dev/null") || start.contains("infinity") { return false }
    let words = start.lowercased().split { " []\",'".contains($0) }.map(String.init)
    let shells: Set<String> = [
      "sh", "/bin/sh", "bash", "/bin/bash", "-c", "exec", "&&", "npm", "yarn", "pnpm", "run", "./",
    ]
    // The last of several commands is the one that stays.
    let last = words.split(separator: "&&").last.map(Array.init) ?? []
    guard let program = last.first(where: { !shells.contains($0) }) else { return true }
    let name = program.split(separator: "/").last.map(String.init) ?? program
    if ["sleep", "make", "true", "pytest", "cypress", "playwright"].contains(name) { return false }
    if [".apk", ".deb", ".rpm", ".zip", ".tar", ".gz", ".jar.original"].contains(where: name.hasSuffix) {
      return false
    }
    let builds: Set<Substring> = ["build", "package", "compile", "lint", "test"]
    let stem = name.split { "._-:".contains($0) }
    return !(stem.first.map(builds.contains) ?? false)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "Dockerfile:3:1", "api/Dockerfile:4:1", "k8s/x.yaml:7:37",
      in: [
        "Dockerfile":
          "FROM node:22 AS build\nUSER node\nFROM node:22-slim\nCOPY --from=build /app /app\nCMD [\"node\", \"/app\"]\n",
        "api/Dockerfile": "FROM python:3.12\nUSER app\nRUN true\nUSER root\nENTRYPOINT [\"python\", \"-m\", \"api\"]\n",
        "k8s/x.yaml": """
        apiVersion: v1
        kind: Pod
        spec:
          containers:
            - name: x
              image: acme/x:1.0
              securityContext: { runAsUser: 0 }
        """,
      ], "a USER in another stage, root again, a pod"),
    .finds(
      "a/Dockerfile.api:1:1", "a/Dockerfile.web:1:1", "b/Dockerfile:1:1", "b/Dockerfile.by-hand:2:1",
      "c/api.Dockerfile:1:1",
      in: [
        "a/Dockerfile.api": "FROM golang:1.24\nCMD [\"/api\"]\n",
        "a/Dockerfile.web": "FROM golang:1.24\nCMD [\"/web\"]\n",
        ".github/workflows/a.yml":
          "on: push\njobs:\n  a:\n    steps:\n      - run: docker build -f a/Dockerfile.api . && docker build -f a/Dockerfile.web .\n",
        "b/Dockerfile": "FROM golang:1.24\nCMD [\"/b\"]\n",
        "b/Dockerfile.by-hand": "# docker build -f b/Dockerfile.by-hand .\nFROM golang:1.24\nCMD [\"/b\"]\n",
        "compose.yml": "services:\n  b: { build: ./b }\n",
        "c/api.Dockerfile": "FROM golang:1.24\nCMD [\"/c\"]\n",
      ], "each of them built, one by hand, one that nobody builds and that has none beside it"),
    .finds(
      "Dockerfile.api:1:1", "Dockerfile.web:1:1",
      in: [
        "Dockerfile.api": "FROM golang:1.24\nCMD [\"/api\"]\n",
        "Dockerfile.web": "FROM golang:1.24\nCMD [\"/web\"]\n",
        "Makefile": "api:\n\tdocker build -f Dockerfile.api .\n\nall:\n\tdocker build -f Dockerfile.$(part) .\n",
      ], "a name that is put together"),
    .silent(
      "left behind beside the one that is built",
      [
        "Dockerfile": "FROM golang:1.24\nUSER 1000\nCMD [\"/api\"]\n",
        "Dockerfile.simple": "FROM golang:1.24\nCMD [\"/api\"]\n",
        "compose.yml": "services:\n  api: { build: { context: . } }\n",
        "web/Dockerfile.web": "FROM golang:1.24\nUSER 1000\nCMD [\"/web\"]\n",
        "web/Dockerfile.old": "FROM golang:1.24\nCMD [\"/web\"]\n", ".dockerignore": "Dockerfile*\n",
        "build.sh": "docker build -f web/Dockerfile.web web\n",
      ]),
    .silent(
      "a USER, inherited, named by an argument, a base without root, one that steps down",
      [
        "a/Dockerfile": "FROM node:22 AS base\nUSER node\nFROM base\nCMD [\"node\", \"x\"]\n",
        "b/Dockerfile": "FROM node:22\nARG UID=1000\nUSER ${UID}\nCMD [\"node\", \"x\"]\n",
        "c/Dockerfile": "FROM gcr.io/distroless/static:nonroot\nENTRYPOINT [\"/x\"]\n",
        "d/Dockerfile": "FROM debian:12\nRUN apt-get install -y gosu\nENTRYPOINT [\"/entry.sh\"]\n",
        "e/Dockerfile": "FROM nginx:1.27\nCOPY dist /usr/share/nginx/html\nCMD [\"nginx\"]\n",
        "mf/Dockerfile": "FROM debian:12\nCMD [\"mailfilter\", \"-f\", \"-u\", \"_mail\"]\n",
        "st/Dockerfile": "FROM debian:12\nCOPY h/start-h.sh /\nENTRYPOINT [\"/start-h.sh\"]\n",
        "st/start-h.sh": "#!/bin/sh\nchown -R app /data\nexec su-exec app /usr/bin/serve\n",
        "dev/web.Dockerfile": "FROM node:22\nCMD [\"pnpm\", \"run\", \"dev\"]\n",
        "back/Dockerfile": "FROM python:3.13\nCMD python manage.py runserver 0.0.0.0:8000\n",
        "f/Dockerfile": "FROM scratch\nCOPY out /\n",
        "src/cart/Dockerfile": "FROM node:22\nCMD [\"node\", \"x\"]\n",
        "k8s/cart.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  securityContext: { runAsUser: 1000 }\n  containers:\n    - name: s\n      image: acme/cart:1\n",
        "packaging/deb/Dockerfile": "FROM golang:1.24 AS build\nCMD [\"/src/packaging/deb/build.sh\"]\n",
        "prebuilt-base/Dockerfile": "FROM node:22 AS base\nRUN npm ci\nCMD [\"sleep\", \"60s\"]\n",
        "phone/Dockerfile": "FROM scratch\nCOPY app.apk /\nENTRYPOINT [\"/app.apk\"]\n",
        "docker/php/Dockerfile": "FROM debian:12\nRUN pecl install xdebug-3.5.1 && enable xdebug\nCMD [\"php-fpm\"]\n",
        "OrderService/Dockerfile": "FROM golang:1.24\nCMD [\"/orders\"]\n",
        "k8s/orders.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  securityContext: { runAsUser: 65534 }\n  containers:\n    - name: s\n      image: acme/order-service:1\n",
        "docker/Dockerfile.make": "FROM golang:1.24\nENTRYPOINT [\"/bin/sh\"]\n",
        "Dockerfile.j2": "FROM {{ image }}\nCMD [\"node\", \"x\"]\n",
        "h/Dockerfile": "FROM golang:1.24\nCMD [\"sleep\", \"infinity\"]\n",
        "Dockerfile.cypress": "FROM cypress/included:14.0.0\nENTRYPOINT [\"cypress\", \"run\"]\n",
        "Dockerfile.dev": "FROM node:22\nCMD [\"npm\", \"run\", \"dev\"]\n",
        "k8s/x.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  securityContext: { runAsNonRoot: false }\n  containers:\n    - name: x\n      image: a/x:1\n      securityContext: { runAsNonRoot: true, runAsUser: 1000 }\n",
      ]),
  ]
}
