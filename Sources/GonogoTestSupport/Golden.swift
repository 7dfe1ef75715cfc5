import Glibc
import GonogoSystem

/// Expected outputs, kept in files beside the tests.
///
/// They are written only under `UPDATE_GOLDENS=1`, and the run that writes them fails, so that no run can both make and
/// believe them.
public enum Golden {
  /// Compares with the golden `name` in the folder `Goldens` beside the calling test file.
  ///
  /// - Returns: what is wrong; `nil` where the bytes are the same.
  public static func mismatch(_ bytes: [UInt8], _ name: String, filePath: String = #filePath) -> String? {
    let folder = FileSystem.join(FileSystem.directory(of: filePath), "Goldens")
    let path = FileSystem.join(folder, name)
    if getenv("UPDATE_GOLDENS").map({ String(cString: $0) }) == "1" {
      do {
        if let old = try? FileSystem.read(path), old == bytes { return nil }
        try FileSystem.makeDirectory(folder)
        try FileSystem.writeAtomically(bytes, to: path)
      } catch { return "the golden \(name) could not be written: \(error)" }
      return "the golden \(name) was written; look at it, and run again without UPDATE_GOLDENS"
    }
    guard let expected = try? FileSystem.read(path) else {
      return "there is no golden \(name); UPDATE_GOLDENS=1 writes it"
    }
    if expected == bytes { return nil }
    let old = expected.split(separator: 0x0A, omittingEmptySubsequences: false)
    let new = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
    func show(_ lines: [ArraySlice<UInt8>]) -> String {
      lines.indices.contains(line) ? String(decoding: lines[line], as: UTF8.self) : "(no such line)"
    }
    return "the golden \(name) differs at line \(line + 1)\nexpected: \(show(old))\nfound:    \(show(new))"
  }
}
