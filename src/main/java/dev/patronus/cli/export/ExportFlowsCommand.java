package dev.patronus.cli.export;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.cli.option.FilterArgument;
import dev.patronus.cli.option.Finder;
import dev.patronus.cli.option.OutputFileOption;
import dev.patronus.cli.stats.FlowGroupsAnswer;
import dev.patronus.cli.stats.StatsCommand;
import dev.patronus.cli.stats.StatsFlowsCommand;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.file.AtomicFile;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.file.Compression;
import dev.patronus.output.row.RowWriter;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Table;
import dev.patronus.policy.PolicyTraffic;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `patronus export flows`: the daemon's live flow table for other programs, a stretch at a time
/// and so in constant memory on both sides.
public final class ExportFlowsCommand extends Command {
  private static final String WHY = "only the daemon knows individual flows.";

  /// The names of the columns there are.
  private static final List<String> KNOWN =
      StatsFlowsCommand.columns(Instant.EPOCH, Map.of()).stream().map(Column::name).toList();

  private final OutputFileOption output =
      new OutputFileOption(this, ExportCommand.FILE, ExportCommand.FORCE);
  private final Option<String> policy =
      option("-p --policy", "POLICY", text -> text, Completes.POLICY, "only flows of this policy");

  private final Option<List<GroupKey>> by = StatsFlowsCommand.by(this);
  private final FilterArgument filter = new FilterArgument(this);

  public ExportFlowsCommand() {
    super(
        "Exports the flows that the daemon has seen within the flow timeout, in no"
            + " particular order. The flow table is read while it changes: a flow that"
            + " exists throughout the export appears once; one that begins or ends"
            + " meanwhile may be missing.",
        "Columns (--columns): "
            + String.join(", ", KNOWN)
            + ". Without -o the format follows the file name extension, else CSV.",
        "With --by the flows are summed as by 'stats flows --by', the largest groups by bytes first,"
            + " at most "
            + Request.Flows.LIMIT
            + "; what is left out is said.",
        FilterArgument.LANGUAGE);
    example("export flows", "all active flows as CSV");
    example("export flows --policy voice -o ndjson", "the flows of one policy, one per line");
    example("export flows dst port 443 and tcp", "flows that match a filter");
    example("export flows --by src,dport -o csv", "who sends how much to which port");
    example("export flows --file flows.csv.gz", "into a file that appears when it is complete");
  }

  @Override
  protected void check() {
    filter.check();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    if (filter.onlyChecked()) {
      return new Answer();
    }
    Format format = call.formatAsked().orElseGet(() -> ExportFormat.forFile(output.named()));
    List<String> chosen = chosen(call);
    Optional<Path> target = output.freeTarget(call);
    DaemonConnection daemon = new DaemonConnection(call);
    Reply.Stats stats = (Reply.Stats) daemon.require(new Request.Stats(), WHY);
    Finder<PolicyTraffic> policies = StatsCommand.finder(stats.policies());
    Optional<Long> id = policy.find().map(text -> policies.find(text).policyId());
    FlowFilter asked = filter.read(call, text -> policies.find(text).policyId());
    Rows flows =
        by.given()
            ? groups(call, daemon, new FlowGroupsAnswer(by.get(), stats.names()), id, asked, chosen)
            : new Flows(daemon, id, asked, stats.names(), chosen);
    flows.read(); // what can be refused is refused before anything is written
    if (target.isEmpty()) {
      write(call.stream(), flows, format, call);
      call.out().flush();
      return new Answer();
    }
    try (AtomicFile file = OutputFileOption.begin(call, target.get())) {
      OutputStream out = Compression.of(target.get(), file.out());
      long rows = write(out, flows, format, call);
      Compression.finish(out);
      ExportCommand.Written written = new ExportCommand.Written(rows, file.sync());
      output.commit(file);
      ExportCommand.tell(call, target.get(), written);
    }
    return new Answer();
  }

  /// The columns that are asked for.
  private List<String> chosen(Invocation call) {
    List<String> known =
        by.given()
            ? new FlowGroupsAnswer(by.get(), Map.of()).columns().stream().map(Column::name).toList()
            : KNOWN;
    List<String> names = call.columns().orElse(known);
    ExportCommand.refuseUnknown(names, known);
    return names;
  }

