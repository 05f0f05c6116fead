package dev.patronus.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTargetTest {
  @TempDir Path named;
  private Path folder;
  private Path database;

  @BeforeEach
  void a_database() throws IOException {
    folder = named.toRealPath();
    database = Files.writeString(folder.resolve("a.db"), "SQLite format 3\0 and so on");
  }

  private OutputTarget rule() {
    return new OutputTarget("--file").apartFromDatabase(database);
  }

  private String refusal(Path file) {
    UserError error = assertThrows(UserError.class, () -> rule().resolve(file));
    assertEquals(ExitCode.REFUSED, error.exitCode());
    return error.getMessage();
  }

  @Test
  void a_free_name_and_a_plain_file_are_allowed() throws IOException {
    Path free = folder.resolve("free");
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    assertEquals(free, rule().resolve(free));
    assertEquals(plain, rule().resolve(folder.resolve("x/../plain")));
  }

  @Test
  void the_database_is_refused_under_each_of_its_names() throws IOException {
    Path symbolic = Files.createSymbolicLink(folder.resolve("symbolic"), database);
    Path hard = Files.createLink(folder.resolve("hard"), database);
    for (Path file : new Path[] {database, symbolic, hard, folder.resolve("./x/../a.db")}) {
      assertEquals(file + " is the database itself; name another file with --file", refusal(file));
    }
  }

  @Test
  void what_lies_beside_the_database_is_refused_whether_it_is_there_or_not() throws IOException {
    Files.writeString(folder.resolve("a.db-wal"), "");
    for (String ending : new String[] {"-wal", "-shm", "-journal", "-patronus.lock"}) {
      Path file = folder.resolve("a.db" + ending);
      assertEquals(file + " belongs to the database; name another file with --file", refusal(file));
    }
  }

  @Test
  void another_database_and_its_log_are_refused() throws IOException {
    Path other = Files.writeString(folder.resolve("b.db"), "SQLite format 3\0 and so on");
    Path log = folder.resolve("b.db-wal");
    assertEquals(
        other + " is a SQLite database, and is left as it is; name another file with --file",
        refusal(other));
    assertEquals(log + " belongs to " + other + "; name another file with --file", refusal(log));
    assertEquals(other, rule().overDatabases().resolve(other));
  }

  @Test
  void a_file_that_this_process_has_open_is_refused_and_not_opened_a_second_time()
      throws IOException {
    Path other = Files.writeString(folder.resolve("b.db"), "SQLite format 3\0 and so on");
    try (FileChannel channel =
        FileChannel.open(other, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      assertTrue(channel.lock().isValid());
      assertEquals(
          other + " is in use by this command itself; name another file with --file",
          refusal(other));
      long inode = FileStatus.of(other).orElseThrow().inode();
      String locks = Files.readString(Path.of("/proc/locks"));
      assertTrue(locks.contains(":" + inode + " "), locks);
    }
  }

  @Test
  void a_folder_and_a_device_are_no_files() {
    assertEquals(folder + " is a folder; name a file in it", refusal(folder));
    assertEquals(
        "/dev/null is a device, not a file; leave out --file, and redirect the output there",
        refusal(Path.of("/dev/null")));
  }

  @Test
  void a_folder_that_is_not_there_is_named() {
    UserError error =
        assertThrows(UserError.class, () -> rule().resolve(folder.resolve("missing/a")));
    Path missing = folder.resolve("missing");
    assertEquals(
        "there is no folder " + missing + "; make it with 'mkdir -p " + missing + "'",
        error.getMessage());
  }

  @Test
  void a_file_that_another_option_names_is_wrong_usage() {
    Path state = folder.resolve("state");
    UserError error =
        assertThrows(
            UserError.class,
            () -> rule().apartFrom("the state of --since-last", state).resolve(state));
    assertEquals(ExitCode.USAGE, error.exitCode());
    assertEquals(
        state + " is the state of --since-last itself; name another file with --file",
        error.getMessage());
  }

  @Test
  void an_own_link_is_followed() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
    assertEquals(real.resolve("a.csv"), rule().resolve(folder.resolve("link/a.csv")));
  }

  @Test
  void a_link_of_another_user_is_not_followed() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("victim"));
    Tools.requireRoot();
    Files.setAttribute(link, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
    assertEquals(
        link
            + " is a symbolic link of another user, and is not followed; name the file that "
            + link
            + " means",
        refusal(link));
  }
}
