// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Every Swift target: Swift 6 language mode, no implicit existentials, no warning left standing. MemberImportVisibility is
/// left off: C headers that several modules include (`timespec`, `pthread_attr_t`) would belong to one module in a debug
/// build and to another in a release build.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// The manual in each probe's folder is no source; listed by looking, so that a new probe needs no line here.
let probes = "\(Context.packageDirectory)/Sources/GonogoProbes"
let manuals = ((try? FileManager.default.contentsOfDirectory(atPath: probes)) ?? []).map { "\($0)/README.md" }
  .filter { FileManager.default.fileExists(atPath: "\(probes)/\($0)") }.sorted()

// pkgConfig is given only where the headers are not in the compiler's own search path; elsewhere the module map's
// `link` suffices, and SwiftPM prints no "prohibited flag(s)" warnings.
let package = Package(
  name: "gonogo",
  products: [.executable(name: "gonogo", targets: ["gonogo"])],
  targets: [
    // C libraries from Debian: a module map and a shim each, nothing else.
    .systemLibrary(name: "CCMark", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CJQ", providers: [.apt(["libjq-dev"])]),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPGQuery", providers: [.apt(["libpg-query-dev"])]),
    .systemLibrary(name: "CMHD", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CSystem"),

    // The words and the rules: checklist, plan, run, verdict, evidence. Pure: no C, no files, no clock of its own.
    .target(name: "GonogoCore", swiftSettings: strict),
    // The machine: files, processes, threads, signals, clocks, digests, patterns, jq.
    .target(
      name: "GonogoSystem", dependencies: ["CSystem", "COpenSSL", "CPCRE2", "CJQ", "GonogoCore"], swiftSettings: strict),
    // Markdown and YAML to a Checklist, with exact columns; ticking a box.
    .target(
      name: "GonogoDocument", dependencies: ["CCMark", "CYAML", "GonogoCore", "GonogoSystem"], swiftSettings: strict),
    // One folder a probe, and BuiltinProbes.swift, the one list.
    .target(
      name: "GonogoProbes",
      dependencies: [
        "CCurl", "CPQ", "CHiredis", "COpenSSL", "CSystem", "GonogoCore", "GonogoSystem", "GonogoDocument",
      ],
      exclude: manuals, swiftSettings: strict),
    // What is true of a repository: its tree, what is in it, and a rule a file. BuiltinRules.swift is the one list.
    .target(
      name: "GonogoAudit",
      dependencies: ["CPGQuery", "CSystem", "GonogoCore", "GonogoSystem", "GonogoDocument", "GonogoProbes"],
      swiftSettings: strict),
    // From prose to bindings: reads any checklist, and proposes for each line what could look at it.
    .target(
      name: "GonogoBind",
      dependencies: ["CCMark", "GonogoCore", "GonogoSystem", "GonogoDocument", "GonogoProbes", "GonogoAudit"],
      swiftSettings: strict),
    // The evidence store.
    .target(name: "GonogoStore", dependencies: ["CSQLite", "GonogoCore", "GonogoSystem"], swiftSettings: strict),
    // A run told in a format: text, JSON, JUnit, TAP, SARIF, GitHub, Markdown, HTML.
    .target(name: "GonogoReport", dependencies: ["GonogoCore"], swiftSettings: strict),
    // An HTTP/1.1 server over libmicrohttpd: the Testbed now, the control room later.
    .target(
      name: "GonogoServer", dependencies: ["CMHD", "CSystem", "GonogoCore", "GonogoSystem"], swiftSettings: strict),
    // Marked sources, goldens, loopback peers, ephemeral PostgreSQL and Redis.
    .target(
      name: "GonogoTestSupport",
      dependencies: ["COpenSSL", "CSystem", "GonogoCore", "GonogoSystem", "GonogoDocument", "GonogoProbes"],
      swiftSettings: strict),
    // The command line.
    .executableTarget(
      name: "gonogo",
      dependencies: [
        "GonogoCore", "GonogoSystem", "GonogoDocument", "GonogoProbes", "GonogoAudit", "GonogoBind", "GonogoStore",
        "GonogoReport",
      ],
      swiftSettings: strict),

    // The Owner Cabinet's stand-in, with its fault switches.
    .executableTarget(
      name: "testbed",
      dependencies: ["CPQ", "CHiredis", "CCurl", "GonogoCore", "GonogoSystem", "GonogoServer"],
      path: "Testbed/OwnerCabinet", exclude: ["Migrations"], swiftSettings: strict),

    .testTarget(
      name: "GonogoCoreTests", dependencies: ["GonogoCore", "GonogoSystem", "GonogoDocument", "GonogoTestSupport"],
      swiftSettings: strict),
    .testTarget(name: "GonogoSystemTests", dependencies: ["GonogoSystem", "GonogoTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "GonogoDocumentTests", dependencies: ["GonogoDocument", "GonogoTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "GonogoProbesTests", dependencies: ["GonogoProbes", "GonogoDocument", "GonogoTestSupport"],
      exclude: ["Isolation/Corpus"], swiftSettings: strict),
    .testTarget(
      name: "GonogoAuditTests", dependencies: ["GonogoAudit", "GonogoReport", "GonogoTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GonogoBindTests",
      dependencies: [
        "GonogoBind", "GonogoCore", "GonogoDocument", "GonogoProbes", "GonogoSystem", "GonogoTestSupport",
      ],
      swiftSettings: strict),
    .testTarget(name: "GonogoStoreTests", dependencies: ["GonogoStore", "GonogoTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "GonogoReportTests", dependencies: ["GonogoReport", "GonogoTestSupport"], exclude: ["Goldens"],
      swiftSettings: strict),
    .testTarget(
      name: "GonogoServerTests", dependencies: ["CSystem", "GonogoCore", "GonogoServer", "GonogoTestSupport"],
      swiftSettings: strict),
    // The built binary, as a user meets it.
    .testTarget(
      name: "ScenarioTests", dependencies: ["gonogo", "testbed", "GonogoCore", "GonogoSystem", "GonogoTestSupport"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
