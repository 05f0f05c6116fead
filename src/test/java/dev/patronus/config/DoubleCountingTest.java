package dev.patronus.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.tier.Retention;
import dev.patronus.role.Roles;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DoubleCountingTest {
  private static Optional<String> warning(String... sources) {
    return new DaemonSettings(
            Path.of("sdwan.db"),
            Stream.of(sources).map(SourceUri::parse).toList(),
            List.of(),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Path.of("state"),
            Path.of("socket"),
            Optional.empty(),
            false,
            false,
            Retention.DEFAULT,
            Optional.empty(),
            Duration.ofDays(30),
            0,
            true,
            ExportCorrections.NONE,
            AlertSettings.NONE,
            Roles.NONE,
            Optional.empty())
        .doubleCounting();
  }

  @Test
  void connection_tracking_beside_flow_export_of_this_machine_is_warned_of() {
    for (String netflow :
        new String[] {"netflow://127.0.0.1:2055", "netflow://[::1]:9", "netflow://localhost:9"}) {
      String text = warning(netflow, "conntrack:").orElseThrow();
      assertTrue(text.startsWith("conntrack: and " + netflow + " are both open"), text);
    }
  }

  @Test
  void either_alone_and_flow_export_from_elsewhere_is_not() {
    assertEquals(Optional.empty(), warning("netflow://127.0.0.1:2055"));
    assertEquals(Optional.empty(), warning("conntrack:"));
    assertEquals(Optional.empty(), warning("conntrack:", "netflow://192.0.2.1:2055"));
    assertEquals(Optional.empty(), warning("conntrack:", "pcap:file"));
  }
}
