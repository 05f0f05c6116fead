package dev.patronus.cli.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class PolicyCheckCommandTest {
  @TempDir private Path folder;

  @Test
  void a_policy_that_never_matches_is_found() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database
          .policy(1, "offices", 90, "{\"src_ip\":\"10.0.0.0/8\"}")
          .policy(2, "branch", 80, "{\"src_ip\":\"10.7.0.0/16\"}")
          .policy(3, "wrong", 70, "{\"src_ip\":\"10.7.0.0/99\"}")
          .run("UPDATE sdwan_policies SET path_preference = '7' WHERE policy_id = 1");
      CommandLineRun cli = CommandLineRun.on(database.file());
      Outcome check = cli.run("policy", "check");
      assertEquals(ExitCode.FAILED, check.exitCode(), check::toString);
      assertEquals(
          """
          error: policy 'offices' (1) selects no path: must be a name or {"Custom": {weights}}, is 7.
            Next: correct the path preference on the dashboard.
          warning: policy 'branch' (2) never matches: 'offices' (priority 90) comes first and matches all of its traffic.
            Next: raise its priority, or delete it.
          """,
          check.out().lines().limit(4).collect(Collectors.joining("\n")) + "\n");
      assertTrue(check.out().endsWith("2 errors, 1 warning.\n"), check::toString);
      String list = cli.out("policy", "list");
      assertTrue(list.contains("Policy 'branch' (2): never matches: 'offices' (priority"), list);
      String show = cli.out("policy", "show", "branch");
      assertTrue(show.contains("It never matches: 'offices' (priority 90)"), show);
      assertEquals(
          "name,shadowed_by,shadowed_by_id\r\noffices,,\r\nbranch,offices,1\r\nwrong,,\r\n",
          cli.out("policy", "list", "-o", "csv", "--columns", "name,shadowed_by,shadowed_by_id"));
      JsonNode document = new ObjectMapper().readTree(cli.run("policy", "check", "--json").out());
      assertEquals("shadowed", document.get("findings").get(1).get("fault").asString());
      database.run("DELETE FROM sdwan_policies WHERE policy_id = 3");
      database.run("UPDATE sdwan_policies SET path_preference = '\"LowestCost\"'");
      assertEquals(ExitCode.LIMIT_EXCEEDED, cli.run("policy", "check").exitCode());
      assertEquals(ExitCode.DONE, cli.run("policy", "check", "--fail-on", "error").exitCode());
      JsonNode doctor = new ObjectMapper().readTree(cli.run("doctor", "--json").out());
      assertTrue(
          doctor.get("findings").toString().contains("policy 'branch' never matches: 'offices'"),
          doctor::toString);
      database.run("DELETE FROM sdwan_policies WHERE policy_id = 2");
      assertEquals("No problems found in 1 policy.\n", cli.out("policy", "check"));
      assertEquals("", cli.out("policy", "check", "-q"));
    }
  }

  @Test
  void conditions_that_exclude_each_other_are_found() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database
          .policy(1, "web", 90, "{\"application_class\":\"Web\",\"protocol\":17}")
          .policy(2, "mixed", 80, "{\"src_ip\":\"10.0.0.0/8\",\"dst_ip\":\"2001:db8::/32\"}")
          .policy(3, "fine", 70, "{\"application_class\":\"VoIP\",\"protocol\":17}")
          .policy(4, "ping", 60, "{\"application_class\":\"Other\",\"protocol\":1}");
      assertEquals(
          """
          warning: policy 'web' (1) never matches: no traffic of its protocol and ports is of the application class Web.
            Next: correct the rule on the dashboard, or delete the policy.
          warning: policy 'mixed' (2) never matches: its source and destination are not of the same address family.
            Next: correct the rule on the dashboard, or delete the policy.
          0 errors, 2 warnings.
          """,
          CommandLineRun.on(database.file()).run("policy", "check").out());
    }
  }

  @Test
  void many_wrong_policies_are_summed_up() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.run(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
              + " INSERT INTO sdwan_policies SELECT i, 'policy-' || i, 5, '{\"src_port\":-1}',"
              + " '\"LowestCost\"', 1 FROM n");
      CommandLineRun cli = CommandLineRun.on(database.file());
      List<String> doctor = cli.run("doctor").out().lines().toList();
      assertTrue(doctor.size() < 80, String.join("\n", doctor));
      assertTrue(
          doctor.stream().anyMatch(line -> line.contains("980 more policies: invalid-rule")),
          String.join("\n", doctor));
      assertEquals(
          "There are 980 more problems; 'patronus policy check' lists them.",
          cli.out("policy", "list").lines().toList().getLast());
      assertEquals("1,000 errors, 0 warnings.", last(cli.run("policy", "check").out()));
    }
  }

  private static String last(String text) {
    return text.lines().toList().getLast();
  }
}
