import GonogoSystem

/// Certificates for tests, by openssl(1): one authority, and whatever it signs.
public final class CertificateForge: Sendable {
  public static let isAvailable = Subprocess.find("openssl") != nil

  /// Files in PEM.
  public struct Identity: Sendable {
    /// The leaf, and what stands between it and the authority.
    public let chain: String
    public let key: String
    public let authority: String
  }

  private let directory: TemporaryDirectory
  public var authority: String { "\(directory.path)/ca.pem" }

  public init() throws {
    directory = try TemporaryDirectory()
    try makeAuthority("ca", subject: "/CN=Test Authority", days: 30)
  }

  private func openssl(_ arguments: [String], input: String = "") throws {
    var process = Subprocess(
      ["openssl"] + arguments, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory.path],
      directory: directory.path)
    process.input = Array(input.utf8)
    let outcome = try process.run(milliseconds: 20_000)
    if outcome.status != 0 {
      throw WatchedServer.Failure(description: "openssl: \(String(decoding: outcome.error, as: UTF8.self))")
    }
  }

  private func makeAuthority(_ name: String, subject: String, days: Int) throws {
    try openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key",
      "-out",
      "\(name).pem", "-subj", subject, "-days", "\(days)", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    ])
  }

  /// A server's certificate.
  ///
  /// - Parameters:
  ///   - days: until it ends; -1 for one that has ended.
  ///   - algorithm: as for `openssl req -newkey`: `ec`, `rsa:2048`, `rsa:1024`.
  ///   - intermediateDays: where given, an intermediate authority of that many days signs it and is part of the chain.
  public func identity(
    _ name: String, names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 20, algorithm: String = "ec",
    selfSigned: Bool = false, intermediateDays: Int? = nil
  ) throws -> Identity {
    let curve = algorithm == "ec" ? ["-pkeyopt", "ec_paramgen_curve:P-256"] : []
    try openssl(
      ["req", "-new", "-newkey", algorithm] + curve + [
        "-nodes", "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/O=Gonogo/CN=\(name)",
      ])
    try directory.write("subjectAltName=\(names)\n", to: "\(name).ext")
    var issuer = "ca"
    if let intermediateDays {
      issuer = "\(name)-middle"
      try openssl([
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(issuer).key",
        "-out", "\(issuer).csr", "-subj", "/CN=\(issuer)",
      ])
      try directory.write("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n", to: "\(issuer).ext")
      try openssl([
        "x509", "-req", "-in", "\(issuer).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
        "\(issuer).pem", "-days", "\(intermediateDays)", "-extfile", "\(issuer).ext",
      ])
    }
    let signer =
      selfSigned
      ? ["-signkey", "\(name).key"] : ["-CA", "\(issuer).pem", "-CAkey", "\(issuer).key", "-CAcreateserial"]
    try openssl(
      ["x509", "-req", "-in", "\(name).csr", "-out", "\(name).pem", "-days", "\(days)", "-extfile", "\(name).ext"]
        + signer)
    var chain = try FileSystem.read("\(directory.path)/\(name).pem")
    if intermediateDays != nil { chain += try FileSystem.read("\(directory.path)/\(issuer).pem") }
    try FileSystem.writeAtomically(chain, to: "\(directory.path)/\(name)-chain.pem")
    return Identity(
      chain: "\(directory.path)/\(name)-chain.pem", key: "\(directory.path)/\(name).key", authority: authority)
  }
}
