package dev.patronus.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The daemon sends to the hub of its configuration file; the variable is for commands that read.
class FleetSettingTest {
  private static final String READ = "postgresql://alice@hub.example.net/patronus";
  private static final String SENT = "postgresql://gw@hub.example.net/patronus?gateway=berlin";

  @TempDir private Path folder;

  private Settings settings(String line, Map<String, String> env) throws IOException {
    Path file = Files.writeString(folder.resolve("patronus.conf"), line + "\n");
    return Settings.read(Optional.of(file), env);
  }

  private Optional<String> sentTo(Settings settings) {
    DaemonSettings.Typed typed =
        new DaemonSettings.Typed(
            List.of("netflow://127.0.0.1:2055"),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            Optional.empty());
    return DaemonSettings.read(
            typed, settings, folder.resolve("sdwan.db"), folder.resolve("socket"))
        .fleet()
        .map(HubAddress::text);
  }

  @Test
  void a_hub_that_commands_read_is_none_to_send_to() throws IOException {
    Settings settings = settings("", Map.of("PATRONUS_FLEET", READ));
    assertEquals(Optional.empty(), sentTo(settings));
    assertEquals(Optional.of(READ), settings.text("fleet"));
    assertEquals(Optional.empty(), settings.hubNotSentTo());
  }

  @Test
  void the_hub_of_the_file_is_sent_to_whatever_the_variable_says() throws IOException {
    Settings settings = settings("fleet = " + SENT, Map.of("PATRONUS_FLEET", READ));
    assertEquals(Optional.of(SENT), sentTo(settings));
    assertEquals(Optional.of(READ), settings.text("fleet"));
  }

  @Test
  void a_variable_that_names_a_gateway_is_warned_of_where_the_file_has_no_hub() throws IOException {
    Settings settings = settings("", Map.of("PATRONUS_FLEET", SENT));
    assertEquals(Optional.empty(), sentTo(settings));
    assertTrue(settings.hubNotSentTo().orElseThrow().startsWith("PATRONUS_FLEET: "));
    assertEquals(
        Optional.empty(),
        settings("fleet = " + SENT, Map.of("PATRONUS_FLEET", SENT)).hubNotSentTo());
  }

  @Test
  void a_hub_of_the_file_that_names_no_gateway_is_refused_with_its_line() throws IOException {
    Settings settings = settings("fleet = " + READ, Map.of());
    String message = assertThrows(UserError.class, () -> sentTo(settings)).getMessage();
    assertTrue(message.contains("patronus.conf line 1"), message);
  }
}
