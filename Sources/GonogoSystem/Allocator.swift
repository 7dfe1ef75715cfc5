import CSystem

/// The C library's allocator.
public enum Allocator {
  /// Takes memory from the system in steps of so many bytes, and shares it among the threads: arenas of their own grow a
  /// page at a time, a system call each (arena.c, `grow_heap`).
  public static func growInSteps(_ bytes: Int) { gonogo_grow_in_steps(Int32(clamping: bytes)) }

  /// How many bytes at the top of the heap are kept for later instead of being given back to the system; mallopt(3).
  public static func keepFreedMemory(_ bytes: Int) { gonogo_keep_freed_memory(Int32(clamping: bytes)) }
}
