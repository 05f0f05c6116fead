package dev.patronus.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.control.answer.DiagnosticsAnswer;
import dev.patronus.error.ExitCode;
import dev.patronus.metrics.Metrics;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The doctor beside a daemon that does not tell how it is.
class DoctorCommandTest {
  @TempDir Path folder;

  @Test
  void a_daemon_that_cannot_be_asked_is_a_finding_and_no_failure_of_the_command() throws Exception {
    Path path = folder.resolve("patronus.sock");
    Reply refused = new Reply.Refused(ExitCode.BUSY, "it is busy; try again");
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST);
        ControlServer socket = new ControlServer(path, (_, _) -> refused, new Metrics())) {
      socket.start();
      Outcome outcome =
          CommandLineRun.on(platform.file())
              .env("PATRONUS_SOCKET", path.toString())
              .run("doctor", "--json");
      assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
      assertEquals("", outcome.err());
      JsonNode document = new ObjectMapper().readTree(outcome.out());
      assertEquals("daemon_unreachable", document.get("fault").asString());
      assertTrue(document.get("findings").size() >= 3, "the other steps are looked at");
    }
  }

  @Test
  void a_finding_has_the_words_of_db_check_for_severity_and_next_step() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      platform.policy(7, "guests", 100, "{\"src_ip\":\"10.99.0.0/33\"}");
      CommandLineRun cli = CommandLineRun.on(platform.file());
      for (JsonNode each :
          new ObjectMapper().readTree(cli.run("doctor", "--json").out()).get("findings")) {
        String state = each.get("state").asString();
        assertEquals(state.equals("failed") ? "error" : state, each.get("severity").asString());
        JsonNode next = each.get("next_step");
        assertEquals(each.get("next").asString(), next.isNull() ? "" : next.asString());
      }
      String shown = cli.run("doctor").out();
      assertTrue(shown.contains("\n\npolicies: policy 'guests' matches nothing"), shown);
      assertFalse(shown.contains("\n\n\n"), shown);
    }
  }

  @Test
  void quiet_leaves_out_the_steps_that_work_but_not_for_scripts() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      CommandLineRun cli = CommandLineRun.on(platform.file());
      assertTrue(cli.run("doctor").out().contains("\ndatabase  ok "));
      String quiet = cli.run("doctor", "-q").out();
      assertFalse(quiet.contains(" ok "), quiet);
      assertTrue(quiet.contains("\ndaemon  failed "), quiet);
      assertTrue(cli.run("doctor", "-q", "-o", "csv").out().contains("database,ok,"));
    }
  }

  @Test
  void a_wrong_policy_is_a_warning_as_in_db_check() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      platform.policy(7, "guests", 100, "{\"src_ip\":\"10.99.0.0/33\"}");
      CommandLineRun cli = CommandLineRun.on(platform.file());
      for (String command : List.of("doctor", "db check")) {
        List<String> severities = new ArrayList<>();
        for (JsonNode each :
            new ObjectMapper()
                .readTree(cli.run((command + " --json").split(" ")).out())
                .get("findings")) {
          if (each.get("message").asString().contains("'guests'")) {
            severities.add(each.get("severity").asString());
          }
        }
        assertEquals(List.of("warning"), severities, command);
      }
    }
  }

  @Test
  void where_there_is_no_database_it_advises_to_name_or_make_one() throws Exception {
    String out = CommandLineRun.on(folder.resolve("none.db")).run("doctor").out();
    assertTrue(out.contains("db init"), out);
    assertTrue(out.contains("--db"), out);
    assertFalse(out.contains("copy"), out);
  }

  private static final String SECRET = "s3cret";

  /// The files of a bundle as one text, each after its name.
  private String bundle(String... options) throws Exception {
    Tools.require("tar");
    Path file = folder.resolve("bundle.tar.gz");
    List<String> words = new ArrayList<>(List.of("doctor", "--bundle", file.toString()));
    words.addAll(List.of(options));
    Path config =
        Files.writeString(folder.resolve("patronus.conf"), "exporter-name = 192.0.2.99 kontor\n");
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      platform.site("aa", "Oslo \"north\"");
      platform.policy(7, "geheim", 100, "{\"src_ip\":\"10.99.0.0/33\"}");
      Outcome outcome =
          CommandLineRun.on(platform.file())
              .env("PATRONUS_CONFIG", config.toString())
              .env("PATRONUS_SOURCE", "netflow://203.0.113.5:2055?token=" + SECRET)
              .run(words.toArray(String[]::new));
      assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
      assertTrue(outcome.out().contains("schema.sql: tables, indexes"), outcome::toString);
      assertTrue(
          outcome.out().contains("status.json: not available: no daemon"), outcome::toString);
    }
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    ProgramOutcome names = Program.of("tar", "-tzf", file).run();
    assertEquals(
        List.of(
            "README.txt",
            "version.json",
            "status.json",
            "doctor.json",
            "config.json",
            "log.txt",
            "schema.sql",
            "sizes.txt",
            "metrics.txt",
            "threads.txt",
            "machine.txt"),
        names.lines().stream().map(name -> name.replace("patronus-bundle/", "")).toList());
    return Program.of("tar", "-xzOf", file).run().stdout();
  }

  @Test
  void a_bundle_has_pseudonyms_and_no_address_name_or_secret() throws Exception {
    String text = bundle();
    for (String word :
        new String[] {
          "Oslo", "geheim", "kontor", "192.0.2.99", "203.0.113.5", "10.99.0.0", SECRET
        }) {
      assertFalse(text.contains(word), word + " in " + text);
    }
    assertTrue(text.contains("policy-1"), text);
    assertTrue(text.contains("CREATE TABLE sdwan_policies"), text);
  }

  @Test
  void with_names_it_keeps_names_and_addresses_and_still_no_secret() throws Exception {
    String text = bundle("--with-names");
    assertTrue(text.contains("geheim") && text.contains("192.0.2.99 kontor"), text);
    assertFalse(text.contains(SECRET), text);
  }

  @Test
  void a_bundle_asks_the_daemon_for_its_metrics_and_threads_once() throws Exception {
    Path path = folder.resolve("patronus.sock");
    Reply diagnostics = new Reply.Document(new DiagnosticsAnswer("up 1\n", "main\n").json());
    List<Request> asked = Collections.synchronizedList(new ArrayList<>());
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST);
        ControlServer socket =
            new ControlServer(
                path,
                (request, _) -> {
                  asked.add(request);
                  return request instanceof Request.Diagnostics
                      ? diagnostics
                      : new Reply.Refused(ExitCode.BUSY, "it is busy; try again");
                },
                new Metrics())) {
      socket.start();
      Outcome outcome =
          CommandLineRun.on(platform.file())
              .env("PATRONUS_SOCKET", path.toString())
              .run("doctor", "--bundle", folder.resolve("bundle.tar.gz").toString());
      assertTrue(outcome.out().contains("metrics.txt: the daemon's metrics"), outcome::toString);
      assertTrue(outcome.out().contains("threads.txt: the daemon's threads"), outcome::toString);
      assertEquals(1, asked.stream().filter(Request.Diagnostics.class::isInstance).count());
    }
  }

  @Test
  void a_variable_that_nothing_reads_is_a_note_and_no_warning() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      CommandLineRun cli = CommandLineRun.on(platform.file());
      ExitCode before = cli.run("doctor").exitCode();
      Outcome outcome = cli.env("PATRONUS_SOKET", "/tmp/x.sock").run("doctor", "--json");
      assertEquals(before, outcome.exitCode(), outcome::toString);
      for (JsonNode each : new ObjectMapper().readTree(outcome.out()).get("findings")) {
        if (each.get("fault").asString().equals("unknown_setting")) {
          assertEquals("ok", each.get("state").asString());
          assertEquals(
              "unknown variable PATRONUS_SOKET; did you mean 'PATRONUS_SOCKET'?",
              each.get("message").asString());
          return;
        }
      }
      fail(outcome.toString());
    }
  }

  @Test
  void an_existing_file_is_replaced_with_force_only() throws Exception {
    Path file = Files.writeString(folder.resolve("bundle.tar.gz"), "mine");
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      CommandLineRun cli = CommandLineRun.on(platform.file());
      assertEquals(ExitCode.REFUSED, cli.run("doctor", "--bundle", file.toString()).exitCode());
      assertEquals("mine", Files.readString(file));
      assertEquals(
          ExitCode.DONE, cli.run("doctor", "--force", "--bundle", file.toString()).exitCode());
      cli.run("doctor", "--with-names")
          .failed(ExitCode.USAGE, "--with-names and --force require --bundle");
    }
  }

  /// A daemon of another release behind a real socket.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | it is older than this program (version 0 of the control protocol; this is 1); restart it"
            + " with 'systemctl restart patronus'",
        "2 | it is newer than this program (version 2 of the control protocol; this is 1); end this"
            + " patronus and start the installed one",
      })
  void a_daemon_of_another_protocol_is_named_with_what_to_restart(int version, String reason)
      throws Exception {
    Path path = folder.resolve("patronus.sock");
    String reply = "{\"reply\":\"document\",\"protocol\":" + version + ",\"members\":{}}\n";
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Thread.ofVirtual()
          .start(() -> {
            try (SocketChannel peer = server.accept()) {
              peer.read(ByteBuffer.allocate(1000));
              peer.write(ByteBuffer.wrap(reply.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException _) {
              // the client has gone
            }
          });
      CommandLineRun.on(platform.file())
          .env("PATRONUS_SOCKET", path.toString())
          .run("status")
          .failed(ExitCode.NO_DAEMON, "cannot talk to the daemon at " + path + ": " + reason);
    }
  }
}
