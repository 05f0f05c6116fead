package dev.patronus.role;

import java.util.Objects;
import java.util.Set;

/// A user as the kernel names them, and their groups.
///
/// Immutable.
///
/// @param user the name; the number where there is none
/// @param root whether the user id is 0
/// @param groupIds the group of the process, and those of the user in the group database
public record Caller(String user, boolean root, Set<Long> groupIds) {
  public Caller {
    Objects.requireNonNull(user, "user");
    groupIds = Set.copyOf(groupIds);
  }
}
