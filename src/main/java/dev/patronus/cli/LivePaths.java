package dev.patronus.cli;

import static java.util.stream.Collectors.toMap;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.export.Column;
import dev.patronus.export.Column.Kind;
import dev.patronus.export.Format;
import dev.patronus.export.Humane;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// What paths carry at this moment, as the daemon that works on this database says it; unknown
/// where none does.
///
/// Immutable.
///
/// @param total how many flows are live
/// @param placed how many of them, the largest, were placed on paths
record LivePaths(boolean known, Map<Long, Reply.PathTraffic> byPath, long total, long placed) {
  private static final LivePaths UNKNOWN = new LivePaths(false, Map.of(), 0, 0);

  static LivePaths ask(Call call) {
    return new DaemonLink(call)
        .askHere(new Request.Paths(), Reply.Paths.class, Reply.Paths::database)
        .map(LivePaths::of)
        .orElse(UNKNOWN);
  }

  private static LivePaths of(Reply.Paths paths) {
    return new LivePaths(
        true,
        paths.paths().stream().collect(toMap(Reply.PathTraffic::pathId, Function.identity())),
        paths.total(),
        paths.placed());
  }

  /// The columns of traffic: shown to people where it is known, and to programs always.
  Column[] columns() {
    return new Column[] {
      known
          ? Column.of("active_flows", "FLOWS", Kind.COUNT)
          : Column.detail("active_flows", Kind.COUNT),
      Column.detail("packets", Kind.COUNT),
      known ? Column.of("bytes", "BYTES", Kind.BYTES) : Column.detail("bytes", Kind.BYTES),
    };
  }

  /// The cells under [#columns()] for these paths together; null each where nothing is known.
  Object[] cells(Collection<Long> pathIds) {
    return new Object[] {
      sum(pathIds, Reply.PathTraffic::flows),
      sum(pathIds, Reply.PathTraffic::packets),
      sum(pathIds, Reply.PathTraffic::bytes),
    };
  }

  private Long sum(Collection<Long> pathIds, ToLongFunction<Reply.PathTraffic> number) {
    if (!known) {
      return null;
    }
    return pathIds.stream()
        .flatMap(id -> Optional.ofNullable(byPath.get(id)).stream())
        .mapToLong(number)
        .sum();
  }

  /// The traffic of these paths as properties of a thing; none for people where it is not known.
  void facts(Collection<Long> pathIds, Format format, Map<Column, Object> facts) {
    if (known || format != Format.TABLE) {
      Column[] columns = columns();
      Object[] cells = cells(pathIds);
      for (int i = 0; i < columns.length; i++) {
        facts.put(columns[i], cells[i]);
      }
    }
  }

  /// What the numbers leave out, as a sentence; empty if nothing.
  Optional<String> restriction() {
    return total <= placed
        ? Optional.empty()
        : Optional.of(
            "FLOWS and BYTES are those of the "
                + Humane.grouped(placed)
                + " largest of "
                + Humane.grouped(total)
                + " live flows.");
  }
}
