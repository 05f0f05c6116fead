package dev.patronus.testing;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A page in Prometheus' text exposition format 0.0.4, read strictly: each line is a comment of a
/// known kind or a sample; a name has one type, said before its first sample, and its samples stand
/// together; no series stands twice.
public final class Exposed {
  private static final Pattern COMMENT =
      Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\",?");

  private final Map<String, Map<Map<String, String>, Double>> series = new TreeMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final Set<String> finished = new HashSet<>();
  private String current = "";

  private Exposed() {}

  /// Reads a page.
  ///
  /// @throws IllegalArgumentException that shows the line that is wrong
  public static Exposed read(String page) {
    if (!page.endsWith("\n")) {
      throw new IllegalArgumentException("the last line has no end");
    }
    Exposed exposed = new Exposed();
    page.lines().forEach(exposed::line);
    return exposed;
  }

  private void line(String line) {
    if (line.startsWith("#")) {
      Matcher comment = COMMENT.matcher(line);
      require(comment.matches(), line);
      if (comment.group(1).equals("TYPE")) {
        require(Set.of("counter", "gauge").contains(comment.group(3)), line);
        require(types.put(comment.group(2), comment.group(3)) == null, line);
      }
      return;
    }
    Matcher sample = SAMPLE.matcher(line);
    require(sample.matches(), line);
    String name = sample.group(1);
    require(types.containsKey(name), line);
    require(!types.get(name).equals("counter") || name.endsWith("_total"), line);
    if (!name.equals(current)) {
      require(finished.add(name), line);
      current = name;
    }
    Map<String, String> labels = labels(sample.group(2), line);
    double value = Double.parseDouble(sample.group(3));
    require(series.computeIfAbsent(name, _ -> new HashMap<>()).put(labels, value) == null, line);
  }

  private static Map<String, String> labels(String text, String line) {
    Map<String, String> labels = new TreeMap<>();
    if (text == null) {
      return labels;
    }
    Matcher label = LABEL.matcher(text);
    int at = 0;
    while (at < text.length()) {
      require(label.find(at) && label.start() == at, line);
      require(labels.put(label.group(1), unescaped(label.group(2))) == null, line);
      at = label.end();
    }
    return labels;
  }

  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        char escaped = text.charAt(++i);
        plain.append(escaped == 'n' ? '\n' : escaped);
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static void require(boolean good, String line) {
    if (!good) {
      throw new IllegalArgumentException("no line of the format: " + line);
    }
  }

  /// The value of a series, all of which are whole numbers here.
  ///
  /// @throws IllegalArgumentException if there is none
  public long value(String name, Map<String, String> labels) {
    Double value = series.getOrDefault(name, Map.of()).get(new TreeMap<>(labels));
    if (value == null) {
      throw new IllegalArgumentException(name + labels + " is not among " + series.get(name));
    }
    return Math.round(value);
  }

  /// The names of all series.
  public Set<String> names() {
    return series.keySet();
  }

  /// The names of all labels.
  public Set<String> labels() {
    Set<String> names = new TreeSet<>();
    series.values().forEach(each -> each.keySet().forEach(labels -> names.addAll(labels.keySet())));
    return names;
  }

  /// How many samples there are.
  public int samples() {
    return series.values().stream().mapToInt(Map::size).sum();
  }
}
