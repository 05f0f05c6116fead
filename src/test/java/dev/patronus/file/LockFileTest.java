package dev.patronus.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {
  @TempDir Path folder;

  private static LockFile acquire(Path file) throws IOException {
    return LockFile.tryAcquire(file).lock().orElseThrow();
  }

  @Test
  void a_lock_is_for_its_owner_alone_and_names_its_process() throws IOException {
    Path file = folder.resolve("lock");
    try (LockFile _ = acquire(file)) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      assertEquals(Long.toString(ProcessHandle.current().pid()), Files.readString(file));
    }
  }

  @Test
  void a_lock_of_an_older_version_is_closed_to_others() throws IOException {
    Path file = Files.createFile(folder.resolve("lock"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    acquire(file).close();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void a_lock_that_this_process_has_is_not_given_again_and_not_lost_by_the_attempt()
      throws IOException {
    Path file = folder.resolve("lock");
    Path other = folder.resolve("other");
    try (LockFile _ = acquire(file)) {
      assertTrue(LockFile.tryAcquire(file).lock().isEmpty());
      long inode = FileStatus.of(file).orElseThrow().inode();
      String locks = Files.readString(Path.of("/proc/locks"));
      assertTrue(locks.contains(":" + inode + " "), locks);
      acquire(other).close();
    }
    acquire(file).close();
  }

  @Test
  void a_lock_that_was_made_is_removed_where_that_is_wanted_and_one_that_was_there_stays()
      throws IOException {
    Path file = folder.resolve("lock");
    try (LockFile lock = acquire(file)) {
      lock.discardIfMade();
    }
    assertFalse(Files.exists(file));
    acquire(file).close();
    try (LockFile lock = acquire(file)) {
      lock.discardIfMade();
    }
    assertTrue(Files.exists(file));
  }

  @Test
  void a_link_is_refused_and_what_it_leads_to_is_left_as_it_is() throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Path symbolic = Files.createSymbolicLink(folder.resolve("symbolic"), victim);
    Path hard = Files.createLink(folder.resolve("hard"), victim);
    assertThrows(RefusedName.class, () -> acquire(symbolic));
    assertThrows(RefusedName.class, () -> acquire(hard));
    assertEquals("precious", Files.readString(victim));
  }
}
