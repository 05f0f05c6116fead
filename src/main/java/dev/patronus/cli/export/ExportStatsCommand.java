package dev.patronus.cli.export;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.cli.option.PolicyNames;
import dev.patronus.cli.option.PolicyOption;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubHistory;
import dev.patronus.history.Buckets;
import dev.patronus.history.CounterMode;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.output.Format;
import dev.patronus.output.table.Heading;
import dev.patronus.policy.PolicyId;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.store.history.PolicyValues;
import dev.patronus.store.history.PolicyValues.Names;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `patronus export stats`: the counters of policies over time.
public final class ExportStatsCommand extends ExportCommand {
  private final PolicyOption policies = new PolicyOption(this);
  private final Option<CounterMode> values =
      choice(
          "--values",
          "KIND",
          CounterMode.class,
          "cumulative (as stored, the default), delta (since the previous row) or"
              + " rate (per second)");
  private final Option<Step> step =
      option(
          "--step",
          "STEP",
          Step::parse,
          "one row per policy and step (5m, 1h, 1d, 1w, 1mo): the sum or mean rate,"
              + " or the last of cumulative values");

  public ExportStatsCommand() {
    super(
        ExportTable.STATS,
        "Exports the counters of policies in the order in which they were written; with"
            + " --policy or --step, grouped by policy and ordered by time. Deltas and rates are"
            + " correct across counter resets: each row is compared with the one before it in"
            + " time, the first row of a range with the last one before it. Where a clock"
            + " jumped, rows come and are compared in the order in which they were written.",
        "Deltas and rates add the columns elapsed_seconds and reset; steps add"
            + " elapsed_seconds, resets and gap. Steps of 5 minutes and more are read from"
            + " what was rolled up, as 'stats history' does, and include deleted policies."
            + " --since-last hands over rows as they were written, and goes with neither.");
    example("export stats --since 7d --file week.csv.gz", "the last seven days, compressed");
    example(
        "export stats --since-last /var/lib/patronus/billing.state --append --file rows.csv",
        "append the rows since the last run to one file, for cron");
    example(
        "export stats --since-last billing.state --file rows-%Y%m%dT%H%M%S.csv.gz",
        "the same with a new file for each run, none if there are no new rows (in a"
            + " crontab, write \\% for %)");
    example(
        "export stats --range 2026-11 --step 1d --values delta -o json",
        "traffic per policy and day in November");
    example(
        "export stats --fleet --since-last hub.state -o ndjson",
        "the new rows of all gateways of the hub, each once");
  }

  private CounterMode values() {
    return values.or(CounterMode.CUMULATIVE);
  }

  private boolean computed() {
    return step.given() || values() != CounterMode.CUMULATIVE;
  }

  private PolicyValues computation(Invocation call) {
    return new PolicyValues(values(), step.find().map(s -> new Buckets(s, call.zone())));
  }

  @Override
  void checkIncremental() {
    if (computed()) {
      throw new UserError(
          ExitCode.USAGE,
          "--since-last exports rows as they were written; remove --values and --step");
    }
  }

  @Override
  Map<String, Object> asked(Invocation call) {
    Map<String, Object> asked = new LinkedHashMap<>();
    List<String> named =
        ofFleet() ? policies.typed() : chosen(call).stream().map(PolicyId::format).toList();
    asked.put("policies", policies.given() ? named : null);
    asked.put("values", EnumNames.of(values()));
    asked.put("step", step.given() ? step.get().toString() : null);
    return asked;
  }

  @Override
  List<Long> groups(Invocation call, TableScanner extraction) {
    return chosen(call);
  }

  /// Those that are named; empty for all.
  private List<Long> chosen(Invocation call) {
    return policies.given()
        ? policies.numbersOf(PolicyNames.read(call, new PolicyHistory(call.database())))
        : List.of();
  }

  @Override
  List<Heading> columns(Invocation call) {
    return computed() ? computation(call).columns() : super.columns(call);
  }

  @Override
  List<String> defaultColumns(Format format, Invocation call) {
    if (format == Format.TABLE) {
      return forPeople(call);
    }
    if (!computed()) {
      return super.defaultColumns(format, call);
    }
    PolicyValues computation = computation(call);
    int count = computation.defaultColumns() + (format == Format.CSV ? 0 : 1);
    return computation.columns().stream().map(Heading::name).limit(count).toList();
  }

