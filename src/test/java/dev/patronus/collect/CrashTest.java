package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {
  @TempDir Path folder;

  @Test
  void a_killed_process_loses_no_packet_that_it_counted_and_counts_no_half_batch()
      throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = folder.resolve("counters");
    long before = 0;
    for (int round = 0; round < 15; round++) {
      long acknowledged = countUntilKilled(file, 10 + random.nextInt(100));
      long kept = consistentPackets(file);
      assertTrue(acknowledged > before, "seed " + seed);
      assertTrue(kept >= acknowledged, kept + " < " + acknowledged + ", seed " + seed);
      assertEquals(0, kept % CountingChild.BATCH_PACKETS, "half a batch, seed " + seed);
      before = kept;
    }
  }

  /// Lets a child count until it has said so many lines, kills it, and gives the last sum that it
  /// said.
  private static long countUntilKilled(Path file, int lines) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                CountingChild.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = child.inputReader()) {
      long sum = 0;
      String line = said.readLine();
      for (int read = 1; line != null; read++) {
        sum = Long.parseLong(line);
        if (read == lines) {
          child.toHandle().destroyForcibly(); // leaves its output to be read
        }
        line = wholeLine(said);
      }
      return sum;
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  /// The next line that ends with a line break; null when there is none.
  private static String wholeLine(BufferedReader said) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = said.read(); c >= 0; c = said.read()) {
      if (c == '\n') {
        return line.toString();
      }
      line.append((char) c);
    }
    return null;
  }

  private static long consistentPackets(Path file) throws IOException {
    try (PolicyCounters counters = CountingChild.counters(file)) {
      assertTrue(counters.problem().isEmpty());
      TrafficAccounting accounting = CountingChild.open(counters);
      Snapshot snapshot = accounting.snapshot(Instant.EPOCH);
      for (PolicyTotal total : snapshot.policies()) {
        assertEquals(100 * total.packets(), total.bytes());
      }
      assertEquals(100 * snapshot.unmatched().packets(), snapshot.unmatched().bytes());
      long packets = CountingChild.packets(accounting);
      CountingProgress progress = new CountingProgress(CountingChild.SOURCE);
      accounting.open(progress);
      long records = progress.counted();
      assertEquals(packets, records * CountingChild.BATCH_PACKETS / 64, "records parted from them");
      return packets;
    }
  }
}
