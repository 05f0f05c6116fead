package dev.patronus.daemon.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonLockTest {
  @TempDir Path folder;

  private static ExitCode refusal(Path database) {
    return assertThrows(UserError.class, () -> DaemonLock.acquire(database)).exitCode();
  }

  @Test
  void two_daemons_never_work_on_one_file_under_two_names() throws IOException {
    Path database = Files.createFile(folder.resolve("a.db"));
    Path symbolic = Files.createSymbolicLink(folder.resolve("symbolic.db"), database);
    try (DaemonLock _ = DaemonLock.acquire(database)) {
      assertEquals(ExitCode.REFUSED, refusal(symbolic));
    }
    Path hard = Files.createLink(folder.resolve("hard.db"), database);
    assertEquals(ExitCode.REFUSED, refusal(hard));
    assertEquals(ExitCode.REFUSED, refusal(database));
  }

  @Test
  void a_link_with_the_name_of_the_lock_is_not_written_through() throws IOException {
    Path database = Files.createFile(folder.resolve("a.db"));
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Files.createSymbolicLink(folder.resolve("a.db-patronus.lock"), victim);
    assertEquals(ExitCode.REFUSED, refusal(database));
    assertEquals("precious", Files.readString(victim));
  }
}