  private List<String> forPeople(Invocation call) {
    List<String> names =
        columns(call).stream()
            .map(Heading::name)
            .filter(name -> !List.of("stat_id", "policy_id", "timestamp").contains(name))
            .filter(name -> !List.of("time", "policy_name").contains(name))
            .collect(Collectors.toList());
    names.addAll(0, List.of("time", "policy_name"));
    return names;
  }

  @Override
  ExportQuery selection(List<String> names, List<Long> groups, TimeRange range, KeyRange keys) {
    if (!computed()) {
      return super.selection(names, groups, range, keys);
    }
    List<String> own = ExportTable.STATS.own().stream().map(ExportColumn::name).toList();
    return super.selection(own, groups, range, keys);
  }

  @Override
  RowScan open(
      Invocation call,
      TableScanner extraction,
      ExportQuery selection,
      List<String> names,
      boolean incremental) {
    if (!computed()) {
      return super.open(call, extraction, selection, names, incremental);
    }
    PolicyHistory history = new PolicyHistory(call.database());
    Names policyNames =
        Names.of(
            names.contains("policy_name") ? PolicyNames.read(call, history).names() : Map.of());
    PolicyValues computation = computation(call);
    if (!step.given() && selection.groups().isEmpty()) {
      Set<Long> byArrival =
          history.policies().stream()
              .filter(id -> history.disordered(List.of(id)))
              .collect(Collectors.toSet());
      return computation.openAsWritten(
          call.database(), extraction, selection, byArrival, names, policyNames);
    }
    List<Long> chosen = chosen(history, selection.groups());
    if (!step.given() && history.disordered(chosen)) {
      return computation.open(
          extraction.byArrival(selection, chosen, history::disordered),
          selection.range(),
          names,
          policyNames);
    }
    if (!computation.steppedChanges()) {
      return computation.open(extraction, selection, names, policyNames);
    }
    HistoryPlan plan =
        history.plan(selection.range(), computation.step().orElseThrow(), chosen, false);
    return plan.tier().isPresent() || history.disordered(chosen)
        ? computation.open(history, plan, chosen, names, policyNames)
        : computation.open(extraction, selection, names, policyNames);
  }

  private static List<Long> chosen(PolicyHistory history, List<Long> groups) {
    return groups.isEmpty()
        ? history.policies()
        : groups.stream().distinct().sorted(Long::compareUnsigned).toList();
  }

  @Override
  TimeRange readable(Invocation call, TimeRange range, List<Long> groups) {
    PolicyValues computation = computation(call);
    if (!computation.steppedChanges()) {
      return range;
    }
    PolicyHistory history = new PolicyHistory(call.database());
    Buckets buckets = computation.step().orElseThrow();
    return history.plan(range, buckets, chosen(history, groups), false).range();
  }

  @Override
  Optional<Map<String, long[]>> groups(Invocation call, FleetReader reader) {
    if (!policies.given()) {
      return Optional.empty();
    }
    PolicyNames known = FleetReading.names(reader, new HubHistory(reader));
    return Optional.of(FleetExport.idsOf(policies.numbersOf(known), known));
  }

  @Override
  RowScan openFleet(Invocation call, FleetReader reader, List<String> names, TimeRange range) {
    if (!computed()) {
      return super.openFleet(call, reader, names, range);
    }
    HubHistory history = new HubHistory(reader);
    PolicyNames known = FleetReading.names(reader, history);
    List<Long> chosen = chosen(history, known);
    PolicyValues computation = computation(call);
    Names policyNames = new Names(known.names(), known::policyId, known::gateway);
    if (computation.steppedChanges()) {
      HistoryPlan plan = history.plan(range, computation.step().orElseThrow(), chosen, false);
      return computation.open(history, plan, chosen, names, policyNames);
    }
    boolean predecessors = values() != CounterMode.CUMULATIVE;
    RowScan raw = history.readings(chosen, range, predecessors, !step.given());
    return computation.open(raw, range, names, policyNames);
  }

  private List<Long> chosen(HubHistory history, PolicyNames known) {
    return policies.given()
        ? policies.numbersOf(known).stream().sorted().toList()
        : history.policies();
  }

  @Override
  TimeRange rangeOfFleet(Invocation call, FleetReader reader) {
    TimeRange range = super.rangeOfFleet(call, reader);
    PolicyValues computation = computation(call);
    if (!computation.steppedChanges()) {
      return range;
    }
    HubHistory history = new HubHistory(reader);
    List<Long> chosen = chosen(history, FleetReading.names(reader, history));
    return history.plan(range, computation.step().orElseThrow(), chosen, false).range();
  }
}
