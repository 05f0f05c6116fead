import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures the packaged program beside other programs, and writes a table of ratios.
///
///     ./mvnw -Pbench verify                        all groups, 15 to 20 minutes
///     ./mvnw -Pbench verify -Dbench=startup,export some
///
/// Each measurement is one of ours and one of a peer, taken in the same run, and the bar that their
/// ratio is held against. Whole programs are timed by hyperfine, in turns (medians, and the quartiles as
/// spread; and processor time, which depends less on what else the machine does), methods by JMH. `target/bench` gets `results.md` and `results.json`; the recorded runs are in
/// `src/jmh/results`. A program that is missing is named, and its rows are left out. Read the ratios,
/// not the times: the machine is part of those.
final class Bench {
  private Bench() {}

  public static void main(String[] args) throws Exception {
    Files.createDirectories(Programs.WORK);
    Path shm = Path.of("/dev/shm");
    Path data =
        Files.createTempDirectory(Files.isWritable(shm) ? shm : Programs.WORK, "patronus-bench-");
    Results results = new Results();
    Map<String, BenchGroup> groups = new LinkedHashMap<>();
    groups.put("startup", new StartupGroup(data, results));
    groups.put("lists", new ListsGroup(data, results));
    groups.put("live", new LiveGroup(data, results));
    groups.put("export", new ExportGroup(data, results));
    groups.put("delete", new DeleteGroup(data, results));
    groups.put("record", new RecordGroup(data, results));
    groups.put("shards", new ShardsGroup(data, results));
    groups.put("stall", new StallGroup(data, results));
    groups.put("udp", new UdpGroup(data, results));
    groups.put("receivers", new ReceiversGroup(data, results));
    groups.put("growth", new GrowthGroup(data, results));
    String wanted = args.length == 0 || args[0].isBlank() ? "all" : args[0];
    List<String> names =
        wanted.equals("all") ? List.copyOf(groups.keySet()) : List.of(wanted.split(","));
    try {
      for (String name : names) {
        if (!groups.containsKey(name)) {
          throw new IllegalArgumentException(
              "no group '" + name + "'; there are " + String.join(", ", groups.keySet()));
        }
      }
      List<String> failed = new ArrayList<>();
      for (String name : names) {
        if (!measure(name, groups.get(name))) {
          failed.add(name);
        }
      }
      results.write();
      if (!failed.isEmpty()) {
        throw new IllegalStateException("not measured completely: " + String.join(", ", failed));
      }
    } finally {
      Programs.delete(data);
    }
  }

  /// Whether it could be measured; what fails does not end the run, whose other rows are wanted.
  private static boolean measure(String name, BenchGroup group) throws InterruptedException {
    System.err.println("bench: " + name);
    long began = System.nanoTime();
    try {
      group.measure();
      System.err.println("bench: " + name + " took " + seconds(began) + " s");
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      System.err.println("bench: " + name + " failed after " + seconds(began) + " s");
      e.printStackTrace();
      return false;
    }
  }

  private static long seconds(long began) {
    return (System.nanoTime() - began) / 1_000_000_000;
  }
}
