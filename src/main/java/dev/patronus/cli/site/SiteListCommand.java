package dev.patronus.cli.site;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.GatewayRow;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.option.StatusOption;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.SiteOverview;
import dev.patronus.site.SiteStatus;
import dev.patronus.store.table.SiteTable;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// `patronus site list`: the sites, with what hangs on them counted.
public final class SiteListCommand extends WatchedCommand {
  private final StatusOption status =
      new StatusOption(this, "site", EnumNames.of(SiteStatus.Known.class));
  private final Option<Duration> notSeenFor =
      option(
          "--not-seen-for",
          "DURATION",
          DurationText::parse,
          "only sites that were last seen so long ago or longer, as in 10m, and new ones that were"
              + " never seen, which 'site delete --inactive-for' spares");
  private final ListOptions list = new ListOptions(this);
  private final FleetOptions fleet = new FleetOptions(this);
  private final Option<Boolean> deleted = fleet.deleted(this, "sites");

  public SiteListCommand() {
    super(
        "Lists the sites by name with the number of their paths that are up, degraded"
            + " and down, the time since each was last seen, and the number of endpoints.");
    example("site list", "all sites");
    example("site list --not-seen-for 10m", "sites that have been silent for ten minutes");
    example("site list --watch 1s --count 2", "refreshed, two updates a second apart");
    example("site list --status inactive -o csv", "inactive sites, for a spreadsheet");
    example(
        "site list --gateway 'berlin-*' --deleted",
        "the sites of some gateways of the hub, with those that were deleted");
  }

  @Override
  protected void check() {
    super.check();
    fleet.check();
    fleet.checkDeleted(deleted.get(), "site deleted");
  }

  @Override
  protected Answer answer(Invocation call) {
    if (fleet.given()) {
      FleetReading.Listed<SiteOverview> found = FleetReading.sites(call, fleet, deleted.get());
      return answer(
          call,
          found.rows(),
          GatewayRow.columns(columns(call.now(), call.format()), found.several(), deleted.get()));
    }
    List<SiteOverview> own = new SiteTable(call.database()).overviews();
    return answer(
        call,
        own.stream().map(GatewayRow::own).toList(),
        GatewayRow.columns(columns(call.now(), call.format())));
  }

  private Answer answer(
      Invocation call,
      List<GatewayRow<SiteOverview>> all,
      List<Column<GatewayRow<SiteOverview>>> columns) {
    Predicate<String> ofStatus =
        status.filter(all.stream().map(each -> each.row().site().status().text()).toList());
    List<GatewayRow<SiteOverview>> shown =
        all.stream()
            .filter(each -> ofStatus.test(each.row().site().status().text()))
            .filter(each -> isSilent(each.row(), call))
            .toList();
    Answer answer = new Answer();
    list.show(Table.of("sites", columns, shown), answer, call);
    if (shown.isEmpty()) {
      answer.note(all.isEmpty() ? "There are no sites." : "No matching sites.");
    }
    return answer;
  }

  private boolean isSilent(SiteOverview overview, Invocation call) {
    return !notSeenFor.given()
        || !overview.site().lastSeen().isAfter(call.now().minus(notSeenFor.get()));
  }

  /// The columns; people find the id last, as in all lists, programs where it has always been.
  private static List<Column<SiteOverview>> columns(Instant now, Format format) {
    boolean people = format == Format.TABLE;
    Column<SiteOverview> id = SiteTexts.ID.of(SiteOverview::site);
    List<Column<SiteOverview>> columns = new ArrayList<>();
    columns.add(SiteTexts.NAME.of(SiteOverview::site));
    if (!people) {
      columns.add(id);
    }
    columns.add(SiteTexts.STATUS.of(SiteOverview::site));
    columns.add(Column.of("paths_up", "UP", Kind.COUNT, SiteOverview::pathsUp));
    columns.add(Column.of("paths_degraded", "DEG", Kind.COUNT, SiteOverview::pathsDegraded));
    columns.add(Column.of("paths_down", "DOWN", Kind.COUNT, SiteOverview::pathsDown));
    columns.add(
        Column.of(
            "age_seconds",
            "SEEN",
            Kind.SECONDS,
            each -> Duration.between(each.site().lastSeen(), now).toSeconds()));
    columns.add(Column.of("endpoints", "ENDPOINTS", Kind.COUNT, SiteOverview::endpoints));
    if (people) {
      columns.add(id);
    }
    columns.add(Column.detail("paths", Kind.COUNT, SiteOverview::paths));
    columns.add(SiteTexts.LAST_SEEN.detailIf(true).of(SiteOverview::site));
    columns.add(SiteTexts.CREATED.detailIf(true).of(SiteOverview::site));
    return columns;
  }
}
