package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.route.RoutingDecision;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `patronus policy diff`: which live flows other policies would move.
public final class PolicyDiffCommand extends Command {
  private static final String WHY = "the live flows exist only in the daemon.";

  /// A move of flows, and what they carry.
  private record Row(Move move, Sum sum) {}

  private static final List<Column<Row>> COLUMNS =
      List.of(
          Column.of("from_policy", "POLICY", Kind.TEXT, row -> name(row.move().fromPolicy())),
          Column.of("from_path", "PATH", Kind.NUMBER, row -> row.move().fromPath().orElse(null)),
          Column.of("to_policy", "NEW POLICY", Kind.TEXT, row -> name(row.move().toPolicy())),
          Column.of("to_path", "NEW PATH", Kind.NUMBER, row -> row.move().toPath().orElse(null)),
          Column.of("flows", Kind.COUNT, row -> row.sum().flows),
          Column.of("packets", Kind.COUNT, row -> row.sum().packets),
          Column.of("bytes", Kind.BYTES, row -> row.sum().bytes),
          Column.of("example", Kind.TEXT, row -> text(row.sum().largest().key())));

  private final Option<Path> with =
      option("--with", "FILE", Path::of, Completes.FILE, "the other policies, as a JSON file");

  public PolicyDiffCommand() {
    super(
        "Shows which of the daemon's active flows would have another policy or path if the"
            + " policies in a file were in force instead of those in the database, summed up by"
            + " both. The file is as 'policy list --json' writes it. Replies that are counted for"
            + " their request, and the platform's own tunnels, are left out. Nothing is changed.");
    example("policy diff --with rules.json", "what these policies would move");
  }

  @Override
  protected void check() {
    if (!with.given()) {
      throw new UserError(ExitCode.USAGE, "give the other policies: --with FILE");
    }
  }

  private record Move(
      Optional<String> fromPolicy,
      Optional<Long> fromPath,
      Optional<String> toPolicy,
      Optional<Long> toPath) {}

  private static final class Sum {
    private long flows;
    private long packets;
    private long bytes;
    private Reply.@Nullable Flow largest;

    void add(Reply.Flow flow) {
      flows++;
      packets += flow.packets();
      bytes += flow.bytes();
      if (largest == null || flow.bytes() > largest.bytes()) {
        largest = flow;
      }
    }

    /// The flow that carried most; there is one.
    Reply.Flow largest() {
      return Objects.requireNonNull(largest);
    }
  }

  @Override
  public Answer run(Invocation call) {
    FlowRouting inForce = FlowRouting.ofDatabase(call);
    FlowRouting other = inForce.with(PolicyFile.read(with.get()));
    DaemonConnection daemon = new DaemonConnection(call);
    Map<Move, Sum> moves = new HashMap<>();
    long flows = 0;
    long leftOut = 0;
    long moved = 0;
    Reply.FlowStretch stretch = null;
    while (stretch == null || stretch.next() >= 0) {
      stretch = next(daemon, stretch);
      for (Reply.Flow flow : stretch.flows()) {
        RoutingDecision before = inForce.decide(flow.key());
        if (!before.policy().map(Policy::id).equals(flow.policyId())) {
          leftOut++;
          continue;
        }
        flows++;
        RoutingDecision after = other.decide(flow.key());
        Move move =
            new Move(
                before.policy().map(Policy::name),
                FlowRouting.path(before),
                after.policy().map(Policy::name),
                FlowRouting.path(after));
        if (!move.fromPolicy().equals(move.toPolicy()) || !move.fromPath().equals(move.toPath())) {
          moved++;
          moves.computeIfAbsent(move, _ -> new Sum()).add(flow);
        }
      }
    }
    return answer(moves, flows, moved, leftOut);
  }

  private static Reply.FlowStretch next(
      DaemonConnection daemon, Reply.@Nullable FlowStretch before) {
    int from = before == null ? 0 : Math.toIntExact(before.next());
    Instant started = before == null ? null : before.started();
    Reply.FlowStretch stretch =
        (Reply.FlowStretch)
            daemon.require(
                new Request.FlowStretch(
                    from, Request.FlowStretch.LIMIT, Optional.empty(), FlowFilter.ALL),
                WHY);
    if (started != null && !started.equals(stretch.started())) {
      throw new UserError(ExitCode.FAILED, "the daemon was restarted meanwhile; try again");
    }
    return stretch;
  }

  private static Answer answer(Map<Move, Sum> moves, long flows, long moved, long leftOut) {
    List<Row> rows = new ArrayList<>();
    moves.forEach((move, sum) -> rows.add(new Row(move, sum)));
    rows.sort((a, b) -> Long.compare(b.sum().bytes, a.sum().bytes));
    Answer answer =
        new Answer()
            .member("flows", flows)
            .member("moved", moved)
            .member("left_out", leftOut)
            .table(Table.of("moves", COLUMNS, rows));
    return answer.say(
        moved == 0
            ? "None of " + Counted.of(flows, "active flow") + " would move."
            : Counted.grouped(moved) + " of " + Counted.of(flows, "active flow") + " would move.");
  }

  private static String name(Optional<String> policy) {
    return policy.orElse("(unmatched)");
  }

  private static String text(FlowKey flow) {
    return end(flow.src().toString(), flow.srcPort())
        + " > "
        + end(flow.dst().toString(), flow.dstPort())
        + " "
        + ProtocolName.of(flow.protocol());
  }

  private static String end(String address, int port) {
    return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
  }
}
