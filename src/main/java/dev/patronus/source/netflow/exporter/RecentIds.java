package dev.patronus.source.netflow.exporter;

import java.util.ArrayList;
import java.util.List;

/// The ids that were added last, each once, at most [#LIMIT] of them.
///
/// Changed by one thread; read by any.
final class RecentIds {
  static final int LIMIT = 8;

  private volatile List<Integer> ids = List.of();

  void add(int id) {
    List<Integer> before = ids;
    if (before.contains(id)) {
      return;
    }
    List<Integer> after =
        new ArrayList<>(before.size() < LIMIT ? before : before.subList(1, LIMIT));
    after.add(id);
    ids = List.copyOf(after);
  }

  void remove(Integer id) {
    if (ids.contains(id)) {
      ids = ids.stream().filter(each -> !each.equals(id)).toList();
    }
  }

  /// The ids, the latest last.
  List<Integer> all() {
    return ids;
  }
}
