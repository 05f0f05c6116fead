package dev.patronus.cli.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `policy test` and `policy diff` beside the packaged daemon.
class PolicyTestIT {
  private static final int LINES = 10_000;
  private static final int[] PORTS = {22, 80, 443, 444, 5059, 5060, 5061, 5062, 10_500, 20_000};

  @TempDir private Path folder;

  private static FlowKey flow(Random random) {
    return FlowKey.of(
        IpAddress.parse("10." + random.nextInt(256) + ".1." + random.nextInt(256)),
        random.nextInt(65_536),
        IpAddress.parse("192.0.2." + random.nextInt(256)),
        PORTS[random.nextInt(PORTS.length)],
        random.nextBoolean() ? FlowKey.TCP : FlowKey.UDP);
  }

  @Test
  void ten_thousand_lines_agree_with_the_decisions_of_the_daemon() throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    Path database = SampleDatabase.make(folder, Age.NEWEST);
    StringBuilder lines = new StringBuilder();
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, DaemonUnderTest.freePort())) {
      for (int i = 0; i < LINES; i++) {
        FlowKey flow = flow(random);
        try (ControlClient client =
            ControlClient.connect(folder.resolve("patronus.sock")).orElseThrow()) {
          Reply.Document reply =
              (Reply.Document)
                  client.ask(
                      new Request.Explain(
                          flow, java.util.Optional.empty(), java.util.Optional.empty()));
          lines.append(line(flow, reply.members().object("explanation"))).append('\n');
        }
      }
    }
    Path file = folder.resolve("flows.txt");
    Files.writeString(file, lines);
    Outcome outcome = CommandLineRun.on(database).run("policy", "test", file.toString());
    assertEquals(ExitCode.DONE, outcome.exitCode(), () -> "-Dseed=" + seed + "\n" + outcome);
    assertTrue(outcome.out().startsWith("10,000 flows tested"), outcome.out());
  }

  private static String line(FlowKey flow, Json.Obj explanation) {
    boolean matched = explanation.find("policy").filter(Json.Obj.class::isInstance).isPresent();
    boolean routed = explanation.find("path").filter(Json.Obj.class::isInstance).isPresent();
    return "%s:%d > %s:%d %s is %s via %s"
        .formatted(
            flow.src(),
            flow.srcPort(),
            flow.dst(),
            flow.dstPort(),
            ProtocolName.of(flow.protocol()),
            matched ? explanation.object("policy").text("name") : "unmatched",
            routed ? "path " + explanation.object("path").text("path_id") : "none");
  }

  @Test
  void a_diff_sums_up_the_live_flows_that_would_move() throws Exception {
    Path database = SampleDatabase.make(folder, Age.NEWEST);
    Path rules = folder.resolve("rules.json");
    int port = DaemonUnderTest.freePort();
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      sender.send(0, 443, 1);
      sender.send(0, 22, 1);
      DaemonUnderTest.await("counted", () -> daemon.packets() >= 60);
      CommandLineRun cli =
          CommandLineRun.on(database)
              .env("PATRONUS_SOCKET", folder.resolve("patronus.sock").toString());
      Files.writeString(rules, cli.out("policy", "list", "--json"));
      assertTrue(
          cli.out("policy", "diff", "--with", rules.toString())
              .contains("None of 60 active flows would move."));
      Files.writeString(rules, Files.readString(rules).replace("[443,443]", "[22,22]"));
      String csv =
          cli.out(
              "policy",
              "diff",
              "--with",
              rules.toString(),
              "-o",
              "csv",
              "--no-headers",
              "--columns",
              "from_policy,to_policy,flows,packets,bytes");
      assertTrue(csv.contains("office,default,30,30,3000"), csv);
      assertTrue(csv.contains("default,office,30,30,3000"), csv);
    }
  }
}
