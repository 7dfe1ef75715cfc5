/// Objects of Kubernetes, in documents that speak of it.
enum Kubernetes {
  static let recogniser = Recogniser(
    "kubernetes", probes: ["command"],
    manual: """
      In a document that speaks of Kubernetes: resource requests and limits, probes, replicas, autoscalers, disruption budgets, network policies, roles, ingresses and their TLS,
      services, certificates, volumes, namespaces, secrets by name, images without `latest`, containers that are not root, and pods by name ("django-* (3 pods)", "redis-0, redis-1").
      Each is asked for with `kubectl get -o json` in the namespace that the document's commands name, else in `${namespace}`. Nothing is changed.
      """,
    samples: [
      Recogniser.Sample(
        "Kubernetes.\n\n- [ ] API runs with resource requests and limits.",
        #"""
        command: { run: [kubectl, get, "pods", -n, "${namespace}", -o, json] }
        expect: { exit: 0 }
        jq: '[.json.items[].spec.containers[]] | length >= 1 and all(.[]; .resources.requests != null and .resources.limits != null)'
        """#),
      Recogniser.Sample(
        "`kubectl get svc -n shop`\n\n- [ ] Production values enable HPA and PodDisruptionBudget.",
        #"""
        command: kubectl get hpa -n shop -o json
        expect: { exit: 0 }
        jq: '.json.items | length >= 1'
        """#,
        #"""
        command: kubectl get pdb -n shop -o json
        expect: { exit: 0 }
        jq: '.json.items | length >= 1'
        """#),
      Recogniser.Sample(
        "`kubectl get svc -n shop`\n\n- ✅ Network policies (all 18 policies)",
        #"""
        command: kubectl get networkpolicies -n shop -o json
        expect: { exit: 0 }
        jq: '.json.items | length >= 18'
        """#),
      Recogniser.Sample(
        "`kubectl get svc -n shop`\n\nAll pods should be running:\n- ✅ django-* (3 pods)",
        #"""
        command: kubectl get pods -n shop -o json
        expect: { exit: 0 }
        jq: '[.json.items[] | select(.status.phase == "Running" and all(.status.containerStatuses[]?; .ready)) | .metadata.name | select(startswith("django-"))] | length >= 3'
        """#),
      Recogniser.Sample(
        "`kubectl get svc -n shop`\n\nAll pods should be running:\n- ✅ redis-0, redis-1, redis-2",
        #"""
        command: kubectl get pods -n shop -o json
        expect: { exit: 0 }
        jq: '[.json.items[] | select(.status.phase == "Running" and all(.status.containerStatuses[]?; .ready)) | .metadata.name] | any(.[]; endswith("redis-0")) and any(.[]; endswith("redis-1")) and any(.[]; endswith("redis-2"))'
        """#),
      Recogniser.Sample(
        "`kubectl get svc -n shop`\n\n1. ✅ Deploys Django application (3 replicas)",
        #"""
        command: kubectl get deployments,statefulsets -n shop -o json
        expect: { exit: 0 }
        jq: '[.json.items[] | select(.metadata.name | test("django")) | .status.readyReplicas // 0] | length >= 1 and max >= 3'
        """#),
    ],
    lookalikes: [
      "- [ ] Resource limits", "Kubernetes.\n\n- [ ] Kubernetes RBAC is reviewed for least privilege.",
      "Kubernetes.\n\n- [ ] The team knows about ingress", "Kubernetes.\n\n- [ ] Autoscaling is considered",
      "Kubernetes.\n\n- [ ] Pods restarted by hand",
    ]
  ) { line, context in
    guard line.isItem || line.kind == .heading, isMeant(context), !line.says(other),
      !line.says(Reservations.thought)
    else { return nil }
    if let draft = podsByName(line, context) { return draft }
    let made = claims.filter { line.says($0.phrase) && !($0.except.map(line.says) ?? false) }
    if !made.isEmpty {
      return Draft(
        blocks: made.map { get($0.kinds, "'\(query($0, line))'", context) }, confidence: .medium,
        reason: made.map(\.reason).joined(separator: "; ") + ", by the cluster itself")
    }
    return workload(line, context)
  }

  /// Whether the document is of something that runs in Kubernetes.
  static func isMeant(_ context: BindContext) -> Bool {
    context.mentions(tools) || context.mentions(named) && !context.mentions(compose)
  }
  private static let tools = Phrase(
    #"\bkubectl\b|\bk3s\b|\bhelm (renders|install|upgrade|template|chart|release)|\bHPA\b|pod ?disruption ?budget|\bEKS\b|\bGKE\b|network polic"#
  )
  private static let named = Phrase(#"kubernetes|\bk8s\b"#)
  private static let compose = Phrase(#"docker[- ]compose"#)

  static func get(_ kinds: String, _ query: String, _ context: BindContext) -> String {
    let names = Set(namespace.all(in: context.text).compactMap { $0[1] })
    let call =
      names.count == 1
      ? "command: kubectl get \(kinds) -n \(names.first ?? "") -o json"
      : "command: { run: [kubectl, get, \"\(kinds)\", -n, \"${namespace}\", -o, json] }"
    return "\(call)\nexpect: { exit: 0 }\njq: \(query)"
  }

  private static func query(
    _ claim: (phrase: Phrase, except: Phrase?, kinds: String, query: String, reason: String), _ line: ChecklistLine
  ) -> String {
    if claim.query == some, let count = counted.group(1, in: line.text) { return ".json.items | length >= \(count)" }
    return claim.query
  }

  /// `django-* (3 pods)`, `redis-0, redis-1`: where the line or what is around it speaks of pods.
  private static func podsByName(_ line: ChecklistLine, _ context: BindContext) -> Draft? {
    guard line.says(pods) || Phrase(#"\bpods?\b"#).isFound(in: line.near), let head = listed.group(1, in: line.text)
    else { return nil }
    let names = head.split(separator: ",").map { Inline.trimmed(String($0)) }.filter(podName.isFound)
    guard !names.isEmpty else { return nil }
    let ready =
      #"select(.status.phase == "Running" and all(.status.containerStatuses[]?; .ready)) | .metadata.name"#
    if names.count == 1, let name = names.first {
      let stem = name.hasSuffix("*") ? String(name.dropLast()) : name
      let count = number.group(1, in: line.text) ?? "1"
      return Draft(
        get("pods", "'[.json.items[] | \(ready) | select(startswith(\"\(stem)\"))] | length >= \(count)'", context),
        confidence: .high, reason: "so many pods of that name run and are ready")
    }
    let all = names.map { "any(.[]; endswith(\"\($0)\"))" }.joined(separator: " and ")
    return Draft(
      get("pods", "'[.json.items[] | \(ready)] | \(all)'", context), confidence: .high,
      reason: "each pod that the line names runs and is ready")
  }

  /// "Deploys Django application (3 replicas)".
  private static func workload(_ line: ChecklistLine, _ context: BindContext) -> Draft? {
    guard let name = deployed.group(1, in: line.text)?.lowercased(), !common.isFound(in: name) else { return nil }
    let stem = name == "postgresql" ? "postgres|pg|db" : name
    let replicas = number.group(1, in: line.text) ?? "1"
    return Draft(
      get(
        "deployments,statefulsets",
        "'[.json.items[] | select(.metadata.name | test(\"\(stem)\")) | .status.readyReplicas // 0] | length >= 1 and max >= \(replicas)'",
        context), confidence: .medium, reason: "a workload whose name has the word has so many ready replicas")
  }

  private static let namespace = Phrase(#"(?:-n|--namespace)[ =]([a-z0-9][a-z0-9-]*)"#)
  private static let other = Phrase(#"reviewed|documented|runbook|troubleshoot|restarted|script|guide|\bwill\b"#)
  private static let pods = Phrase(#"\bpods?\b"#)
  private static let listed = Phrase(
    #"^((?:[a-z0-9][a-z0-9-]*-(?:\*|\d+|[a-z0-9-]+)|[a-z0-9-]+\*)(?:,\s*[a-z0-9][a-z0-9-]*)*)(?:\s*\(|$)"#)
  private static let podName = Phrase(#"^[a-z0-9][a-z0-9-]*\*?$"#)
  private static let number = Phrase(#"(\d+)\s*(?:pods?|replicas?|instances?)\b"#)
  private static let counted = Phrase(#"\b(\d+)\s+(?:\w+ )?polic"#)
  private static let deployed = Phrase(
    #"^(?:deploys?|deployed|start|starts)\s+(?:the )?([a-z][a-z0-9]+)\b(?=.*(?:cluster|application|workers?|pods?|replicas?|$))"#
  )
  private static let common = Phrase(
    #"^(everything|all|the|new|code|application|app|to|on|in|production|staging|backend|frontend|script|with|via|using|and|monitoring)$"#
  )

  private static let some = ".json.items | length >= 1"
  private static let containers = "[.json.items[].spec.containers[]] | length >= 1 and all(.[]; "
  private static let templates = "[.json.items[].spec.template.spec.containers[]] | length >= 1 and all(.[]; "
  private static let claims: [(phrase: Phrase, except: Phrase?, kinds: String, query: String, reason: String)] = [
    (
      Phrase(
        #"resource (requests|limits|quotas?)|requests (and|&|/) limits|(cpu|memory) (requests|limits)|лимиты ресурсов"#),
      nil,
      "pods", containers + ".resources.requests != null and .resources.limits != null)",
      "every container has requests and limits"
    ),
    (
      Phrase(#"\bprobes? (are |is )?passing|pods (are |is )?(running|ready|healthy)"#), nil, "pods",
      KubernetesQueries.pods,
      "every pod runs and is ready"
    ),
    (
      Phrase(#"(liveness|readiness|health)( and readiness| and liveness)?( checks?| probes?)"#), Phrase(#"passing"#),
      "deployments,statefulsets", templates + ".readinessProbe != null and .livenessProbe != null)",
      "every container has a readiness and a liveness probe"
    ),
    (Phrase(#"\bhpa\b|horizontal ?pod ?autoscal\w*|auto-?scaling"#), nil, "hpa", some, "there is an autoscaler"),
    (Phrase(#"\bpdb\b|pod ?disruption ?budgets?"#), nil, "pdb", some, "there is a disruption budget"),
    (Phrase(#"network polic(y|ies)"#), nil, "networkpolicies", some, "there are network policies"),
    (
      Phrase(#"\bingress\b.*\b(tls|ssl|https)\b|\b(tls|ssl|https)\b.*\bingress\b"#), nil, "ingress",
      "[.json.items[]] | length >= 1 and all(.[]; (.spec.tls // []) | length >= 1)", "every ingress has TLS"
    ),
    (
      Phrase(#"\bingress\b.*(configur|defin|deployed|created|rules)|(configures?|creates?) ingress"#),
      Phrase(#"\b(tls|ssl|https)\b"#), "ingress", some, "there is an ingress"
    ),
    (
      Phrase(
        #"\brbac\b( permissions| roles| rules)?( are| is)?( configured| defined| in place| enabled)?$|role bindings"#),
      nil, "roles,rolebindings",
      #"[.json.items[].kind] | index("Role") != null and index("RoleBinding") != null"#,
      "there are roles, and they are bound"
    ),
    (
      Phrase(#"^(kubernetes )?services? (definitions?|objects?|manifests?)|services (are )?(created|exposed|defined)"#),
      nil, "services", some,
      "there is a service"
    ),
    (
      Phrase(
        #"cert-manager|certificate (auto-?)?renewal|(automatic|auto) (ssl|tls) certificate|certificates? (is |are )?(ready|issued)"#
      ), nil,
      "certificates", KubernetesQueries.certificates, "cert-manager keeps every certificate ready"
    ),
    (
      Phrase(#"(persistent volumes?|pvcs?|persistent volume claims?)\b.*(bound|configured|created|provisioned)"#), nil,
      "pvc",
      #"[.json.items[].status.phase] | length >= 1 and all(.[]; . == "Bound")"#, "every claim is bound"
    ),
    (
      Phrase(
        #"(image|container) tags?\b.*(immutable|pinned|not latest|specific|fixed)|\b(no|not|never|avoid)\b.*:?latest\b.*(tag|image)?|images? (are |is )?pinned"#
      ), nil, "pods",
      containers + #"(.image | test("@sha256:") or (test(":[^/]+$") and (endswith(":latest") | not))))"#,
      "every image has a tag that is not latest, or a digest"
    ),
    (
      Phrase(#"(containers?|pods?) (run|running|runs) as non-?root|non-?root (containers?|user)|runasnonroot"#), nil,
      "pods",
      "[.json.items[]] | length >= 1 and all(.[]; .spec.securityContext.runAsNonRoot == true or all(.spec.containers[]; .securityContext.runAsNonRoot == true))",
      "no container may run as root"
    ),
    (
      Phrase(#"no privileged (containers|pods)|privileged (containers|mode) (disabled|not)"#), nil, "pods",
      containers + ".securityContext.privileged != true)", "no container is privileged"
    ),
    (
      Phrase(#"read-?only root ?file ?system"#), nil, "pods",
      containers + ".securityContext.readOnlyRootFilesystem == true)",
      "no container may write to its root"
    ),
    (
      Phrase(#"(creates?|created) (the )?namespace|namespace (is |has been )?(created|exists)"#), nil,
      "resourcequotas,serviceaccounts",
      some, "the namespace is there, with the account that each has"
    ),
    (
      Phrase(#"(at least|minimum( of)?|multiple|>= ?)\s*\d* ?replicas|replicas? (count )?(>=|at least|set to)"#), nil,
      "deployments", "[.json.items[].status.readyReplicas // 0] | length >= 1 and all(.[]; . >= 2)",
      "every deployment has two ready replicas"
    ),
  ]
}
