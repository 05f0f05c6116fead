package dev.patronus.torture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// SIGKILL at random moments.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillTortureIT {
  @TempDir private Path place;

  @ParameterizedTest
  @MethodSource("dev.patronus.torture.Subject#names")
  void a_killed_command_has_done_all_or_nothing_and_can_be_repeated(String name) throws Exception {
    Torture torture = Torture.of("KillTortureIT", name);
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    DisturbedCommand command = new DisturbedCommand(Subject.of(name, folder), shim, torture);
    command.learn();
    command.disturb("killed", true, Torture.times(3, 20), Shim.CHANGES, shim::killAt);
  }
}
