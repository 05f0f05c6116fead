package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Volume;
import dev.patronus.metrics.Metrics;
import dev.patronus.testing.Tshark;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A program of the tests: runs the source where it is started, and prints what it counted.
///
/// Arguments: milliseconds between readings, and perhaps a file for the baseline. Prints `ready`;
/// at each line of input `flow SRC:PORT > DST:PORT PROTOCOL PACKETS BYTES` for each flow, `metric
/// NAME VALUE`, and `done`; at the end of input it closes the source and prints the same. With
/// `check` as its argument it prints the complaints of a [ConntrackCheck].
final class ConntrackRun {
  private final Map<FlowKey, Volume> flows = new ConcurrentHashMap<>();
  private final Metrics metrics = new Metrics();

  private ConntrackRun() {}

  public static void main(String... arguments) throws IOException {
    if (arguments[0].equals("check")) {
      ConntrackCheck check = ConntrackCheck.run();
      System.out.println(check);
      check.complaints().forEach(complaint -> System.out.println("complaint " + complaint));
      return;
    }
    Duration readEvery = Duration.ofMillis(Long.parseLong(arguments[0]));
    Optional<Path> baseline =
        arguments.length > 1 ? Optional.of(Path.of(arguments[1])) : Optional.empty();
    new ConntrackRun().run(readEvery, baseline);
  }

  private void run(Duration readEvery, Optional<Path> baseline) throws IOException {
    try (ConntrackSource source =
            new ConntrackSource(metrics, InstantSource.system(), readEvery, baseline);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      source.start(this::count);
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        print(!line.equals("metrics"));
      }
    }
    print(true);
  }

  private void count(FlowRecord record) {
    flows.merge(record.key(), record.volume(), Volume::plus);
  }

  private void print(boolean withFlows) {
    if (withFlows) {
      printFlows();
    }
    metrics
        .readings()
        .forEach(reading ->
            System.out.println("metric " + reading.series().name() + " " + reading.value()));
    System.out.println("done");
  }

  private void printFlows() {
    flows.forEach((key, volume) ->
        System.out.println(
            "flow "
                + Tshark.key(key.src(), key.srcPort(), key.dst(), key.dstPort(), key.protocol())
                + " "
                + volume.packets()
                + " "
                + volume.bytes()));
  }
}
