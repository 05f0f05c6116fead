package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.audit.ProcessUser;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PagerTest {
  private static final ProcessUser ROOT = new ProcessUser(0, OptionalLong.empty(), Map.of());
  private static final ProcessUser ADA = new ProcessUser(1000, OptionalLong.empty(), Map.of());
  private static final Map<String, String> HOSTILE =
      Map.of(
          "TERM", "xterm",
          "LANG", "C.UTF-8",
          "PAGER", "sh -c id",
          "LESS", "-oout",
          "LESSOPEN", "|id",
          "LESSCLOSE", "id",
          "LESSHISTFILE", "history",
          "LESSKEY", "keys",
          "PATH", "/tmp/evil",
          "LD_PRELOAD", "evil.so");
  private static final List<String> LESS = List.of("/usr/bin/less", "-F", "-R", "-X");

  private static Pager.Command chosen(Map<String, String> env, ProcessUser user) {
    return Pager.command(env, user, true, Optional.of(Path.of("/usr/bin/less")));
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> env = new TreeMap<>(HOSTILE);
    env.put(name, value);
    return env;
  }

  @Test
  void for_root_it_is_less_that_starts_nothing_whatever_the_environment_says() {
    Map<String, String> secure =
        Map.of(
            "TERM", "xterm",
            "LANG", "C.UTF-8",
            "LESSSECURE", "1",
            "LESSHISTFILE", "-",
            "PATH", "/usr/bin:/bin");
    assertEquals(new Pager.Command(LESS, secure, true), chosen(HOSTILE, ROOT));
    assertEquals(
        new Pager.Command(LESS, secure, true), chosen(with("PATRONUS_PAGER", "vi -"), ROOT));
  }

  @Test
  void who_was_changed_by_sudo_gets_the_same() {
    assertEquals(LESS, chosen(with("SUDO_UID", "1001"), ADA).words());
  }

  @Test
  void others_choose_their_own_and_its_environment() {
    Pager.Command own = chosen(HOSTILE, ADA);
    assertEquals("sh -c id", own.words().getLast());
    assertEquals(HOSTILE, own.env());
    assertEquals("most", chosen(with("PATRONUS_PAGER", " most "), ADA).words().getLast());
  }

  @Test
  void who_chose_none_gets_less_that_starts_nothing() {
    Map<String, String> env = new TreeMap<>(HOSTILE);
    env.remove("PAGER");
    assertEquals(LESS, chosen(env, ADA).words());
    assertEquals("1", chosen(env, ADA).env().get("LESSSECURE"));
  }

  @Test
  void an_empty_one_is_none_for_everybody() {
    assertEquals(List.of(), chosen(with("PAGER", ""), ROOT).words());
    assertEquals(List.of(), chosen(with("PATRONUS_PAGER", " "), ADA).words());
  }

  @Test
  void a_terminal_that_cannot_move_its_cursor_is_not_paged_on() {
    assertEquals(List.of(), Pager.command(HOSTILE, ROOT, false, Optional.empty()).words());
  }
}
