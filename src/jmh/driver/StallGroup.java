import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// How long ingest stands still at most, with a million flows and 10,000 policies.
final class StallGroup extends BenchGroup {
  private static final int FLOWS = 1_000_000;
  private static final int ROUNDS = 5;
  private static final double BAR_MILLIS = 1;

  StallGroup(Path data, Results results) {
    super(data, results);
  }

  @Override
  void measure() throws Exception {
    Path out = data.resolve("stalls");
    String program =
        String.join(
            " ",
            JAVA + " -Xmx1500m -Xmn700m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED",
            "-cp " + System.getProperty("java.class.path") + " dev.patronus.collect.IngestStalls",
            FLOWS + " " + ROUNDS + " > " + out);
    shell(program);
    Map<String, Value> longest = new HashMap<>();
    for (String line : Files.readAllLines(out)) {
      String[] cells = line.split("\t");
      double[] millis = Stream.of(cells).skip(1).mapToDouble(Double::parseDouble).toArray();
      longest.put(cells[0], Value.of(millis, "ms"));
    }
    for (String event :
        List.of(
            "none of these",
            "growth",
            "clean-up",
            "snapshot",
            "reload",
            "classifying again after a reload")) {
      results.add(
          new Row(
              "stall",
              "longest step of ingest at 1 M flows, 10,000 policies: " + event,
              longest.get(event),
              "",
              null,
              event.equals("none of these") ? Double.NaN : BAR_MILLIS,
              false));
    }
    for (String event : List.of("growth", "clean-up")) {
      results.add(
          new Row(
              "stall",
              "the same of a ConcurrentHashMap of adders: " + event,
              longest.get("map: " + event),
              "",
              null,
              Double.NaN,
              false));
    }
  }
}
