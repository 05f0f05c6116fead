package dev.patronus.config;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.config.DaemonSettings.Typed;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigFileFuzzTest {
  private static final Typed NOTHING =
      new Typed(
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of("off"), // as a name there would be asked of a name server
          false,
          false,
          Optional.empty());

  @TempDir private Path folder;

  @SuppressWarnings("StringConcatToTextBlock") // line ends are part of the seeds
  static Stream<byte[]> seeds() {
    return Stream.of(
            "source = netflow://127.0.0.1:2055\nsource = \"conntrack:\"\ncount-tunnels = yes\n"
                + "allow-exporter = 10.0.0.0/8\nallow-exporter = ::1\n",
            "\ufeff# a comment\r\nsource = pcap:-\r\nretention = 1m:48h 5m:14d 1d:forever\r\n"
                + "snapshot-every = 30s\r\nflow-timeout = 5m\r\n",
            "source = netflow:\nstate-dir = /tmp\ntz = Europe/Berlin\ndb = /var/x.db\nsocket = s\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_file_is_refused_as_the_users_or_gives_settings(byte[] input) throws IOException {
    Path file = Files.createDirectories(folder).resolve("patronus.conf");
    Files.write(file, input);
    try {
      Settings settings = Settings.read(Optional.of(file), Map.of());
      Path database = settings.databaseFile();
      Path socket = settings.socketFile(database);
      settings.zone();
      DaemonSettings.read(NOTHING, settings, database, socket);
    } catch (UserError e) {
      assertFalse(e.getMessage().isBlank());
    }
  }
}
