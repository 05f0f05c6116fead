package dev.patronus.daemon.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.wire.Drop;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExpositionTest {
  private static final Pattern NAMED =
      Pattern.compile(
          "\\b(?:counter|gauge|ofCaches|ofAlerts)\\(\\s*\"(?<named>[a-z_]+)\"|\"(?<source>source_(?:agent|records|samples|sequence|sets)_[a-z_]+)\"");

  private static Stream<String> names(Path source) {
    try {
      Matcher named = NAMED.matcher(Files.readString(source));
      return named
          .results()
          .map(match -> match.group("named") == null ? match.group("source") : match.group("named"))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void every_name_of_the_program_has_a_text_and_every_text_a_name() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      sources
          .filter(each -> each.toString().endsWith(".java"))
          .flatMap(ExpositionTest::names)
          .forEach(names::add);
    }
    Stream.of(Drop.Unit.values()).map(Drop.Unit::metric).forEach(names::add);
    assertEquals(names, new TreeSet<>(Exposition.help().keySet()));
  }

  @Test
  void a_time_is_shown_in_seconds() {
    Metrics metrics = new Metrics();
    metrics.gauge("conntrack_dump_micros", () -> 1_500_000);
    GaugeSnapshot shown =
        (GaugeSnapshot) Exposition.ofSeries("conntrack_dump_micros", metrics.readings());
    assertEquals("patronus_conntrack_dump_seconds", shown.getMetadata().getName());
    assertEquals(1.5, shown.getDataPoints().getFirst().getValue());
  }
}
