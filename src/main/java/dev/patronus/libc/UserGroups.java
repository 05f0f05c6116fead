package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/// The group database of this machine (getgrouplist(3), getgrnam(3)), whatever it is made of: files
/// or a directory service (nsswitch.conf(5)).
///
/// Safe from any thread.
public final class UserGroups {
  private static final int GROUPS = 64;
  private static final int GROUPS_MAX = 65_536; // NGROUPS_MAX of Linux
  private static final int BUFFER = 1 << 16;

  /// `struct group`: name, password, group id u32, members.
  private static final int STRUCT_SIZE = 32;

  private static final int GID = 16;

  private static final MethodHandle GETGROUPLIST =
      Native.withErrno(
          "getgrouplist", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle GETGRNAM_R =
      Native.withErrno(
          "getgrnam_r",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));

  private UserGroups() {}

  /// The groups of a user, and the one that is given; only that where nobody has the name.
  ///
  /// @param groupId of the process
  public static Set<Long> of(String user, long groupId) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errnoIn(arena);
      MemorySegment name = arena.allocateFrom(user);
      MemorySegment count = arena.allocate(JAVA_INT);
      int result = -1;
      MemorySegment groups = MemorySegment.NULL;
      for (int room = GROUPS; result < 0 && room <= GROUPS_MAX; room *= 4) {
        groups = arena.allocate(JAVA_INT, room);
        count.set(JAVA_INT, 0, room);
        result = (int) GETGROUPLIST.invokeExact(errno, name, (int) groupId, groups, count);
      }
      Set<Long> found = new HashSet<>(Set.of(groupId));
      for (int i = 0; result >= 0 && i < count.get(JAVA_INT, 0); i++) {
        found.add(Integer.toUnsignedLong(groups.getAtIndex(JAVA_INT, i)));
      }
      return found;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /// The number of a group, by its name or number; empty if nobody knows the name.
  public static OptionalLong id(String group) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errnoIn(arena);
      MemorySegment struct = arena.allocate(STRUCT_SIZE, 8);
      MemorySegment found = arena.allocate(ADDRESS);
      int result =
          (int)
              GETGRNAM_R.invokeExact(
                  errno,
                  arena.allocateFrom(group),
                  struct,
                  arena.allocate(BUFFER),
                  (long) BUFFER,
                  found);
      if (result == 0 && found.get(ADDRESS, 0).address() != 0) {
        return OptionalLong.of(Integer.toUnsignedLong(struct.get(JAVA_INT, GID)));
      }
      return group.matches("[0-9]{1,9}")
          ? OptionalLong.of(Long.parseLong(group))
          : OptionalLong.empty();
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
