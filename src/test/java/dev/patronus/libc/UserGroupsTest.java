package dev.patronus.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.testing.Program;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class UserGroupsTest {

  private static String id(String... options) {
    return Program.of("id", (Object[]) options).run().stdout().strip();
  }

  /// The users of this machine, some of whom may be in several groups.
  @Test
  void a_user_has_the_groups_that_id_shows() throws IOException {
    Tools.require("id");
    for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
      String user = line.substring(0, line.indexOf(':'));
      Set<Long> shown =
          Arrays.stream(id("-G", user).split(" ", -1))
              .map(Long::valueOf)
              .collect(Collectors.toSet());
      assertEquals(shown, UserGroups.of(user, Long.parseLong(id("-g", user))), user);
    }
  }

  @Test
  void a_name_that_nobody_has_leaves_the_group_of_the_process() {
    assertEquals(Set.of(4711L), UserGroups.of("4711", 4711));
    assertEquals(Set.of(4711L), UserGroups.of("no such user", 4711));
  }

  @Test
  void a_group_has_the_number_of_the_database_and_a_number_is_one() {
    assertEquals(OptionalLong.of(0), UserGroups.id("root"));
    assertEquals(OptionalLong.of(8), UserGroups.id("mail"));
    assertEquals(OptionalLong.of(4711), UserGroups.id("4711"));
    assertEquals(OptionalLong.empty(), UserGroups.id("no-such-group"));
    assertEquals(OptionalLong.empty(), UserGroups.id(""));
  }
}
