import CSystem

/// The C library's allocator.
public enum Allocator {
  /// How many bytes at the top of the heap are kept for later instead of being given back to the system; mallopt(3).
  public static func keepFreedMemory(_ bytes: Int) { gonogo_keep_freed_memory(Int32(clamping: bytes)) }
}
