import GonogoCore

/// The words of the commands by which containers are asked after their own health: `HEALTHCHECK CMD ./app ping`. What they run ends with the check's own
/// timeout, and serves nobody.
enum HealthCommands: Collector {
  static func collect(in context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for dockerfile in context.facts(Dockerfiles.self) {
      for stage in dockerfile.stages {
        for instruction in stage.instructions where instruction.name == "HEALTHCHECK" {
          // `curl -f http://…/api/health` asks from without: its address names no file.
          for word in instruction.text.split(whereSeparator: { " \t\",[]'".contains($0) })
          where !word.hasPrefix("-") && !word.contains("://") {
            let name = word.split(separator: "/").last ?? ""
            let stem = String(name.prefix { $0 != "." })
            // The server's own file may be asked the same way: only a name that says what it does is a command of its own.
            if ["health", "ping", "probe", "check", "alive", "ready"].contains(where: stem.lowercased().contains) {
              result.insert(stem)
            }
          }
        }
      }
    }
    return result
  }
}
