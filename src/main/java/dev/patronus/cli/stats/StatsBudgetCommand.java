package dev.patronus.cli.stats;

import dev.patronus.alert.Budget;
import dev.patronus.alert.BudgetVolume;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.config.DaemonSettings;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.TrafficLimit;
import dev.patronus.store.rollup.BudgetReader;
import dev.patronus.store.rollup.TrafficMeans.Whose;
import dev.patronus.store.table.PolicyTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// `patronus stats budget`: how much of the budgets is used.
public final class StatsBudgetCommand extends WatchedCommand {
  private static final int PERIODS = 12;

  private static final String NOT_ROLLED_UP =
      "The history is not rolled up yet: a running daemon does that, or 'patronus db migrate'.";

  /// A budget, and what was used of it in one of its periods.
  private record Used(Budget budget, BudgetVolume volume) {
    double percent() {
      return budget.percent(volume.used());
    }
  }

  private static final Column<Used> USED =
      Column.of("used_bytes", "USED", Kind.BYTES, row -> Math.round(row.volume().used()));
  private static final Column<Used> LEFT =
      Column.of("left_bytes", "LEFT", Kind.BYTES, row -> left(row.budget(), row.volume()));
  private static final Column<Used> PERCENT =
      Column.of("used_pct", "USED %", Kind.PERCENT, Used::percent);
  private static final Column<Used> FORECAST =
      Column.of("forecast_bytes", "FORECAST", Kind.BYTES, row -> rounded(row.volume().forecast()));
  private static final Column<Used> STATE =
      Column.of("state", Kind.STATUS, row -> row.budget().level(row.volume().used()).word());
  private static final Column<Used> SINCE =
      Column.of("since", Kind.TIME, row -> Instant.ofEpochSecond(row.volume().range().from()));
  private static final Column<Used> UNTIL =
      Column.of("until", Kind.TIME, row -> Instant.ofEpochSecond(row.volume().range().until()));

  private static final List<Column<Used>> COLUMNS =
      List.of(
          Column.of("budget", Kind.ID, row -> row.budget().name()),
          Column.of("policy", Kind.TEXT, row -> row.budget().policy()),
          USED,
          Column.of("limit_bytes", "LIMIT", Kind.BYTES, row -> Math.round(row.budget().bytes())),
          LEFT,
          PERCENT,
          FORECAST,
          STATE,
          Column.detail(
              "forecast_pct",
              Kind.PERCENT,
              row ->
                  row.volume().forecast().isPresent()
                      ? row.budget().percent(row.volume().forecast().getAsDouble())
                      : null),
          Column.detail("warn_pct", Kind.PERCENT, row -> row.budget().warn()),
          Column.detail("daily_bytes", Kind.BYTES, row -> rounded(row.volume().daily())),
          SINCE,
          UNTIL,
          Column.detail("rule", Kind.TEXT, row -> row.budget().text()));

  private static final List<Column<Used>> PERIOD_COLUMNS =
      List.of(
          SINCE,
          UNTIL,
          USED,
          LEFT,
          PERCENT,
          FORECAST,
          STATE,
          Column.detail("rounded", Kind.FLAG, row -> row.volume().rounded()));

  private final Option<String> name =
      argument("BUDGET", "0..1", text -> text, Completes.BUDGET, "the budget, by name");
  private final ListOptions list =
      new ListOptions(
          this,
          "-n --limit --periods",
          "show only the first N budgets, or the last N periods of one (default: " + PERIODS + ")");

  public StatsBudgetCommand() {
    super(
        "Shows how much of the budgets of the configuration (the key budget) is used in the current"
            + " month, week or day of the zone's clocks (tz), what is left, and what will be used"
            + " at its end if each day that is left is as the median of the last "
            + BudgetVolume.DAYS
            + " complete days; with a budget's name, also the periods before. Volumes are those of"
            + " the roll-ups, and include the rows since. An alert can watch a budget: 'alert ="
            + " full: budget backup > 80%'.");
    example("stats budget", "all budgets");
    example("stats budget backup -n 3", "one budget, with the two periods before");
  }

  @Override
  protected Answer answer(Invocation call) {
    List<Budget> budgets = DaemonSettings.alerts(call.settings()).budgets();
    return BudgetReader.reading(call.database(), reader -> answer(budgets, reader, call));
  }

  private Answer answer(List<Budget> budgets, Optional<BudgetReader> reader, Invocation call) {
    if (name.given()) {
      Budget budget =
          new Finder<>("budget", budgets, Budget::name, Budget::name, "stats budget")
              .find(name.get());
      return one(budget, reader, call);
    }
    List<Used> rows = new ArrayList<>();
    if (reader.isPresent()) {
      for (Budget budget : budgets) {
        Whose whose = whose(budget, call);
        rows.add(new Used(budget, reader.get().read(budget, whose, call.now(), 0, call.zone())));
      }
    }
    Answer answer = new Answer().member("as_of", call.now());
    list.show(Table.of("budgets", COLUMNS, rows), answer, call);
    if (budgets.isEmpty()) {
      return answer.note(
          "There are no budgets; the configuration has no line 'budget = NAME: policy NAME VOLUME"
              + " per month' (patronus.conf(5)).");
    }
    return reader.isEmpty() ? answer.say(NOT_ROLLED_UP) : answer;
  }

  private Answer one(Budget budget, Optional<BudgetReader> reader, Invocation call) {
    Whose whose = whose(budget, call);
    List<Used> rows =
        reader.map(volumes -> periods(budget, whose, volumes, call)).orElse(List.of());
    Answer answer =
        new Answer()
            .member("budget", budget.name())
            .member("limit_bytes", Math.round(budget.bytes()))
            .note(budget.name() + ": " + budget.text())
            .table(list.chosen(Table.of("periods", PERIOD_COLUMNS, rows)));
    if (reader.isEmpty()) {
      return answer.say(NOT_ROLLED_UP);
    }
    return rows.stream().anyMatch(row -> row.volume().rounded())
        ? answer.note(
            "Old periods are divided at the hour or day of UTC: finer history is not kept.")
        : answer;
  }

  private List<Used> periods(Budget budget, Whose whose, BudgetReader reader, Invocation call) {
    long first = reader.first(whose).orElse(Long.MAX_VALUE);
    List<Used> rows = new ArrayList<>();
    int most = (int) Math.min(list.limit().orElse(PERIODS), 1000);
    for (int before = 0; before < most; before++) {
      BudgetVolume volume = reader.read(budget, whose, call.now(), before, call.zone());
      if (before > 0 && volume.range().until() <= first) {
        break;
      }
      rows.add(new Used(budget, volume));
    }
    return rows;
  }

  private static long left(Budget budget, BudgetVolume volume) {
    return Math.max(0, Math.round(budget.bytes() - volume.used()));
  }

  private static @Nullable Long rounded(OptionalDouble number) {
    return number.isPresent() ? (Long) Math.round(number.getAsDouble()) : null;
  }

  private static Whose whose(Budget budget, Invocation call) {
    return switch (budget.policy()) {
      case TrafficLimit.TOTAL -> new Whose.Matched();
      case TrafficLimit.UNMATCHED -> new Whose.Unmatched();
      default ->
          new Whose.Policy(
              new Finder<>(
                      "policy",
                      new PolicyTable(call.database()).all(),
                      policy -> PolicyId.format(policy.id()),
                      Policy::name,
                      "policy list")
                  .find(budget.policy())
                  .id());
    };
  }
}
