import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The rows of a run, written as a table and as JSON.
///
/// Confined to one thread.
final class Results {
  static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final List<Row> rows = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  void add(Row row) {
    rows.add(row);
  }

  /// Notes a program that is not there, whose rows are left out.
  void missing(String name) {
    if (!missing.contains(name)) {
      missing.add(name);
      System.err.println("bench: no " + name + "; its rows are left out");
    }
  }

  void write() throws IOException {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    machine.put(
        "commit", Programs.line(List.of("git", "describe", "--always", "--dirty", "--abbrev=10")));
    machine.put("processor", processor());
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    machine.put("load", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    machine.put("kernel", System.getProperty("os.version"));
    machine.put("java", Runtime.version().toString());
    machine.put("sqlite3", Programs.line(List.of("sqlite3", "--version")).split(" ")[0]);
    List<Map<String, Object>> all = rows.stream().map(Row::members).toList();
    Map<String, Object> document = new LinkedHashMap<>(machine);
    document.put("missing", missing);
    document.put("rows", all);
    Files.writeString(
        Programs.WORK.resolve("results.json"), JSON.writeValueAsString(document) + "\n");
    String text = table(machine);
    Files.writeString(Programs.WORK.resolve("results.md"), text);
    System.out.print(text);
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.replaceFirst(".*: *", ""))
        .findFirst()
        .orElse("unknown");
  }

  private String table(Map<String, Object> machine) {
    StringBuilder text = new StringBuilder();
    text.append(
        machine.entrySet().stream()
            .map(each -> each.getKey() + " " + each.getValue())
            .collect(Collectors.joining(", ")));
    text.append("\n\n| what | ours: median (quartiles) | beside, in the same run | its median |");
    text.append(" ratio | bar | | processor time |\n|---|---|---|---|---|---|---|---|\n");
    for (Row row : rows) {
      List<String> cells =
          List.of(
              (row.group().equals("export") && row.beside() != null ? "export of " : "")
                  + row.what(),
              row.ours().text(),
              row.peer(),
              row.beside() == null ? "" : row.beside().text(),
              row.beside() == null ? "" : Value.short3(row.ratio()),
              Double.isNaN(row.bar())
                  ? ""
                  : (row.atLeast() ? "≥ " : "≤ ") + Value.short3(row.bar()),
              row.verdict(),
              Double.isNaN(row.processorRatio()) ? "" : Value.short3(row.processorRatio()));
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    if (!missing.isEmpty()) {
      text.append("\nNot there: ").append(String.join(", ", missing)).append(".\n");
    }
    return text.toString();
  }
}
