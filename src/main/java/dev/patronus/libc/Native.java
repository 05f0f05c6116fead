package dev.patronus.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Foreign-function support of this package: finds the C library's functions and reads `errno`.
///
/// Safe from any thread; a [Call] is confined to one, because `errno` is.
final class Native {

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle STRERROR =
      function("strerror", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  private Native() {}

  /// The function of this name; its handle takes the segment for `errno` first.
  @SuppressWarnings("restricted") // the program is started with native access for its own module
  static MethodHandle withErrno(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  @SuppressWarnings("restricted") // as above
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  /// Where a call leaves its `errno`.
  static MemorySegment errnoIn(Arena arena) {
    return arena.allocate(STATE);
  }

  static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /// What went wrong, in the system's words: `bind: Address already in use`.
  static CallFailed failure(String call, MemorySegment state) {
    return new CallFailed(call + ": " + message(errno(state)), errno(state));
  }

  @SuppressWarnings("restricted") // reads the C string that strerror(3) gives
  private static String message(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /// A method handle threw what no C function throws.
  static AssertionError unexpected(Throwable e) {
    return new AssertionError("a call of the C library failed to be made", e);
  }
}
