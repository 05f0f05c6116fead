package dev.patronus.cli.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `export --since-last` onto a disk that gets full.
class ExportFullDiskTest {
  private static final long FIRST = 1795400000;
  private static final int ROWS = 5_000;

  @TempDir private Path folder;
  private SmallDisk disk;
  private Path small;

  @BeforeEach
  void smallDisk() throws Exception {
    disk = SmallDisk.in(folder, "64k");
    small = disk.folder();
  }

  @AfterEach
  void unmount() {
    disk.close();
  }

  @Test
  void the_full_file_is_named_and_the_next_run_may_write_into_another_folder() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      platform.policy(7, "voice", 1, "{}");
      platform.inOneTransaction(() -> {
        for (int i = 0; i < ROWS; i++) {
          platform.stat(7, FIRST + i, i, i, 1);
        }
      });
      CommandLineRun cli = CommandLineRun.on(platform.file());
      String state = folder.resolve("state").toString();
      Path full = small.resolve("x.csv");
      cli.run("export", "stats", "--since-last", state, "--file", full.toString())
          .failed(
              ExitCode.FAILED,
              "the disk that holds "
                  + full
                  + " is full; make room on it ('df -h "
                  + small
                  + "'), then try again");
      assertFalse(Files.exists(full));
      Path other = folder.resolve("y.csv");
      cli.out("export", "stats", "--since-last", state, "--file", other.toString());
      assertEquals(ROWS + 1, Files.readAllLines(other).size());
    }
  }
}
