package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.PostgresServer.Version;
import dev.patronus.testing.ProgramOutcome;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the login of a gateway can do when somebody else has it: statement by statement, by psql.
@ParameterizedClass
@EnumSource
class GatewayRightsTest {
  @TempDir private static Path home;
  private static HubUnderTest hub;
  private static HubUnderTest.Enrolled berlin;
  private final Version version;

  GatewayRightsTest(Version version) {
    this.version = version;
  }

  @BeforeParameterizedClassInvocation
  static void enrol(Version version) {
    hub = HubUnderTest.make(PostgresServer.shared(version), home);
    berlin = hub.enrol("berlin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM fleet.gateways",
        "SELECT * FROM fleet.epochs",
        "SELECT * FROM fleet.series",
        "SELECT * FROM fleet.policy_stats",
        "SELECT * FROM fleet.policy_stats_other",
        "SELECT * FROM fleet.hours_2026_11",
        "SELECT * FROM fleet.visible_series",
        "SELECT * FROM fleet.visible_policy_stats",
        "SELECT * FROM fleet.audit_logs",
        "SELECT * FROM fleet.sites",
        "SELECT * FROM fleet.events",
        "SELECT * FROM fleet.retention",
        "SELECT * FROM fleet.schema_versions",
        "SELECT * FROM fleet.removed_gateways",
        "INSERT INTO fleet.gateways (name, role_name) VALUES ('x', 'y')",
        "INSERT INTO fleet.policy_stats VALUES (1, 1, 1, 1, 1, 1, 1, 1)",
        "UPDATE fleet.gateways SET quota_day = 1",
        "UPDATE fleet.retention SET rows_from = 0",
        "DELETE FROM fleet.policy_stats",
        "TRUNCATE fleet.policy_stats",
        "DROP TABLE fleet.policy_stats",
        "BEGIN; LOCK TABLE fleet.gateways",
        "ALTER TABLE fleet.gateways ADD COLUMN x integer",
        "SELECT fleet.take_cells(1, 1, '{}')",
        "SELECT fleet.take_rows(1, 1, 0, '{}')",
        "SELECT fleet.take_objects(1, 1, '{}')",
        "SELECT fleet.complete_epoch(1, 1, 0)",
        "SELECT fleet.add_partitions('hours', '2020-01-01', 1000)",
        "CREATE OR REPLACE FUNCTION fleet.publish(call jsonb) RETURNS jsonb RETURN '{}'::jsonb",
        "CREATE TABLE fleet.mine (x integer)",
        "CREATE TABLE public.mine (x integer)",
        "CREATE TEMPORARY TABLE mine (x integer)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "DO 'BEGIN PERFORM 1; END'",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1, 2)",
        "SELECT pg_notify('a', 'b')",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')",
        "COPY (SELECT 1) TO '/tmp/patronus-mine'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "SELECT pg_reload_conf()",
        "CHECKPOINT",
        "SET ROLE admin",
        "SET SESSION AUTHORIZATION admin",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000"
      })
  void it_may_not(String statement) {
    ProgramOutcome outcome = hub.as(berlin, statement);
    assertEquals(3, outcome.exitCode(), () -> version + ": " + outcome); // psql: the script failed
    assertTrue(
        outcome.stderr().contains("permission denied")
            || outcome.stderr().contains("must be ")
            || outcome.stderr().contains("permission"),
        () -> version + ": " + outcome);
  }
}
