package dev.patronus.role;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Which groups of this machine have which role: the setting `roles`.
///
/// Immutable. Without entries nothing is restricted beyond the rights of files.
///
/// @param byGroup the role of each group, by its name or number
public record Roles(Map<String, Role> byGroup) {
  /// No role is required of anybody.
  public static final Roles NONE = new Roles(Map.of());

  private static final Optional<Role> VIEWER = Optional.of(Role.VIEWER);

  /// The group of root.
  private static final long ROOT = 0;

  /// The names that groupadd(8) permits, those of directory services, and numbers.
  private static final Pattern GROUP =
      Pattern.compile("[\\p{Alnum}_][\\p{Alnum}_.@\\\\-]{0,62}\\$?");

  public Roles {
    byGroup = Map.copyOf(byGroup);
  }

  /// Reads `admin:netadmin,sudo operator:noc viewer:staff`.
  ///
  /// @throws IllegalArgumentException that says what is wrong
  public static Roles parse(String text) {
    Map<String, Role> byGroup = new LinkedHashMap<>();
    for (String entry : text.strip().split("\\s+", -1)) {
      int colon = entry.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException(
            "expected ROLE:GROUP,GROUP, as in admin:netadmin operator:noc, was '" + entry + "'");
      }
      Role role = role(entry.substring(0, colon));
      for (String group : entry.substring(colon + 1).split(",", -1)) {
        if (!GROUP.matcher(group).matches()) {
          throw new IllegalArgumentException("no name of a group: '" + group + "' in " + entry);
        }
        if (byGroup.put(group, role) != null) {
          throw new IllegalArgumentException("the group '" + group + "' has two roles");
        }
      }
    }
    return new Roles(byGroup);
  }

  private static Role role(String word) {
    for (Role role : Role.values()) {
      if (role.word().equals(word)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "no role '" + word + "'; there are viewer, operator and admin");
  }

  /// Whether nothing is restricted.
  public boolean isEmpty() {
    return byGroup.isEmpty();
  }

  /// The highest role of a user; empty if they have none.
  ///
  /// Root is an admin, unless the group of root has a role here. Where no group is a viewer,
  /// everybody is one.
  ///
  /// @param groupId finds the number of a group by its name or number; empty if there is none
  public Optional<Role> of(Caller caller, Function<String, OptionalLong> groupId) {
    if (isEmpty()) {
      return Optional.of(Role.ADMIN);
    }
    Optional<Role> highest = byGroup.containsValue(Role.VIEWER) ? Optional.empty() : VIEWER;
    boolean rootListed = false;
    for (Map.Entry<String, Role> entry : byGroup.entrySet()) {
      OptionalLong id = groupId.apply(entry.getKey());
      rootListed |= id.isPresent() && id.getAsLong() == ROOT;
      boolean member = id.isPresent() && caller.groupIds().contains(id.getAsLong());
      if (member && highest.filter(role -> role.compareTo(entry.getValue()) >= 0).isEmpty()) {
        highest = Optional.of(entry.getValue());
      }
    }
    return caller.root() && !rootListed ? Optional.of(Role.ADMIN) : highest;
  }

  /// The groups that this machine does not have, in order.
  ///
  /// @param groupId as in [#of]
  public List<String> unknownGroups(Function<String, OptionalLong> groupId) {
    return byGroup.keySet().stream()
        .filter(group -> groupId.apply(group).isEmpty())
        .sorted()
        .toList();
  }

  /// Why a user is refused; empty if their role is enough.
  ///
  /// @param action what is refused: `site delete`
  /// @param groupId as in [#of]
  public Optional<String> refusal(
      String action, Role required, Caller caller, Function<String, OptionalLong> groupId) {
    Optional<Role> role = of(caller, groupId);
    if (role.filter(had -> had.compareTo(required) >= 0).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        "'"
            + action
            + "' requires the role "
            + required.word()
            + ", and "
            + caller.user()
            + " has "
            + role.map(had -> "the role " + had.word()).orElse("none")
            + " (setting roles)");
  }
}
