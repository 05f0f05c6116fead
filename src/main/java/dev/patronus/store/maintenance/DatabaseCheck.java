package dev.patronus.store.maintenance;

import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Tier;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.site.GuardLevel;
import dev.patronus.store.Database;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import dev.patronus.store.retention.PrunedTime;
import dev.patronus.store.retention.Pruning;
import dev.patronus.store.rollup.RawGap;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.store.rollup.RollupCheck;
import dev.patronus.store.table.PolicyStatsTable;
import dev.patronus.store.table.PolicyTable;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/// Checks a database for damage, inconsistency, stale data and misconfiguration.
///
/// Confined to the database's thread. Only reads. A damaged part becomes a finding and does not
/// prevent the other checks.
public final class DatabaseCheck {
  private static final Duration SNAPSHOT_LATE = Duration.ofMinutes(10);
  private static final int POLICIES_NAMED = 20;
  private static final String ROLLUPS = "roll-ups";

  private final Database database;
  private final Instant now;
  private final boolean quick;
  private final boolean limited;
  private final Optional<GuardLevel> guardsSetting;

  /// @param quick whether indexes are not compared with their tables
  /// @param limited whether the daemon keeps raw rows for a limited time
  /// @param guards the guards that are configured; empty where none are
  public DatabaseCheck(
      Database database, Instant now, boolean quick, boolean limited, Optional<GuardLevel> guards) {
    this.database = database;
    this.now = now;
    this.quick = quick;
    this.limited = limited;
    this.guardsSetting = guards;
  }

  /// What was found, in the order of the checks; each check says something.
  public List<CheckFinding> findings() {
    FileCheck file = new FileCheck(database);
    OrphanCheck orphans = new OrphanCheck(database);
    List<CheckFinding> findings = new ArrayList<>();
    findings.addAll(guarded("integrity", () -> file.integrity(quick)));
    findings.addAll(guarded("foreign keys", orphans::foreignKeys));
    findings.addAll(guarded("orphans", orphans::orphans));
    findings.addAll(guarded("values", () -> new ValueCheck(database).values()));
    findings.addAll(guarded("rules", this::rules));
    findings.addAll(guarded("tables", this::tables));
    findings.addAll(guarded("guards", () -> new GuardCheck(database, guardsSetting).guards()));
    findings.addAll(guarded(ROLLUPS, this::rollups));
    findings.addAll(guarded("raw rows", this::rawRows));
    findings.addAll(guarded("snapshot", this::snapshot));
    findings.addAll(guarded("future", this::future));
    findings.addAll(guarded("disk", file::fileSystem));
    findings.addAll(file.others());
    findings.addAll(guarded("journal", file::journal));
    findings.addAll(guarded("size", file::size));
    findings.addAll(guarded("growth", () -> file.growth(now, limited)));
    return findings;
  }

  private List<CheckFinding> guarded(String check, Supplier<List<CheckFinding>> looking) {
    try {
      return looking.get();
    } catch (UserError e) {
      if (e.exitCode() != ExitCode.UNUSABLE_DATABASE) {
        throw e;
      }
      return List.of(
          new CheckFinding(
              Severity.ERROR,
              check,
              "cannot be checked: " + SqliteErrors.reason(e),
              "first repair what the integrity check has found; if that found nothing: "
                  + SqliteErrors.rescue(database.file())));
    }
  }

  private List<CheckFinding> rules() {
    List<Policy> all = new PolicyTable(database).all();
    List<CheckFinding> findings = new ArrayList<>();
    for (Policy policy : all) {
      if (policy.rules() instanceof Invalid(String problem)) {
        findings.add(rules(policy, "matches no traffic: " + problem));
      }
      if (policy.preference() instanceof Invalid(String problem)) {
        findings.add(rules(policy, "its path preference: " + problem));
      }
    }
    return findings.isEmpty()
        ? List.of(CheckFinding.ok("rules", "all can be read: " + HumanFormat.grouped(all.size())))
        : shortened(findings);
  }

  /// The first of many, those that are problems before the others.
  private static List<CheckFinding> shortened(List<CheckFinding> findings) {
    findings.sort(Comparator.comparing(CheckFinding::severity).reversed());
    int more = findings.size() - POLICIES_NAMED;
    if (more <= 0) {
      return findings;
    }
    List<CheckFinding> named = new ArrayList<>(findings.subList(0, POLICIES_NAMED));
    named.add(
        new CheckFinding(
            findings.get(POLICIES_NAMED).severity(),
            "rules",
            HumanFormat.grouped(more) + " more",
            "'patronus policy list --invalid' shows all of them"));
    return named;
  }

  private static CheckFinding rules(Policy policy, String what) {
    String id = PolicyId.format(policy.id());
    return new CheckFinding(
        policy.enabled() ? Severity.WARNING : Severity.INFO,
        "rules",
        "policy '" + policy.name() + "' (" + id + "): " + what,
        "correct it in the platform; 'patronus policy show " + id + "' shows its rules");
  }

