import Glibc
import GonogoCore
import GonogoProbes
import GonogoSystem

/// `gonogo doctor`: what is missing on this machine, and how to install it.
enum DoctorCommand {
  static let command = Command(
    name: "doctor", summary: "tells what is missing on this machine, and how to install it", operands: "", arity: 0...0,
    options: [
      StoreLocation.option,
      OptionSpec("output", short: "o", value: "FORMAT", choices: ["text", "json"], "text (default) or json."),
      DocumentLoader.helpOption,
    ],
    discussion: "Touches no network. Exit status: 0 all is well, 3 something is missing.",
    examples: [("gonogo doctor", "before the first run")], run: { run($0) })

  struct Finding {
    let name: String
    let good: Bool
    let message: String
    let mend: String?
  }

  static func run(_ invocation: Invocation) -> Int32 {
    let findings = programs() + [store(invocation), temporary(), clock(), files(), memory()]
    if invocation.value("output") == "json" {
      Terminal.out(
        JSON.object([
          "schema": "gonogo.doctor/1", "version": .string(GonogoTool.version),
          "findings": .array(
            findings.map {
              [
                "name": .string($0.name), "ok": .bool($0.good), "message": .string($0.message),
                "mend": JSON(orNull: $0.mend),
              ]
            }),
        ]).pretty + "\n")
    } else {
      let style = Style(enabled: ProcessEnvironment.wantsColour(1))
      for finding in findings {
        let word = finding.good ? style.green("ok     ") : style.red("missing")
        Terminal.out("\(word) \(Help.pad(finding.name, 20)) \(finding.message)\n")
        if let mend = finding.mend { Terminal.out("        = mend: \(mend)\n") }
      }
    }
    return findings.allSatisfy(\.good) ? ExitStatus.go : ExitStatus.undecided
  }

  /// The programs that probes run, each once, with the probes that need it.
  private static func programs() -> [Finding] {
    var needs: [(tool: ProbeDescriptor.Tool, probes: [String])] = []
    for type in BuiltinProbes.all {
      for tool in type.descriptor.tools {
        if let index = needs.firstIndex(where: { $0.tool.program == tool.program }) {
          needs[index].probes.append(type.descriptor.name)
        } else {
          needs.append((tool, [type.descriptor.name]))
        }
      }
    }
    return needs.map { tool, probes in
      let path = Subprocess.find(tool.program)
      return Finding(
        name: tool.program, good: path != nil,
        message: path ?? "not on the PATH; needed by \(probes.joined(separator: ", "))",
        mend: path == nil ? tool.install : nil)
    }
  }

  private static func store(_ invocation: Invocation) -> Finding {
    let file = StoreLocation.file(invocation, from: FileSystem.currentDirectory)
    var folder = FileSystem.directory(of: file)
    while !FileSystem.exists(folder), folder != "/", folder != "." { folder = FileSystem.directory(of: folder) }
    let good = FileSystem.isWritable(folder) && (!FileSystem.exists(file) || FileSystem.isWritable(file))
    return Finding(
      name: "evidence store", good: good, message: good ? file : "\(file) cannot be written",
      mend: good ? nil : "make \(folder) writable, or name another place with --store")
  }

  private static func temporary() -> Finding {
    do {
      let path = try FileSystem.makeTemporaryDirectory()
      try FileSystem.remove(path)
      return Finding(name: "temporary files", good: true, message: FileSystem.directory(of: path), mend: nil)
    } catch {
      return Finding(
        name: "temporary files", good: false, message: error.description,
        mend: "set TMPDIR to a folder that may be written")
    }
  }

  /// Certificates, break-glass expiries and ages are judged by this clock.
  private static func clock() -> Finding {
    let now = SystemClock().now()
    let good = now > 1_790_000_000_000  // after the autumn of 2026, when this was written
    return Finding(
      name: "clock", good: good, message: Timestamp.format(now),
      mend: good ? nil : "set the clock, or start an NTP client")
  }

  private static func files() -> Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let good = limit.rlim_cur >= 256
    return Finding(
      name: "open files", good: good, message: "\(limit.rlim_cur) allowed", mend: good ? nil : "ulimit -n 1024")
  }

  private static func memory() -> Finding {
    let text = (try? FileSystem.read("/proc/meminfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") } ?? ""
    let kilobytes = Int(line.filter(\.isNumber)) ?? 0
    let good = kilobytes == 0 || kilobytes > 128 * 1024
    return Finding(
      name: "memory", good: good, message: kilobytes == 0 ? "not known" : "\(kilobytes / 1024) MiB available",
      mend: good ? nil : "free some: a run of many requests needs about 100 MiB")
  }
}
