package dev.patronus.cli.path;

import static java.util.stream.Collectors.toMap;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.site.Path;
import dev.patronus.site.PathMeasurement;
import dev.patronus.store.table.PathTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

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
  public List<Column> columns() {
    return List.of(
        Column.of("status", Kind.STATUS),
        PathTexts.LATENCY,
        PathTexts.LOSS,
        PathTexts.BANDWIDTH,
        reply.isPresent() ? Column.detail("score", Kind.NUMBER) : PathTexts.SCORE,
        flows(),
        packets(),
        bytes(),
        Column.of("age_seconds", "AGE", Kind.SECONDS),
        Column.detail("measured_at", Kind.TIME),
        Column.detail("jitter_ms", Kind.MILLIS),
        Column.detail("mtu", Kind.NUMBER),
        Column.detail("wg_interface", Kind.TEXT),
        Column.detail("src_endpoint", Kind.TEXT),
        Column.detail("dst_endpoint", Kind.TEXT));
  }

  private Column flows() {
    return reply.isPresent()
        ? Column.of("active_flows", "FLOWS", Kind.COUNT)
        : Column.detail("active_flows", Kind.COUNT);
  }

  private static Column packets() {
    return Column.detail("packets", Kind.COUNT);
  }

  private Column bytes() {
    return reply.isPresent()
        ? Column.of("bytes", "BYTES", Kind.BYTES)
        : Column.detail("bytes", Kind.BYTES);
  }

  /// The cells of a path under [#columns()].
  public List<Object> cells(PathTable.Row row, Instant now) {
    Path path = row.path();
    PathMeasurement latest = row.latest().orElse(null);
    Object[] measured = PathTexts.cells(latest);
    Optional<Reply.PathTraffic> traffic = traffic(path.id());
    return Arrays.asList(
        path.status().text(),
        measured[0],
        measured[2],
        measured[3],
        measured[5],
        traffic.map(Reply.PathTraffic::flows).orElse(null),
        traffic.map(Reply.PathTraffic::packets).orElse(null),
        traffic.map(Reply.PathTraffic::bytes).orElse(null),
        latest == null ? null : Duration.between(latest.at(), now).toSeconds(),
        latest == null ? null : latest.at(),
        measured[1],
        measured[4],
        path.wgInterface().orElse(null),
        path.srcEndpoint(),
        path.dstEndpoint());
  }

  private Optional<Reply.PathTraffic> traffic(long pathId) {
    return reply.map(_ -> byPath.getOrDefault(pathId, NOTHING));
  }

  /// The traffic of a path as properties of it; none for people where it is not known.
  void facts(long pathId, Format format, Map<Column, Object> facts) {
    if (reply.isPresent() || format != Format.TABLE) {
      Optional<Reply.PathTraffic> traffic = traffic(pathId);
      facts.put(flows(), traffic.map(Reply.PathTraffic::flows).orElse(null));
      facts.put(packets(), traffic.map(Reply.PathTraffic::packets).orElse(null));
      facts.put(bytes(), traffic.map(Reply.PathTraffic::bytes).orElse(null));
    }
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
