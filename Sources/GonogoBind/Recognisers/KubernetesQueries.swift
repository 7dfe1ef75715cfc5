/// What `kubectl get KIND -o json` must say for a kind of object to be in order, as jq over the facts of `command`.
enum KubernetesQueries {
  /// Of all objects that were listed.
  static func whole(_ kind: String) -> String {
    switch state(kind) {
    case let query?: query
    case nil: ".json.items | length >= 1"
    }
  }

  static func isState(_ kind: String) -> Bool { state(kind) != nil }

  private static func state(_ kind: String) -> String? {
    switch kind {
    case "pods", "pod", "po":
      pods
    case "nodes", "node", "no":
      #"[.json.items[].status.conditions[] | select(.type == "Ready") | .status] | length >= 1 and all(.[]; . == "True")"#
    case "deployments", "deployment", "deploy", "statefulsets", "statefulset", "sts", "daemonsets", "daemonset", "ds":
      workloads
    case "pvc", "persistentvolumeclaims", "persistentvolumeclaim":
      #"[.json.items[].status.phase] | length >= 1 and all(.[]; . == "Bound")"#
    case "certificates", "certificate", "cert", "certs":
      certificates
    default: nil
    }
  }

  static let pods =
    #"[.json.items[]] | length >= 1 and all(.[]; .status.phase == "Succeeded" or (.status.phase == "Running" and all(.status.containerStatuses[]?; .ready)))"#
  static let workloads =
    #"[.json.items[]] | length >= 1 and all(.[]; (.status.readyReplicas // .status.numberReady // 0) >= (.spec.replicas // .status.desiredNumberScheduled // 1))"#
  static let certificates =
    #"[.json.items[] | [.status.conditions[]? | select(.type == "Ready") | .status][0]] | length >= 1 and all(.[]; . == "True")"#
}