  private List<CheckFinding> rollups() {
    Rollup rollup = new Rollup(database);
    long left = rollup.rowsLeft();
    if (!rollup.complete() && left > 0) {
      return List.of(
          new CheckFinding(
              Severity.INFO,
              ROLLUPS,
              HumanFormat.grouped(left) + " rows of policies are not rolled up yet",
              "the daemon does so, and 'patronus db migrate' at once"));
    }
    if (quick || !rollup.complete()) {
      return List.of();
    }
    RollupCheck check = new RollupCheck(database);
    List<RollupCheck.Difference> differences = check.differences(_ -> {});
    return differences.isEmpty()
        ? List.of(
            CheckFinding.ok(
                ROLLUPS,
                "the same as the rows that are there"
                    + (check.notCompared() == 0
                        ? ""
                        : "; not compared, because a clock jumped: "
                            + Counted.of(check.notCompared(), "series", "series"))))
        : differences.stream().limit(POLICIES_NAMED).map(DatabaseCheck::differs).toList();
  }

  private List<CheckFinding> rawRows() {
    return RawGap.find(database).stream()
        .map(gap -> new CheckFinding(Severity.INFO, "raw rows", gap.text(), null))
        .toList();
  }

  private static CheckFinding differs(RollupCheck.Difference found) {
    String who =
        found.policyId() == 0 ? "unmatched traffic" : "policy " + PolicyId.format(found.policyId());
    boolean sums = !found.rolledUp().equals(found.rows());
    return new CheckFinding(
        Severity.WARNING,
        ROLLUPS,
        who
            + " on "
            + LocalDate.ofEpochDay(Math.floorDiv(found.daySecond(), Tier.DAY.seconds()))
            + " (UTC): "
            + (sums
                ? "rolled up are "
                    + amounts(found.rolledUp())
                    + ", but the rows have "
                    + amounts(found.rows())
                : "steps of 5 minutes, hours and the day differ from the rows or each other"),
        "'patronus db migrate --rebuild-history' rebuilds it from the rows");
  }

  private static String amounts(RollupCheck.Sum sum) {
    return HumanFormat.grouped(sum.packets())
        + " packets, "
        + HumanFormat.grouped(sum.bytes())
        + " bytes";
  }

  private List<CheckFinding> tables() {
    List<Upgrade.Step> missing =
        new Upgrade(database).steps().stream().filter(Upgrade.Step::missing).toList();
    List<CheckFinding> findings = new ArrayList<>();
    for (Upgrade.Step step : missing) {
      boolean index = step.name().equals("index");
      findings.add(
          new CheckFinding(
              index ? Severity.WARNING : Severity.INFO,
              "tables",
              index
                  ? "sdwan_policy_stats has no index by policy and time; 'stats' reads all of it"
                  : "there is no " + step.makes() + " yet",
              index
                  ? "'patronus db migrate' makes it"
                  : "'patronus db migrate' adds it, and so does the first change"));
    }
    return findings.isEmpty()
        ? List.of(CheckFinding.ok("tables", "all there; platform: " + database.schema().age()))
        : findings;
  }

  private List<CheckFinding> snapshot() {
    Optional<Instant> newest =
        new PolicyStatsTable(database)
            .latest().stream()
                .map(PolicyTraffic::lastUpdated)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
    if (newest.isEmpty()) {
      return List.of(
          new CheckFinding(
              Severity.INFO, "snapshot", "nothing was counted into this database yet", null));
    }
    return List.of(snapshot(newest.get()));
  }

  private CheckFinding snapshot(Instant newest) {
    Duration age = Duration.between(newest, now);
    if (age.compareTo(PrunedTime.TOLERANCE.negated()) < 0) {
      return new CheckFinding(
          Severity.WARNING,
          "snapshot",
          "the newest is " + rounded(age.negated()) + " ahead of this clock",
          "see what the check of the future says");
    }
    if (age.compareTo(SNAPSHOT_LATE) > 0) {
      return new CheckFinding(
          Severity.WARNING,
          "snapshot",
          "the newest is " + rounded(age) + " old: no daemon has saved one since",
          "'patronus doctor' says why");
    }
    return CheckFinding.ok(
        "snapshot", "the newest is less than " + rounded(SNAPSHOT_LATE) + " old");
  }

  private List<CheckFinding> future() {
    List<Pruning.Share> found = Pruning.fromFuture(database, now);
    return found.isEmpty()
        ? List.of(CheckFinding.ok("future", "no history from after now"))
        : found.stream()
            .map(share ->
                new CheckFinding(
                    Severity.WARNING, "future", share.fromFuture(), share.removeFromFuture()))
            .toList();
  }

  private static String rounded(Duration age) {
    return HumanFormat.seconds(age.truncatedTo(ChronoUnit.MINUTES).toSeconds());
  }
}
