package dev.patronus.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// The steps that give a database the tables that we need; each only adds, and may be taken twice.
///
/// The steps are numbered `.sql` resources beside this class. A step is taken where the table that
/// it makes is missing; nothing of the platform's is altered.
public final class Migration {
  /// A step, and the table by which one sees that it was taken.
  public record Step(String resource, String makes) {}

  public static final List<Step> STEPS =
      List.of(
          new Step("001-policy-stats.sql", "sdwan_policy_stats"),
          new Step("002-audit-logs.sql", "audit_logs"),
          new Step("003-unmatched-stats.sql", "patronus_unmatched_stats"),
          new Step("004-deleted-sites.sql", "patronus_deleted_rows"),
          new Step("005-counters.sql", "patronus_source_progress"),
          new Step("006-rollups.sql", "patronus_days"),
          new Step("007-guards.sql", "patronus_guards"),
          new Step("008-deleted-kinds.sql", "patronus_deleted_kinds"),
          new Step("009-guard-archive.sql", "patronus_guard_archive"),
          new Step("010-captures.sql", "patronus_captures"),
          new Step("011-alerts.sql", "patronus_alert_silences"),
          new Step("012-platform-flows.sql", "patronus_platform_flows"),
          new Step("013-days-kept.sql", "patronus_days_kept"));

  private Migration() {}

  /// The steps that a database still needs.
  public static List<Step> missing(Schema schema) {
    return STEPS.stream().filter(step -> !schema.has(step.makes())).toList();
  }

  /// Takes the missing steps within the transaction that is open.
  public static void apply(Database database) throws SQLException {
    List<Step> missing = missing(database.schema());
    for (Step step : missing) {
      run(database, text(step.resource()));
    }
    if (!missing.isEmpty()) {
      database.forgetSchema();
    }
  }

  /// Runs the statements of a script, apart by semicolons at line ends.
  public static void run(Database database, String script) throws SQLException {
    try (Statement statement = database.connection().createStatement()) {
      for (String sql : script.split(";\n", -1)) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
    }
  }

  static String text(String resource) {
    return script("migration/" + resource);
  }

  /// The text of a script beside this class.
  public static String script(String resource) {
    try (InputStream in = Migration.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
