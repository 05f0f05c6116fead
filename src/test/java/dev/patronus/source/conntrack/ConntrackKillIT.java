package dev.patronus.source.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.flow.Volume;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Gateway;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged daemon on a gateway, killed again and again while traffic goes through: what it has
/// counted in the end is what the kernel has, by counters of nftables.
class ConntrackKillIT {
  private static final Pattern COUNTER =
      Pattern.compile("counter (\\S+) \\{\\s+packets (\\d+) bytes (\\d+)");

  /// Errors of ICMP and neighbour discovery are in no entry of the kernel's table.
  private static final String RULES =
      """
      table inet judge {
        counter west4 { }
        counter west6 { }
        counter east4 { }
        counter east6 { }
        chain forward {
          type filter hook forward priority 0; policy accept;
          ct state invalid drop
          ct state related accept
          iifname west meta nfproto ipv4 counter name west4
          iifname west meta nfproto ipv6 counter name west6
          iifname east meta nfproto ipv4 counter name east4
          iifname east meta nfproto ipv6 counter name east6
        }
      }
      """;

  @TempDir Path folder;
  private Gateway gateway;
  private PlatformDatabase database;

  @BeforeEach
  void build() throws Exception {
    Tools.require("nft", "iperf3", "ping");
    Gateway.require();
    gateway = Gateway.build();
    Tools.requireKernel(
        gateway.middle().program("test", "-d", "/proc/sys/net/netfilter").run().exitCode() == 0,
        "connection tracking");
    var loaded = gateway.middle().program("nft", "-f", "-").input(RULES).run();
    assertEquals(0, loaded.exitCode(), loaded::toString);
    gateway.middle().shell("echo 1 > /proc/sys/net/netfilter/nf_conntrack_acct");
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(1, "west4", 1, "{\"src_ip\":\"10.77.1.1\"}");
    database.policy(2, "west6", 1, "{\"src_ip\":\"fd77:1::1\"}");
    database.policy(3, "east4", 1, "{\"src_ip\":\"10.77.2.1\"}");
    database.policy(4, "east6", 1, "{\"src_ip\":\"fd77:2::1\"}");
  }

  @AfterEach
  void remove() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (database != null) {
      database.close();
    }
  }

  private RunningProgram daemon() {
    Program daemon =
        Program.patronus(
            "daemon",
            "--db",
            folder.resolve("sdwan.db"),
            "--source",
            "conntrack:",
            "--state-dir",
            folder,
            "--socket",
            socket(),
            "--metrics-listen",
            "off");
    RunningProgram running = gateway.middle().program(daemon.words().toArray()).start();
    running.awaitStderr("ready: ");
    return running;
  }

  private Path socket() {
    return folder.resolve("patronus.sock");
  }

  private Map<String, Volume> counted() throws IOException {
    try (ControlClient client = ControlClient.connect(socket()).orElseThrow()) {
      Map<String, Volume> volumes = new TreeMap<>();
      for (PolicyTraffic policy : ((Reply.Stats) client.ask(new Request.Stats())).policies()) {
        volumes.put(policy.name(), new Volume(policy.packets(), policy.bytes()));
      }
      return volumes;
    }
  }

  private Map<String, Volume> kernel() {
    Map<String, Volume> volumes = new TreeMap<>();
    Matcher counter = COUNTER.matcher(gateway.middle().run("nft", "list", "counters"));
    while (counter.find()) {
      long packets = Long.parseLong(counter.group(2));
      volumes.put(counter.group(1), new Volume(packets, Long.parseLong(counter.group(3))));
    }
    return volumes;
  }

  private static long packets(Map<String, Volume> volumes) {
    return volumes.values().stream().mapToLong(Volume::packets).sum();
  }

  /// Flows that last and flows that are short, some begun while no daemon runs. None ends with its
  /// entry while none runs: of those only the kernel knows.
  @Test
  void killed_at_random_moments_it_has_counted_in_the_end_what_the_kernel_has() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    daemon().close(); // takes the baseline: the pings that the gateway was built with
    Map<String, Volume> floor = Map.of();
    try (RunningProgram server = gateway.east().program("iperf3", "-s", "--forceflush").start();
        RunningProgram ping = ping(Gateway.EAST);
        RunningProgram ping6 = ping(Gateway.EAST6)) {
      server.awaitStdout("Server listening");
      try (RunningProgram download =
          gateway
              .west()
              .program("iperf3", "-c", Gateway.EAST, "-R", "-t", "600", "-b", "20M")
              .start()) {
        for (int round = 0; round < 10; round++) {
          try (RunningProgram killed = daemon()) {
            Map<String, Volume> found = counted();
            assertTrue(
                packets(found) >= packets(floor),
                () -> "it went back, seed " + seed + ": " + found);
            burst(round);
            Thread.sleep(random.nextInt(3_000)); // any moment of the 2 s between two readings
            floor = counted();
            killed.signal("KILL");
            killed.outcome();
          }
          burst(20 + round);
        }
        download.signal("INT");
        download.outcome();
      }
      for (RunningProgram each : new RunningProgram[] {ping, ping6}) {
        each.signal("INT");
        each.outcome();
      }
    }
    Map<String, Volume> kernel = kernel();
    assertTrue(packets(kernel) > 5_000, "too little traffic to judge: " + kernel);
    try (RunningProgram last = daemon()) {
      DaemonUnderTest.await(
          "all is counted: " + kernel + ", not " + counted() + ", seed " + seed,
          () -> packets(counted()) >= packets(kernel));
      assertEquals(kernel(), counted(), "seed " + seed);
      last.signal("TERM");
      assertEquals(0, last.outcome().exitCode());
    }
    try (RunningProgram again = daemon()) {
      assertEquals(kernel(), counted(), "seed " + seed);
      assertTrue(again.isAlive());
    }
  }

  private RunningProgram ping(String host) {
    RunningProgram ping = gateway.west().program("ping", "-i", "0.005", host).start();
    ping.awaitStdout("icmp_seq=2 ");
    return ping;
  }

  /// Many short flows of UDP.
  private void burst(int round) {
    gateway
        .west()
        .shell(
            "for port in $(seq 1 40); do echo x > /dev/udp/%s/$((%d + port)); done"
                .formatted(Gateway.EAST, 10_000 + 100 * round)
                .transform(line -> "bash -c '" + line + "'"));
  }
}
