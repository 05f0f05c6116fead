package dev.patronus.cli.site;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.SiteOverview;
import dev.patronus.store.table.SiteTable;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.List;

/// `patronus site list`: the sites, with what hangs on them counted.
public final class SiteListCommand extends Command {
  private static final Column[] COLUMNS = {
    SiteTexts.NAME,
    SiteTexts.ID,
    Column.of("status", Kind.STATUS),
    Column.of("paths_up", "UP", Kind.COUNT),
    Column.of("paths_degraded", "DEG", Kind.COUNT),
    Column.of("paths_down", "DOWN", Kind.COUNT),
    Column.of("age_seconds", "SEEN", Kind.SECONDS),
    Column.of("endpoints", "ENDPOINTS", Kind.COUNT),
    Column.detail("paths", Kind.COUNT),
    Column.detail("last_seen", Kind.TIME),
    Column.detail("created_at", Kind.TIME),
  };

  private final Option<List<String>> status =
      options(
          "--status",
          "STATUS",
          text -> text,
          Completes.NOTHING,
          "only sites with this status: active, inactive or degraded; may be repeated");

  private final Option<Duration> notSeenFor =
      option(
          "--not-seen-for",
          "DURATION",
          DurationText::parse,
          "only sites that were last seen so long ago or longer, as in 10m");
  private final ListOptions list = new ListOptions(this);

  public SiteListCommand() {
    super(
        "Lists the sites by name with the number of their paths that are up, degraded"
            + " and down, the time since each was last seen, and the number of endpoints.");
    example("site list", "all sites");
    example("site list --not-seen-for 10m", "sites that have been silent for ten minutes");
    example("site list --status inactive -o csv", "inactive sites, for a spreadsheet");
  }

  @Override
  public Answer run(Invocation call) {
    List<SiteOverview> all = new SiteTable(call.database()).overviews();
    Table table = new Table("sites", "", COLUMNS);
    all.stream().filter(site -> isWanted(site, call)).forEach(site -> table.row(cells(site, call)));
    Answer answer = new Answer();
    list.show(table, answer, call);
    if (table.rows().isEmpty()) {
      answer.note(all.isEmpty() ? "There are no sites." : "No matching sites.");
    }
    return answer;
  }

  private boolean isWanted(SiteOverview overview, Invocation call) {
    if (notSeenFor.given()
        && overview.site().lastSeen().isAfter(call.now().minus(notSeenFor.get()))) {
      return false;
    }
    List<String> wanted = status.or(List.of());
    String text = overview.site().status().text();
    return wanted.isEmpty() || wanted.stream().anyMatch(text::equalsIgnoreCase);
  }

  private static Object[] cells(SiteOverview overview, Invocation call) {
    return new Object[] {
      overview.site().name(),
      overview.site().id(),
      overview.site().status().text(),
      overview.pathsUp(),
      overview.pathsDegraded(),
      overview.pathsDown(),
      Duration.between(overview.site().lastSeen(), call.now()).toSeconds(),
      overview.endpoints(),
      overview.paths(),
      overview.site().lastSeen(),
      overview.site().createdAt(),
    };
  }
}
