package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a daemon is told, before it starts: nothing here starts one.
class DaemonCommandTest {
  private final int port = DaemonUnderTest.freePort();
  @TempDir private Path folder;
  private Path database;

  @BeforeEach
  void create() throws Exception {
    try (PlatformDatabase made = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      database = made.file();
    }
  }

  private Path configure(byte[] beginning, String... more) throws Exception {
    String lines =
        "source = netflow://127.0.0.1:"
            + port
            + "\nmetrics-listen = off\nstate-dir = "
            + folder
            + "\nsocket = "
            + folder.resolve("patronus.sock")
            + "\n"
            + String.join("\n", more)
            + "\n";
    Path file = folder.resolve("patronus.conf");
    Files.write(file, beginning);
    return Files.write(
        file, lines.getBytes(StandardCharsets.ISO_8859_1), java.nio.file.StandardOpenOption.APPEND);
  }

  private Path configure(String... more) throws Exception {
    return configure(new byte[0], more);
  }

  private CommandLineRun run() {
    return CommandLineRun.on(database).env("PATRONUS_ALERT", "");
  }

  private Outcome check(Path config) {
    return run().run("daemon", "--check", "--config", config.toString());
  }

  @Test
  void a_check_says_what_it_has_checked_and_leaves_no_file_behind() throws Exception {
    Outcome fine = check(configure());
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
    assertEquals(
        "Everything is in place for the daemon to start (database, state folder, control socket, 1"
            + " source).\n",
        fine.out().replaceFirst("^e", "E").replaceFirst("([^.])\n$", "$1.\n"));
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void an_unknown_key_is_refused_at_the_start() throws Exception {
    Path config = configure("allow-exporters = 192.0.2.0/24");
    run()
        .run("daemon", "--config", config.toString())
        .failed(
            ExitCode.USAGE,
            config + " line 5: unknown key 'allow-exporters'; did you mean 'allow-exporter'?");
  }

  @Test
  void an_unknown_variable_is_refused_at_the_start() throws Exception {
    run()
        .env("PATRONUS_ALLOW_EXPORTERS", "192.0.2.0/24")
        .run("daemon", "--config", configure().toString())
        .failed(
            ExitCode.USAGE,
            "unknown variable PATRONUS_ALLOW_EXPORTERS; did you mean 'PATRONUS_ALLOW_EXPORTER'?");
  }

  @Test
  void a_variable_that_is_cut_off_is_refused_at_the_start() throws Exception {
    run()
        .env("PATRONUS_METRICS", "off")
        .run("daemon", "--config", configure().toString())
        .failed(
            ExitCode.USAGE,
            "unknown variable PATRONUS_METRICS; did you mean 'PATRONUS_METRICS_LISTEN'?");
  }

  @Test
  void an_alert_about_a_policy_that_is_not_there_is_a_warning() throws Exception {
    Outcome fine =
        run()
            .env("PATRONUS_ALERT", "busy: policy nosuch byte-rate > 1M")
            .run("daemon", "--check", "--config", configure().toString());
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
    assertEquals("patronus: alert busy: there is no policy 'nosuch'\n", fine.err());
  }

  @Test
  void a_check_says_what_was_understood_of_each_alert() throws Exception {
    Path config =
        configure(
            "alert = line: total bit-rate > 50M for 5m",
            "alert = gone: site oslo not-seen 1h",
            "alert = room: disk < 5GB");
    Outcome fine = run().run("daemon", "--check", "--config", config.toString());
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
    assertTrue(
        fine.out()
            .endsWith(
                """

                ALERT  MEASURES                             FIRES              AFTER  RECOVERS
                line   rate of all policies together        above 50.0 Mbit/s  5 min  45.0 Mbit/s
                gone   time since site oslo was heard from  above 1 h            0 s  54 min
                room   free space on the database's disk    below 5.00 GB        0 s  5.50 GB
                """),
        fine::toString);
    assertEquals("", fine.err());
    Outcome quiet = run().run("daemon", "--check", "-q", "--config", config.toString());
    assertEquals("", quiet.out());
  }

  @Test
  void a_limit_in_a_unit_that_its_measure_does_not_count_is_a_warning() throws Exception {
    Path config =
        configure(
            "alert = line: total bit-rate > 50MB",
            "alert = month: total bytes > 4Tbit",
            "alert = flood: total packet-rate > 10M",
            "alert = odd: total packets > 10GB",
            "alert = rate: total byte-rate > 400Mbit/s");
    Outcome fine = run().run("daemon", "--check", "--config", config.toString());
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
    assertEquals(
        """
        patronus: alert line: bit-rate counts bits, and '50MB' is written in bytes; see what was \
        understood with 'patronus alert show line'
        patronus: alert month: bytes counts bytes, and '4Tbit' is written in bits; see what was \
        understood with 'patronus alert show month'
        patronus: alert odd: packets counts packets, and '10GB' is written in bytes; see what was \
        understood with 'patronus alert show odd'
        """,
        fine.err());
    assertTrue(fine.out().contains("above 400 Mbit/s"), fine::toString);
  }

  @Test
  void variables_that_a_container_platform_makes_of_a_name_are_a_warning() throws Exception {
    Outcome fine =
        run()
            .env("PATRONUS_SERVICE_HOST", "10.96.0.7")
            .env("PATRONUS_PORT_2055_UDP_PROTO", "udp")
            .run("daemon", "--check", "--config", configure().toString());
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
    assertTrue(
        fine.err().contains("unknown variable PATRONUS_SERVICE_HOST; nothing reads it"),
        fine::toString);
    assertTrue(fine.err().contains("PATRONUS_PORT_2055_UDP_PROTO"), fine::toString);
  }

  @Test
  void a_byte_order_mark_is_no_part_of_the_first_key() throws Exception {
    byte[] mark = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    Outcome fine = check(configure(mark));
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
  }

  @Test
  void a_file_that_is_not_utf_8_is_refused_with_the_line() throws Exception {
    Path config = configure("# gr\u00fcn");
    run()
        .run("daemon", "--config", config.toString())
        .failed(ExitCode.USAGE, config + " line 5 is not UTF-8; save the file as UTF-8");
  }

  @Test
  void an_address_that_no_interface_has_is_a_problem() throws Exception {
    Outcome refused = check(configure("source = netflow://192.0.2.1:2055"));
    assertEquals(ExitCode.FAILED, refused.exitCode(), refused::toString);
    assertTrue(
        refused.err().contains("no interface of this machine has this address"), refused::toString);
  }

  @Test
  void an_address_that_another_program_holds_is_a_problem() throws Exception {
    Path config = configure();
    try (var _ = new java.net.DatagramSocket(port, java.net.InetAddress.getLoopbackAddress())) {
      Outcome refused = check(config);
      assertEquals(ExitCode.FAILED, refused.exitCode(), refused::toString);
      assertTrue(refused.err().contains("'ss -ulpn sport = :" + port), refused::toString);
    }
  }

  @Test
  void a_capture_that_is_not_there_is_a_problem() throws Exception {
    Outcome refused = check(configure("source = pcap:/nowhere/x.pcap"));
    assertEquals(ExitCode.FAILED, refused.exitCode(), refused::toString);
    assertTrue(refused.err().contains("/nowhere/x.pcap is not there"), refused::toString);
  }

  @Test
  void a_file_in_the_place_of_the_socket_is_a_problem_and_stays() throws Exception {
    Path precious = Files.writeString(folder.resolve("patronus.sock"), "precious");
    Outcome refused = check(configure());
    assertEquals(ExitCode.FAILED, refused.exitCode(), refused::toString);
    assertTrue(refused.err().contains(precious + " is not a socket"), refused::toString);
    assertEquals("precious", Files.readString(precious));
  }

  @Test
  void a_script_may_begin_with_a_byte_order_mark() throws Exception {
    Path script = Files.writeString(folder.resolve("script"), "\ufeffpolicy list\n");
    Outcome fine = run().run("shell", script.toString());
    assertEquals(ExitCode.DONE, fine.exitCode(), fine::toString);
  }
}
