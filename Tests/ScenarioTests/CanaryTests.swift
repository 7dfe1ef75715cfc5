import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// Law 5: secrets go in, never out. Canaries are planted in every way in, and looked for in every way out, the store's own
/// file included, in every encoding.
@Suite struct CanaryTests {
  /// Each its own, so that a leak names its way in.
  static let canaries = [
    "process": "canary-process-7Qx2+/a=b&c",
    "url": "canaryUrlPassw0rd",
    "front": "canary front «matter» 9f8e7d",
    "principal": "canary-principal-\"quoted\"\\back",
    "output": "canary-output-1a2b3c4d5e",
    "file": "canary-file-5e4d3c2b1a",
    "reply": "canary-reply-c00kie-778899",
  ]

  static func encodings(_ text: String) -> [String] {
    Redactor.encodings(of: text).map { String(decoding: $0, as: UTF8.self) }
  }

  static func document(port: Int) -> String {
    """
    ---
    gonogo: 1
    environments:
      test: { core: "http://127.0.0.1:\(port)", database: "${DATABASE_URL}" }
    secrets: { front: "${FRONT_SECRET}" }
    principals:
      alice: { http: { headers: { X-Key: "${PRINCIPAL_KEY}" }, bearer: "${API_TOKEN}" }, vars: { password: "${PRINCIPAL_KEY}" } }
    ---
    # Canaries
    - [ ] **C-0** a program shows the whole environment before any other line has used it
      ```yaml gonogo
      command: env
      expect: { stdout: nothing }
      ```
    - [ ] **C-1** a program prints what it was given, plainly and encoded
      ```yaml gonogo
      command:
        shell: 'echo "$A"; printf %s "user:$A" | base64 -w0; printf %s "$A" | od -An -tx1 | tr -d " \\n"; echo "$B" >&2; exit 3'
        env: { A: "${API_TOKEN}", B: "${front}" }
      expect: { exit: 0, stdout: { contains: "${API_TOKEN}x" } }
      ```
    - [ ] **C-2** a program that is not there is given a secret
      ```yaml gonogo
      command: { run: [gonogo-not-there], stdin: "${API_TOKEN}" }
      expect: { exit: 0 }
      ```
    - [ ] **C-3** a request carries secrets everywhere, and the peer sends them back
      ```yaml gonogo
      http:
        - GET: "${core}/echo?token=${API_TOKEN}"
          as: alice
          headers: { X-Front: "${front}" }
          capture: { session_token: { header: x-echo-key } }
        - POST: ${core}/echo
          json: { password: "${alice.password}", again: "${session_token}" }
          basic: { user: bob, password: "${API_TOKEN}" }
          safe: true
      expect: { status: 999 }
      ```
    - [ ] **C-4** a peer that is not there
      ```yaml gonogo
      http: { GET: "http://bob:${API_TOKEN}@127.0.0.1:1/${front}" }
      expect: { status: 200 }
      ```
    - [ ] **C-5** a database that is not there
      ```yaml gonogo
      postgres: { query: "SELECT $1::text AS secret", parameters: ["${API_TOKEN}"] }
      expect: { value: "${front}" }
      ```
    - [ ] **C-6** an environment file
      ```yaml gonogo
      env: { from: secrets.env, variables: { FILE_SECRET: { type: integer, secret: true } } }
      ```
    - [ ] **C-7** an expectation that names a secret
      ```yaml gonogo
      command: echo hello
      expect: { stdout: "${front}" }
      jq: '.stdout == "x" or error("canary")'
      ```
    - [ ] **C-8** the process environment is not for jq
      ```yaml gonogo
      command: echo hello
      jq: 'error($ENV.API_TOKEN // "nothing")'
      ```
    - [ ] **C-9** a Redis that is not there
      ```yaml gonogo
      redis: { url: "redis://:${API_TOKEN}@127.0.0.1:1/0", command: [GET, "${front}"] }
      expect: { reply: exists }
      ```
    """
  }

  @Test func `no canary comes out of any output, nor out of the store's file`() async throws {
    let directory = try TemporaryDirectory()
    let peer = try EchoPeer()
    defer { peer.stop() }
    try directory.write(Self.document(port: peer.port), to: "GO.md")
    try directory.write("FILE_SECRET=\(Self.canaries["file"] ?? "")\n", to: "secrets.env")
    let environment = [
      "API_TOKEN": Self.canaries["process"] ?? "", "FRONT_SECRET": Self.canaries["front"] ?? "",
      "PRINCIPAL_KEY": Self.canaries["principal"] ?? "",
      "DATABASE_URL": "postgresql://app:\(Self.canaries["url"] ?? "")@127.0.0.1:1/app",
    ]
    let formats = try GonogoBinary.run(["check", "--help"], in: directory.path).output
    let names = [
      "json", "jsonl", "junit", "tap", "sarif", "github", "markdown", "html", "nagios", "prometheus",
    ].filter { formats.contains($0) }
    #expect(names.count >= 8)
    let run = try GonogoBinary.run(
      ["check", "GO.md", "--allow", "writes", "-o", "text"] + names.flatMap { ["-o", "\($0)=report.\($0)"] },
      in: directory.path,
      environment: environment.merging(["GITHUB_STEP_SUMMARY": "\(directory.path)/summary.md"]) { a, _ in a })
    #expect(run.status == 1 || run.status == 3, "\(run.error)")
    // The test can fail: the peer did get the secrets, and did send them back.
    #expect(peer.seen.contains { $0.contains(Self.canaries["principal"] ?? "?") || $0.contains("canary-principal") })

    var outputs: [(String, String)] = [("standard output", run.output), ("standard error", run.error)]
    for arguments in [
      ["plan", "GO.md"], ["plan", "GO.md", "-o", "json"], ["list", "GO.md"], ["show", "latest"],
      ["show", "latest", "C-3"], ["show", "latest", "-o", "json"],
    ] {
      let result = try GonogoBinary.run(arguments, in: directory.path, environment: environment)
      outputs.append((arguments.joined(separator: " "), result.output + result.error))
    }
    for path in try FileSystem.glob("**", in: directory.path) where path != "GO.md" && path != "secrets.env" {
      outputs.append((path, String(decoding: try FileSystem.read("\(directory.path)/\(path)"), as: UTF8.self)))
    }
    #expect(outputs.contains { $0.0.hasPrefix(".gonogo/evidence") })
    for (place, text) in outputs {
      for (way, canary) in Self.canaries {
        for form in Self.encodings(canary) where text.contains(form) {
          Issue.record("the canary of '\(way)' came out at \(place): \(form)")
        }
      }
    }
  }
}
