package dev.patronus.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
  @TempDir private Path folder;

  private HistoryFile history() {
    return HistoryFile.inHome(Map.of("XDG_STATE_HOME", folder.toString()), "/nowhere");
  }

  private Path file() {
    return folder.resolve("patronus/history");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void it_lies_in_the_state_folder_for_its_owner_alone() throws IOException {
    history().append("site list");
    assertEquals("rw-------", mode(file()));
    assertEquals("rwx------", mode(folder.resolve("patronus")));
    assertEquals(List.of("site list"), history().load());
  }

  @Test
  void without_the_variable_or_with_a_relative_one_it_lies_below_the_home() throws IOException {
    HistoryFile.inHome(Map.of("HOME", folder.toString()), "/nowhere").append("a");
    HistoryFile.inHome(Map.of("XDG_STATE_HOME", "relative"), folder.toString()).append("b");
    assertEquals("a\nb\n", Files.readString(folder.resolve(".local/state/patronus/history")));
  }

  @Test
  void one_that_others_could_read_is_closed_to_them() throws IOException {
    history().append("a");
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
    history().load();
    assertEquals("rw-------", mode(file()));
  }

  @Test
  void two_shells_keep_the_lines_of_both() throws IOException {
    HistoryFile one = history();
    HistoryFile two = history();
    one.append("first");
    two.append("second");
    one.append("third");
    assertEquals(List.of("first", "second", "third"), history().load());
  }

  @Test
  void a_line_of_several_lines_comes_back_as_it_was() throws IOException {
    history().append("sql 'select 1,\n  2 \\ 3'");
    assertEquals(List.of("sql 'select 1,\n  2 \\ 3'"), history().load());
  }

  @Test
  void it_stays_small() throws IOException {
    HistoryFile history = history();
    for (int i = 0; i <= 2 * HistoryFile.MOST; i++) {
      history.append("line " + i);
    }
    assertEquals(HistoryFile.MOST, history.load().size());
    List<String> kept = Files.readAllLines(file());
    assertEquals(HistoryFile.MOST, kept.size());
    assertTrue(kept.getLast().endsWith(" " + 2 * HistoryFile.MOST));
    assertEquals("rw-------", mode(file()));
  }

  @Test
  void one_that_remembers_nothing_makes_no_file() throws IOException {
    HistoryFile.none().append("a");
    assertEquals(List.of(), HistoryFile.none().load());
  }
}
