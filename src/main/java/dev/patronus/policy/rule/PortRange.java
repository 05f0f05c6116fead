package dev.patronus.policy.rule;

import java.util.Arrays;
import java.util.List;

/// The ports from `low` to `high`, both included.
///
/// Immutable.
public record PortRange(int low, int high) {
  public static final int PORT_MAX = 0xffff;

  public static final PortRange ALL = new PortRange(0, PORT_MAX);

  public PortRange {
    if (low < 0 || high > PORT_MAX || low > high) {
      throw new IllegalArgumentException(
          "a port range must rise within 0..65535, was " + low + "-" + high);
    }
  }

  /// Reads what [#toString()] writes.
  ///
  /// @throws IllegalArgumentException if the text is neither a port nor two of them
  public static PortRange parse(String text) {
    int dash = text.indexOf('-');
    return dash < 0
        ? new PortRange(Integer.parseInt(text), Integer.parseInt(text))
        : new PortRange(
            Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
  }

  /// Reads several, with blanks in between.
  static List<PortRange> list(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(" ")).map(PortRange::parse).toList();
  }

  public boolean contains(int port) {
    return low <= port && port <= high;
  }

  @Override
  public String toString() {
    return low == high ? String.valueOf(low) : low + "-" + high;
  }
}
