package dev.patronus.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProcessUserTest {
  private static final Map<Long, String> NAMES = Map.of(0L, "root", 1000L, "ada", 1001L, "boss");
  private static final OptionalLong NOBODY_LOGGED_IN = OptionalLong.empty();

  private static ProcessUser user(long uid, OptionalLong login) {
    return new ProcessUser(uid, login, NAMES);
  }

  private static Map<String, String> sudo(String name, String uid) {
    return Map.of("SUDO_USER", name, "SUDO_UID", uid);
  }

  @Test
  void behind_sudo_is_the_user_whose_number_has_that_name() {
    assertEquals("ada", user(0, NOBODY_LOGGED_IN).person(sudo("ada", "1000")));
  }

  @Test
  void a_sudo_user_of_another_number_or_of_none_is_not_believed() {
    ProcessUser root = user(0, NOBODY_LOGGED_IN);
    assertEquals("root", root.person(sudo("boss", "1000")));
    assertEquals("root", root.person(sudo("boss", "4242")));
    assertEquals("root", root.person(sudo("boss", "")));
    assertEquals("root", root.person(Map.of("SUDO_USER", "boss")));
    assertEquals("root", root.person(Map.of("DOAS_USER", "boss")));
    assertEquals("root", root.person(sudo("boss", "99999999999999999999")));
  }

  @Test
  void who_is_not_root_is_who_the_kernel_says() {
    assertEquals("ada", user(1000, NOBODY_LOGGED_IN).person(sudo("boss", "1001")));
    assertEquals("ada", user(1000, OptionalLong.of(1000)).person(sudo("boss", "1001")));
    assertEquals("ada", user(1000, OptionalLong.of(1000)).person(sudo("boss", "1000")));
    assertEquals("4242", user(4242, OptionalLong.of(4242)).person(sudo("boss", "4242")));
  }

  @Test
  void the_login_is_believed_before_what_the_environment_says() {
    assertEquals("ada", user(0, OptionalLong.of(1000)).person(sudo("boss", "1001")));
    assertEquals("ada", user(0, OptionalLong.of(1000)).person(Map.of()));
    assertEquals("ada", user(1001, OptionalLong.of(1000)).person(sudo("ada", "1000")));
    assertEquals("root", user(0, OptionalLong.of(0)).person(sudo("boss", "1001")));
  }

  @Test
  void a_login_that_only_sudo_has_a_name_for_has_that_name() {
    assertEquals("eva", user(0, OptionalLong.of(7000)).person(sudo("eva", "7000")));
    assertEquals("7000", user(0, OptionalLong.of(7000)).person(Map.of()));
  }

  @Test
  void a_user_without_a_name_is_its_number() {
    assertEquals("12345", user(12_345, NOBODY_LOGGED_IN).person(Map.of()));
  }

  @Test
  void root_and_who_runs_as_somebody_else_are_raised() {
    assertTrue(user(0, NOBODY_LOGGED_IN).isRaised(Map.of()));
    assertTrue(user(1001, NOBODY_LOGGED_IN).isRaised(sudo("ada", "1000")));
    assertTrue(user(1001, NOBODY_LOGGED_IN).isRaised(sudo("ada", "?")));
    assertTrue(user(1001, OptionalLong.of(1000)).isRaised(Map.of()));
    assertFalse(user(1000, OptionalLong.of(1000)).isRaised(Map.of()));
    assertFalse(user(1000, NOBODY_LOGGED_IN).isRaised(sudo("ada", "1000")));
    assertFalse(user(1000, NOBODY_LOGGED_IN).isRaised(Map.of()));
  }
}
