package dev.patronus.torture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Disks that fail, are full, slow, not to be written, or gone.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DiskTortureIT {
  @TempDir private Path place;

  @Test
  void an_export_whose_draft_cannot_be_named_or_removed_at_once_hands_over_each_row_once()
      throws Exception {
    Torture torture = Torture.of("DiskTortureIT", "draft");
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    DisturbedCommand command =
        new DisturbedCommand(Subject.of("Export (wal)", folder), shim, torture);
    command.learn();
    for (int call = 0; call < 6; call++) {
      int at = call;
      command.disturb(
          "EIO of a name",
          false,
          1,
          Shim.NAME,
          _ -> shim.fail(Shim.EIO, Shim.NAME, ".part", at, 1));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.patronus.torture.Subject#names")
  void a_command_whose_disk_fails_at_any_call_has_done_all_or_nothing(String name)
      throws Exception {
    Torture torture = Torture.of("DiskTortureIT", name);
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    DisturbedCommand command = new DisturbedCommand(Subject.of(name, folder), shim, torture);
    command.learn();
    int times = Torture.times(1, 4);
    int any = Shim.CHANGES;
    command.disturb("EIO", false, times, any, at -> shim.fail(Shim.EIO, any, "", at, 1));
    command.disturb("EIO for good", true, times, any, at -> shim.fail(Shim.EIO, any, "", at, -1));
    int growing = Shim.WRITE | Shim.TRUNCATE | Shim.CREATE;
    command.disturb(
        "full", false, times, growing, at -> shim.fail(Shim.ENOSPC, growing, "", at, -1));
  }
}
