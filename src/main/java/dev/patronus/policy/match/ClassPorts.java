package dev.patronus.policy.match;

import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.PortRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// The ports that really belong to an application class: without those that an earlier class takes.
final class ClassPorts {
  private ClassPorts() {}

  /// Disjoint ranges, rising.
  static List<PortRange> of(ApplicationClass application, int protocol) {
    List<PortRange> ranges = new ArrayList<>();
    Integer[] starts = starts(protocol).toArray(Integer[]::new);
    for (int i = 0; i < starts.length; i++) {
      int high = i + 1 < starts.length ? starts[i + 1] - 1 : PortRange.PORT_MAX;
      if (ApplicationClass.of(protocol, starts[i]) == application) {
        ranges.add(new PortRange(starts[i], high));
      }
    }
    return ranges;
  }

  /// Each port from which on the class may be another one.
  private static SortedSet<Integer> starts(int protocol) {
    SortedSet<Integer> starts = new TreeSet<>();
    starts.add(0);
    Arrays.stream(ApplicationClass.values())
        .flatMap(application -> application.ports(protocol).stream())
        .forEach(range -> {
          starts.add(range.low());
          starts.add(range.high() + 1);
        });
    starts.remove(PortRange.PORT_MAX + 1);
    return starts;
  }
}
