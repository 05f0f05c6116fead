package dev.patronus.cli.stats;

import dev.patronus.alert.Budget;
import dev.patronus.alert.BudgetVolume;
import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// `patronus stats budget`: how much of the budgets is used.
public final class StatsBudgetCommand extends Command {
  private static final int PERIODS = 12;

  private static final String NOT_ROLLED_UP =
      "The history is not rolled up yet: a running daemon does that, or 'patronus db migrate'.";

  private static final Column[] COLUMNS = {
    Column.of("budget", Kind.ID),
    Column.of("policy", Kind.TEXT),
    Column.of("used_bytes", "USED", Kind.BYTES),
    Column.of("limit_bytes", "LIMIT", Kind.BYTES),
    Column.of("left_bytes", "LEFT", Kind.BYTES),
    Column.of("used_pct", "USED %", Kind.PERCENT),
    Column.of("forecast_bytes", "FORECAST", Kind.BYTES),
    Column.of("state", Kind.STATUS),
    Column.detail("forecast_pct", Kind.PERCENT),
    Column.detail("warn_pct", Kind.PERCENT),
    Column.detail("daily_bytes", Kind.BYTES),
    Column.of("since", Kind.TIME),
    Column.of("until", Kind.TIME),
    Column.detail("rule", Kind.TEXT),
  };

  private static final Column[] PERIOD_COLUMNS = {
    Column.of("since", Kind.TIME),
    Column.of("until", Kind.TIME),
    Column.of("used_bytes", "USED", Kind.BYTES),
    Column.of("left_bytes", "LEFT", Kind.BYTES),
    Column.of("used_pct", "USED %", Kind.PERCENT),
    Column.of("forecast_bytes", "FORECAST", Kind.BYTES),
    Column.of("state", Kind.STATUS),
    Column.detail("rounded", Kind.FLAG),
  };

  private final Option<String> name =
      argument("BUDGET", "0..1", text -> text, Completes.NOTHING, "the budget, by name");
  private final Option<Long> periods =
      option(
          "-n --periods",
          "N",
          text -> EnumNames.wholeNumber(text, 1),
          "number of periods that are shown of one budget (default: " + PERIODS + ")");

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
  public Answer run(Invocation call) {
    List<Budget> budgets = DaemonSettings.alerts(call.settings()).budgets();
    Optional<BudgetReader> reader = BudgetReader.open(call.database());
    if (name.given()) {
      Budget budget =
          new Finder<>("budget", budgets, Budget::name, Budget::name, "stats budget")
              .find(name.get());
      return reader.isPresent() ? one(budget, reader.get(), call) : new Answer().say(NOT_ROLLED_UP);
    }
    Table table = new Table("budgets", "", COLUMNS);
    Answer answer = new Answer().member("as_of", call.now()).table(table);
    if (budgets.isEmpty()) {
      return answer.note(
          "There are no budgets; the configuration has no line 'budget = NAME: policy NAME VOLUME"
              + " per month' (patronus.conf(5)).");
    }
    if (reader.isEmpty()) {
      return answer.say(NOT_ROLLED_UP);
    }
    for (Budget budget : budgets) {
      Whose whose = whose(budget, call);
      table.row(cells(budget, reader.get().read(budget, whose, call.now(), 0, call.zone())));
    }
    return answer;
  }

  private static Object[] cells(Budget budget, BudgetVolume volume) {
    return new Object[] {
      budget.name(),
      budget.policy(),
      Math.round(volume.used()),
      Math.round(budget.bytes()),
      left(budget, volume),
      budget.percent(volume.used()),
      forecast(volume),
      budget.level(volume.used()).word(),
      volume.forecast().isPresent() ? budget.percent(volume.forecast().getAsDouble()) : null,
      budget.warn(),
      rounded(volume.daily()),
      Instant.ofEpochSecond(volume.range().from()),
      Instant.ofEpochSecond(volume.range().until()),
      budget.text(),
    };
  }

  private Answer one(Budget budget, BudgetReader reader, Invocation call) {
    Whose whose = whose(budget, call);
    long first = reader.first(whose).orElse(Long.MAX_VALUE);
    Table table = new Table("periods", "", PERIOD_COLUMNS);
    boolean anyRounded = false;
    int most = (int) Math.min(periods.or((long) PERIODS), 1000);
    for (int before = 0; before < most; before++) {
      BudgetVolume volume = reader.read(budget, whose, call.now(), before, call.zone());
      if (before > 0 && volume.range().until() <= first) {
        break;
      }
      anyRounded |= volume.rounded();
      table.row(
          Instant.ofEpochSecond(volume.range().from()),
          Instant.ofEpochSecond(volume.range().until()),
          Math.round(volume.used()),
          left(budget, volume),
          budget.percent(volume.used()),
          forecast(volume),
          budget.level(volume.used()).word(),
          volume.rounded());
    }
    Answer answer =
        new Answer()
            .member("budget", budget.name())
            .member("limit_bytes", Math.round(budget.bytes()))
            .note(budget.name() + ": " + budget.text())
            .table(table);
    return anyRounded
        ? answer.note(
            "Old periods are divided at the hour or day of UTC: finer history is not kept.")
        : answer;
  }

  private static long left(Budget budget, BudgetVolume volume) {
    return Math.max(0, Math.round(budget.bytes() - volume.used()));
  }

  private static Long forecast(BudgetVolume volume) {
    return rounded(volume.forecast());
  }

  private static Long rounded(OptionalDouble number) {
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
