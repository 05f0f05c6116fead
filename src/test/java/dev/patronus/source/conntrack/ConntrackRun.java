package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.Volume;
import dev.patronus.metrics.Metrics;
import dev.patronus.testing.Tshark;
import dev.patronus.testing.Volumes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A program of the tests: runs the source where it is started, and prints what it counted.
///
/// Arguments: milliseconds between readings, and perhaps a file for the journal. Prints `ready`; at
/// each line of input `flow SRC:PORT > DST:PORT PROTOCOL PACKETS BYTES` for each flow, `metric NAME
/// VALUE`, and `done`; at the end of input it closes the source and prints the same. With `check`
/// as its argument it prints the complaints of a [ConntrackCheck].
final class ConntrackRun {
  private final Map<FlowKey, Volume> flows = new ConcurrentHashMap<>();
  private final Metrics metrics = new Metrics();

  private ConntrackRun() {}

  public static void main(String... arguments) throws IOException {
    if (arguments[0].equals("check")) {
      ConntrackCheck check = ConntrackCheck.run();
      System.out.println(check);
      check.problems().forEach(problem -> System.out.println("problem " + problem));
      return;
    }
    Duration readEvery = Duration.ofMillis(Long.parseLong(arguments[0]));
    Optional<Path> journal =
        arguments.length > 1 ? Optional.of(Path.of(arguments[1])) : Optional.empty();
    new ConntrackRun().run(readEvery, journal);
  }

  private void run(Duration readEvery, Optional<Path> journal) throws IOException {
    Sink sink = new Sink(journal);
    try (ConntrackSource source =
            new ConntrackSource(metrics, InstantSource.system(), readEvery, journal);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      source.start(sink);
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        print(!line.equals("metrics"));
      }
    }
    sink.keep();
    print(true);
  }

  /// Counts, and knows in the next run how many records it was.
  private final class Sink implements FlowSink {
    private final Optional<Path> kept;
    private long counted;

    Sink(Optional<Path> journal) throws IOException {
      kept = journal.map(file -> file.resolveSibling("counted"));
      if (kept.isPresent() && Files.exists(kept.get())) {
        counted = Long.parseLong(Files.readString(kept.get()));
      }
    }

    @Override
    public void accept(FlowRecord record) {
      flows.merge(record.key(), record.volume(), Volumes::sum);
      counted++;
    }

    @Override
    public long counted() {
      return counted;
    }

    void keep() throws IOException {
      if (kept.isPresent()) {
        Files.writeString(kept.get(), String.valueOf(counted));
      }
    }
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
