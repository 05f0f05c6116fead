import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Runs benchmarks of methods.
final class Jmh extends Programs {
  private Jmh() {}

  /// Runs benchmarks in one fork with short iterations.
  ///
  /// @param parameters as `name=value`
  /// @return by the method's name and the number of flows, where it has such a parameter
  static Map<String, Value> run(String benchmarks, String... parameters) throws Exception {
    return run(benchmarks, List.of("-wi", "3", "-w", "1", "-i", "5", "-r", "1"), "ns", parameters);
  }

  /// @param options of JMH, besides one fork
  /// @param unit of the results
  static Map<String, Value> run(
      String benchmarks, List<String> options, String unit, String... parameters) throws Exception {
    Path file = WORK.resolve("jmh.json");
    List<String> words = new ArrayList<>();
    words.addAll(List.of(JAVA.toString(), "--enable-native-access=ALL-UNNAMED"));
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.openjdk.jmh.Main"));
    words.addAll(List.of(benchmarks, "-f", "1", "-v", "SILENT"));
    words.addAll(options);
    for (String parameter : parameters) {
      words.addAll(List.of("-p", parameter));
    }
    words.addAll(List.of("-rf", "json", "-rff", file.toString()));
    run(words);
    Map<String, Value> values = new LinkedHashMap<>();
    for (JsonNode result : Results.JSON.readTree(Files.readString(file))) {
      String name = result.get("benchmark").asString();
      double[] all =
          result
              .get("primaryMetric")
              .get("rawData")
              .get(0)
              .valueStream()
              .mapToDouble(JsonNode::asDouble)
              .toArray();
      JsonNode flows = result.path("params").path("flows");
      values.put(
          name.substring(name.lastIndexOf('.') + 1) + (flows.isString() ? flows.asString() : ""),
          Value.of(all, unit));
    }
    return values;
  }
}