  private long write(OutputStream out, Rows flows, Format format, Invocation call)
      throws IOException {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("export", "flows");
    asked.put("columns", flows.chosen());
    if (policy.given()) {
      asked.put("policy", policy.get());
    }
    if (filter.given()) {
      asked.put("filter", filter.text());
    }
    if (by.given()) {
      asked.put("by", by.get().stream().map(GroupKey::word).toList());
    }
    RowWriter writer = ExportRows.writer(out, format, call, asked);
    writer.begin(flows.table().headings());
    long rows = 0;
    boolean person = call.terminal().err() && (output.given() || !call.terminal().out());
    try (ProgressLine progress = ExportCommand.progress(call, person)) {
      while (flows.some()) {
        writer.rows(flows.table());
        rows += flows.table().rows().size();
        progress.at(rows, -1);
        flows.read();
      }
    }
    writer.finish();
    return rows;
  }

  /// Asks for the groups, and says what of them is not in the answer.
  private Rows groups(
      Invocation call,
      DaemonConnection daemon,
      FlowGroupsAnswer answer,
      Optional<Long> policyId,
      FlowFilter asked,
      List<String> chosen) {
    Request.Order order = Request.Order.BYTES;
    Request request =
        new Request.FlowGroups(
            new HashSet<>(by.get()), order, Request.Flows.LIMIT, policyId, asked);
    Reply.FlowGroups groups = (Reply.FlowGroups) daemon.require(request, WHY);
    FlowGroupsAnswer.approximation(groups, order).ifPresent(call::say);
    if (groups.count() > groups.groups().size()) {
      call.say(
          "The "
              + Counted.grouped(groups.groups().size())
              + " largest of "
              + Counted.of(groups.count(), "group")
              + " are exported. Use fewer keys, or a filter.");
    }
    return new Groups(Table.of("groups", answer.columns(), groups.groups()).select(chosen), chosen);
  }

  /// What is written, part by part.
  private sealed interface Rows {
    /// The names of the columns that are asked for.
    List<String> chosen();

    /// The part, with those columns.
    Table<?> table();

    /// Whether there is a part to write, be it an empty one.
    boolean some();

    /// Goes on to the next part.
    void read();
  }

  /// The groups, all at once.
  private static final class Groups implements Rows {
    private final Table<Reply.Group> table;
    private final List<String> chosen;
    private int reads;

    Groups(Table<Reply.Group> table, List<String> chosen) {
      this.table = table;
      this.chosen = chosen;
    }

    @Override
    public List<String> chosen() {
      return chosen;
    }

    @Override
    public Table<Reply.Group> table() {
      return table;
    }

    @Override
    public boolean some() {
      return reads == 1;
    }

    @Override
    public void read() {
      reads++;
    }
  }

  /// The table, stretch by stretch.
  private static final class Flows implements Rows {
    private final DaemonConnection daemon;
    private final Optional<Long> policyId;
    private final FlowFilter filter;
    private final Map<Long, String> names;
    private final List<String> chosen;
    private Reply.@Nullable FlowStretch stretch;
    private boolean over;

    Flows(
        DaemonConnection daemon,
        Optional<Long> policyId,
        FlowFilter filter,
        Map<Long, String> names,
        List<String> chosen) {
      this.daemon = daemon;
      this.policyId = policyId;
      this.filter = filter;
      this.names = names;
      this.chosen = chosen;
    }

    @Override
    public List<String> chosen() {
      return chosen;
    }

    @Override
    public Table<Reply.Flow> table() {
      Reply.FlowStretch read = Objects.requireNonNull(stretch);
      return Table.of("flows", StatsFlowsCommand.columns(read.asOf(), names), read.flows())
          .select(chosen);
    }

    @Override
    public boolean some() {
      return !over;
    }

    @Override
    public void read() {
      if (stretch != null && stretch.next() < 0) {
        over = true;
        return;
      }
      int from = stretch == null ? 0 : Math.toIntExact(stretch.next());
      Instant started = stretch == null ? null : stretch.started();
      stretch =
          (Reply.FlowStretch)
              daemon.require(
                  new Request.FlowStretch(from, Request.FlowStretch.LIMIT, policyId, filter), WHY);
      if (started != null && !started.equals(stretch.started())) {
        throw new UserError(
            ExitCode.FAILED, "the daemon restarted during the export; the output is incomplete");
      }
    }
  }
}
