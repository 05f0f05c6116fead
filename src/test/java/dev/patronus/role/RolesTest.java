package dev.patronus.role;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RolesTest {
  private static final Map<String, Long> GROUPS =
      Map.of("root", 0L, "netadmin", 10L, "noc", 20L, "oncall", 21L, "staff", 30L);

  private static OptionalLong id(String group) {
    Long id = GROUPS.get(group);
    return id == null
        ? group.matches("[0-9]+") ? OptionalLong.of(Long.parseLong(group)) : OptionalLong.empty()
        : OptionalLong.of(id);
  }

  private static Optional<Role> of(String roles, Long... groups) {
    return Roles.parse(roles).of(new Caller("ann", false, Set.of(groups)), RolesTest::id);
  }

  private static Optional<Role> ofRoot(String roles) {
    return Roles.parse(roles).of(new Caller("root", true, Set.of(0L)), RolesTest::id);
  }

  @Test
  void a_user_has_the_role_of_their_group() {
    String roles = "admin:netadmin operator:noc,oncall viewer:staff";
    assertEquals(Optional.of(Role.ADMIN), of(roles, 10L));
    assertEquals(Optional.of(Role.OPERATOR), of(roles, 21L));
    assertEquals(Optional.of(Role.VIEWER), of(roles, 30L));
    assertEquals(Optional.empty(), of(roles, 99L));
  }

  @Test
  void of_several_roles_the_highest_counts() {
    assertEquals(
        Optional.of(Role.ADMIN), of("viewer:staff admin:netadmin operator:noc", 30L, 20L, 10L));
    assertEquals(Optional.of(Role.OPERATOR), of("operator:noc viewer:staff", 30L, 20L));
  }

  @Test
  void everybody_is_a_viewer_where_no_group_is() {
    assertEquals(Optional.of(Role.VIEWER), of("admin:netadmin", 99L));
  }

  @Test
  void groups_may_be_numbers() {
    assertEquals(Optional.of(Role.ADMIN), of("admin:4711", 4711L));
  }

  @Test
  void root_is_an_admin_unless_its_group_has_a_role() {
    assertEquals(Optional.of(Role.ADMIN), ofRoot("admin:netadmin viewer:staff"));
    assertEquals(Optional.of(Role.VIEWER), ofRoot("admin:netadmin viewer:root"));
    assertEquals(Optional.of(Role.OPERATOR), ofRoot("admin:netadmin operator:0 viewer:staff"));
  }

  @Test
  void a_group_that_is_not_there_gives_nobody_a_role() {
    assertEquals(Optional.of(Role.VIEWER), of("admin:gone", 10L));
    assertEquals(
        List.of("gone", "lost"),
        Roles.parse("admin:gone,netadmin viewer:lost").unknownGroups(RolesTest::id));
  }

  @Test
  void without_entries_nobody_is_restricted() {
    Caller nobody = new Caller("ann", false, Set.of());
    assertEquals(Optional.of(Role.ADMIN), Roles.NONE.of(nobody, RolesTest::id));
    assertEquals(
        Optional.empty(), Roles.NONE.refusal("site delete", Role.ADMIN, nobody, RolesTest::id));
  }

  @Test
  void a_refusal_says_what_is_required_and_what_the_user_has() {
    Caller ann = new Caller("ann", false, Set.of(20L));
    assertEquals(
        Optional.of(
            "'site delete' requires the role admin, and ann has the role operator (setting roles)"),
        Roles.parse("operator:noc").refusal("site delete", Role.ADMIN, ann, RolesTest::id));
    assertEquals(
        Optional.of("'stats' requires the role viewer, and ann has none (setting roles)"),
        Roles.parse("viewer:staff").refusal("stats", Role.VIEWER, ann, RolesTest::id));
    assertEquals(
        Optional.empty(),
        Roles.parse("operator:noc").refusal("alert test", Role.OPERATOR, ann, RolesTest::id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "admin",
        "admin:",
        ":x",
        "root:admin",
        "Admin:x",
        "admin:x,",
        "admin:a operator:a",
        "admin:a b",
        "admin:-x",
        "admin:a;b",
        "admin : x"
      })
  void what_is_no_mapping_is_refused(String text) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> Roles.parse(text));
    assertTrue(refusal.getMessage().length() > 10, refusal::getMessage);
  }
}
