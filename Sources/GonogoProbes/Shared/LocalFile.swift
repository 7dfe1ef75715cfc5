import Glibc
import GonogoCore
import GonogoSystem

/// Reads whole files for probes, and says in a probe's words why one could not be read.
enum LocalFile {
  /// - Parameters:
  ///   - path: where it is.
  ///   - shown: how the author wrote it.
  /// - Throws: ``ProbeError``: not there, denied, too large, or not a regular file (opening a pipe would wait for ever).
  static func read(_ path: String, shown: String, limit: Int) throws(ProbeError) -> [UInt8] {
    let status: FileSystem.Status
    do throws(SystemError) { status = try FileSystem.status(path) } catch { throw problem(error, shown: shown) }
    if !status.isRegular && !status.isDirectory {
      throw ProbeError(
        .configuration, "\(shown) is not a regular file", asked: "read \(shown)",
        mend: "name a file, not a pipe, socket or device")
    }
    do throws(SystemError) { return try FileSystem.read(path, limit: limit) } catch {
      throw problem(error, shown: shown, limit: limit)
    }
  }

  static func problem(_ error: SystemError, shown: String, limit: Int = 0) -> ProbeError {
    let asked = "read \(shown)"
    if error.isNotFound {
      return ProbeError(
        .missing, "there is no \(shown)", asked: asked, mend: "make it, or correct the path; it starts at the document")
    }
    if error.isDenied {
      return ProbeError(
        .denied, "\(shown) may not be read: \(error.reason)", asked: asked, mend: "run as a user who may read it")
    }
    if error.code == EFBIG {
      return ProbeError(
        .tooLarge, "\(shown) is larger than \(limit >> 20) MiB", asked: asked, mend: "give the probe a smaller file")
    }
    if error.code == EISDIR {
      return ProbeError(
        .configuration, "\(shown) is a directory", asked: asked,
        mend: "name a file in it, or a glob such as \(shown)/**")
    }
    return ProbeError(.unexpected, "cannot \(error.operation) \(shown): \(error.reason)", asked: asked)
  }
}
