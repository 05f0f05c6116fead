package dev.patronus.site.failover;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The backup paths of a failover policy: a JSON list of path ids, texts or numbers, that is
/// changed without touching how the rest of it is written.
///
/// Immutable.
///
/// ```text
///   [ "7", 12,"9" ]      head "[ ", items "7" 12 "9" with gaps ", " and ",", tail " ]"
///   without 12: [ "7","9" ]
/// ```
public final class BackupPaths {
  private static final String DEFAULT_GAP = ",";

  /// @param literal the path's id as it is written, quotes included
  /// @param gap what stands before it; empty for the first
  private record Item(String pathId, String literal, String gap) {}

  private final String head;
  private final List<Item> items;
  private final String tail;

  private BackupPaths(String head, List<Item> items, String tail) {
    this.head = head;
    this.items = List.copyOf(items);
    this.tail = tail;
  }

  /// Reads a list; empty if the text is no JSON list of texts and numbers.
  public static Optional<BackupPaths> parse(String text) {
    try {
      return Json.parse(text) instanceof Json.Arr list ? split(text, list) : Optional.empty();
    } catch (UnreadableJson _) {
      return Optional.empty();
    }
  }

  private static Optional<BackupPaths> split(String text, Json.Arr list) {
    List<Item> items = new ArrayList<>();
    int last = text.indexOf('[') + 1;
    int first = last;
    for (Json value : list.items()) {
      int from = start(text, last);
      int to = end(text, from);
      switch (value) {
        case Json.Text(String id) -> items.add(item(id, text, last, from, to, items.isEmpty()));
        case Json.Num(String id) -> items.add(item(id, text, last, from, to, items.isEmpty()));
        case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> {
          return Optional.empty();
        }
      }
      first = items.size() == 1 ? from : first;
      last = to;
    }
    return Optional.of(new BackupPaths(text.substring(0, first), items, text.substring(last)));
  }

  private static Item item(String id, String text, int last, int from, int to, boolean first) {
    return new Item(id, text.substring(from, to), first ? "" : text.substring(last, from));
  }

  /// Where the value begins that comes next: behind blanks and the comma.
  private static int start(String text, int from) {
    int at = from;
    while (" \t\r\n,".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  /// Where the value ends that begins at `from`. The text is known to be a JSON list.
  private static int end(String text, int from) {
    int at = from + 1;
    if (text.charAt(from) == '"') {
      while (text.charAt(at) != '"') {
        at += text.charAt(at) == '\\' ? 2 : 1;
      }
      return at + 1;
    }
    while (" \t\r\n,]".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  /// The ids of the paths, in order.
  public List<String> pathIds() {
    return items.stream().map(Item::pathId).toList();
  }

  /// Those of the paths that are in `lost`, in order.
  public List<String> among(Set<String> lost) {
    return pathIds().stream().filter(lost::contains).toList();
  }

  /// The list without these paths.
  public BackupPaths without(Set<String> lost) {
    return with(items.stream().filter(item -> !lost.contains(item.pathId())).toList(), gap(this));
  }

  /// The list with the paths put back that it lost since it was `before`: each behind the one that
  /// stood before it there, else ahead of the one that stood behind it, else at the end. Paths that
  /// came meanwhile stay where they are.
  ///
  /// @param after what was left of `before` at that time
  public BackupPaths withBack(BackupPaths before, BackupPaths after) {
    Set<String> kept = new HashSet<>(after.pathIds());
    List<Item> back = new ArrayList<>(items);
    for (int i = 0; i < before.items.size(); i++) {
      Item item = before.items.get(i);
      if (!kept.contains(item.pathId()) && indexOf(back, item) < 0) {
        back.add(
            place(before.items, i, back), new Item(item.pathId(), item.literal(), gap(before)));
      }
    }
    return with(back, gap(before));
  }

  private static int place(List<Item> before, int index, List<Item> back) {
    for (int i = index - 1; i >= 0; i--) {
      int at = indexOf(back, before.get(i));
      if (at >= 0) {
        return at + 1;
      }
    }
    for (int i = index + 1; i < before.size(); i++) {
      int at = indexOf(back, before.get(i));
      if (at >= 0) {
        return at;
      }
    }
    return back.size();
  }

  private static int indexOf(List<Item> items, Item wanted) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).pathId().equals(wanted.pathId())) {
        return i;
      }
    }
    return -1;
  }

  /// What this list puts between two items, else what that one did.
  private String gap(BackupPaths other) {
    List<Item> longer = items.size() > 1 ? items : other.items;
    return longer.size() > 1 ? longer.get(1).gap() : DEFAULT_GAP;
  }

  private BackupPaths with(List<Item> chosen, String defaultGap) {
    List<Item> apart = new ArrayList<>();
    for (Item item : chosen) {
      String gap = item.gap().isEmpty() ? defaultGap : item.gap();
      apart.add(new Item(item.pathId(), item.literal(), apart.isEmpty() ? "" : gap));
    }
    return new BackupPaths(head, apart, tail);
  }

  /// The JSON text.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(head);
    items.forEach(item -> text.append(item.gap()).append(item.literal()));
    return text.append(tail).toString();
  }
}
