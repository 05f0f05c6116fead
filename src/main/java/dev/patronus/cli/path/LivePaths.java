package dev.patronus.cli.path;

import static java.util.stream.Collectors.toMap;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.PathMeasurement;
import dev.patronus.store.table.PathTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Rows of paths: their newest measurements, and what they carry, as the daemon that works on this
/// database says it; that is unknown where none does.
///
/// Immutable.
///
/// @param reply the daemon's; empty where none works on this database
/// @param byPath what it says of each path that carried anything
public record LivePaths(Optional<Reply.Paths> reply, Map<Long, Reply.PathTraffic> byPath) {
  private static final Reply.PathTraffic NOTHING = new Reply.PathTraffic(0, 0, 0, 0);

  public static LivePaths ask(Invocation call) {
    return of(
        new DaemonConnection(call)
            .askHere(new Request.Paths(), Reply.Paths.class, Reply.Paths::database));
  }

  private static LivePaths of(Optional<Reply.Paths> reply) {
    List<Reply.PathTraffic> paths = reply.map(Reply.Paths::paths).orElse(List.of());
    return new LivePaths(
        reply, paths.stream().collect(toMap(Reply.PathTraffic::pathId, Function.identity())));
  }

  /// The columns of a path from its status on. Where the traffic is known it takes the place of the
  /// platform's score, which decides nothing.
  public List<Column<PathTable.Row>> columns(Instant now) {
    List<Column<PathTable.Row>> columns = new ArrayList<>();
    columns.add(Column.of("status", Kind.STATUS, row -> row.path().status().text()));
    columns.addAll(
        Column.of(
            List.of(
                PathTexts.LATENCY,
                PathTexts.LOSS,
                PathTexts.BANDWIDTH,
                PathTexts.SCORE.detailIf(reply.isPresent())),
            LivePaths::latest));
    columns.addAll(traffic());
    columns.addAll(
        Column.of(
            List.of(
                Column.of(
                    "age_seconds",
                    "AGE",
                    Kind.SECONDS,
                    measured -> Duration.between(measured.at(), now).toSeconds()),
                Column.detail("measured_at", Kind.TIME, PathMeasurement::at),
                PathTexts.JITTER.detailIf(true),
                PathTexts.MTU.detailIf(true)),
            LivePaths::latest));
    columns.add(Column.detail("wg_interface", Kind.TEXT, row -> row.path().wgInterface()));
    columns.add(Column.detail("src_endpoint", Kind.TEXT, row -> row.path().srcEndpoint()));
    columns.add(Column.detail("dst_endpoint", Kind.TEXT, row -> row.path().dstEndpoint()));
    return columns;
  }

  static @Nullable PathMeasurement latest(PathTable.Row row) {
    return row.latest().orElse(null);
  }

  /// The columns of what a path carries: details where that is not known.
  List<Column<PathTable.Row>> traffic() {
    boolean unknown = reply.isEmpty();
    List<Column<Reply.PathTraffic>> columns =
        List.of(
            unknown
                ? Column.detail("active_flows", Kind.COUNT, Reply.PathTraffic::flows)
                : Column.of("active_flows", "FLOWS", Kind.COUNT, Reply.PathTraffic::flows),
            Column.detail("packets", Kind.COUNT, Reply.PathTraffic::packets),
            Column.of("bytes", "BYTES", Kind.BYTES, Reply.PathTraffic::bytes).detailIf(unknown));
    return Column.of(columns, row -> traffic(row.path().id()).orElse(null));
  }

  private Optional<Reply.PathTraffic> traffic(long pathId) {
    return reply.map(_ -> byPath.getOrDefault(pathId, NOTHING));
  }

  /// Adds since when the traffic is counted: a member for programs, a sentence for people.
  public void sayInto(Answer answer, Invocation call) {
    answer.member("traffic_since", reply.map(Reply.Paths::since).orElse(null));
    answer.member("traffic_estimated", reply.map(Reply.Paths::estimated).orElse(null));
    reply.ifPresent(paths ->
        answer.note(
            "BYTES counts since the daemon's start, "
                + call.screen().humane().time(paths.since())
                + "; FLOWS are live now."
                + (paths.estimated() ? " Estimated: some traffic is sampled." : "")));
  }
}
