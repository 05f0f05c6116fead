package dev.patronus.source.sflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.wire.Timestamps;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Open vSwitch as an agent: a bridge in user space with ports that a test puts packets into.
class OpenVswitchTest {
  private static final int PACKETS = 40;

  @TempDir private Path folder;

  private Program ovs(String program, Object... words) {
    return Program.of(program, words)
        .env("OVS_RUNDIR", folder.toString())
        .env("OVS_LOGDIR", folder.toString())
        .env("OVS_DBDIR", folder.toString())
        .env("OVS_SYSCONFDIR", folder.toString());
  }

  private void run(String program, Object... words) throws Exception {
    ProgramOutcome outcome = ovs(program, words).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  private String database() {
    return "unix:" + folder.resolve("db.sock");
  }

  private void configure(Object... words) throws Exception {
    List<Object> all = new ArrayList<>(List.of("--db=" + database()));
    all.addAll(List.of(words));
    run("ovs-vsctl", all.toArray());
  }

  private static String packet(int i) {
    String addresses =
        "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),"
            + "ipv4(src=192.0.2."
            + (1 + i % 3)
            + ",dst=198.51.100.2,proto=17,tos=0,ttl=64,frag=no),udp(src=4000,dst=";
    return addresses + (440 + i % 2) + ")";
  }

  @Test
  void all_packets_that_it_samples_are_read_to_the_byte() throws Exception {
    Tools.require("ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl", "ovs-ofctl");
    Path data = folder.resolve("conf.db");
    run("ovsdb-tool", "create", data, "/usr/share/openvswitch/vswitch.ovsschema");
    try (DatagramChannel channel = DatagramChannel.open();
        RunningProgram _ =
            ovs("ovsdb-server", data, "--remote=p" + database(), "-vconsole:off").start()) {
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      DaemonUnderTest.await("the database", () -> Files.exists(folder.resolve("db.sock")));
      configure("--no-wait", "init");
      Path control = folder.resolve("control");
      try (RunningProgram _ =
          ovs(
                  "ovs-vswitchd",
                  database(),
                  "--enable-dummy",
                  "--disable-system",
                  "--unixctl=" + control,
                  "-vconsole:off")
              .start()) {
        bridge(port);
        send(control);
        List<FlowRecord> flows = new ArrayList<>();
        SflowDecoder decoder = new SflowDecoder(NetflowSettings.PLAIN, new Metrics(), "sflow");
        channel.socket().setSoTimeout(0);
        ByteBuffer datagram = ByteBuffer.allocate(65_536);
        while (flows.size() < PACKETS) {
          channel.receive(datagram.clear());
          decoder.decode(
              IpAddress.parse("127.0.0.1"),
              1,
              datagram.array(),
              datagram.position(),
              new Timestamps(1, 1),
              flows::add);
        }
        assertEquals(expected(), texts(flows));
        assertEquals("1:1", decoder.exporters().getFirst().rate().toString());
        assertEquals(0, decoder.exporters().getFirst().lost());
      }
    }
  }

  private void bridge(int port) throws Exception {
    configure("add-br", "br0", "--", "set", "bridge", "br0", "datapath-type=dummy");
    for (String name : List.of("p1", "p2")) {
      configure("add-port", "br0", name, "--", "set", "Interface", name, "type=dummy");
    }
    configure(
        "--",
        "--id=@s",
        "create",
        "sflow",
        "agent=lo",
        "target=\"127.0.0.1:" + port + "\"",
        "sampling=1",
        "header=128",
        "polling=1",
        "--",
        "set",
        "bridge",
        "br0",
        "sflow=@s");
  }

  private void send(Path control) throws Exception {
    for (int i = 0; i < PACKETS; i++) {
      run("ovs-appctl", "-t", control, "netdev-dummy/receive", "p1", packet(i), "--len", 100 + i);
    }
  }

  private static List<String> expected() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < PACKETS; i++) {
      expected.add(
          "192.0.2." + (1 + i % 3) + ":4000 > 198.51.100.2:" + (440 + i % 2) + " " + (86 + i));
    }
    return expected.stream().sorted().toList();
  }

  private static List<String> texts(List<FlowRecord> flows) {
    return flows.stream()
        .map(f ->
            f.key().src()
                + ":"
                + f.key().srcPort()
                + " > "
                + f.key().dst()
                + ":"
                + f.key().dstPort()
                + " "
                + f.bytes())
        .sorted()
        .toList();
  }
}
