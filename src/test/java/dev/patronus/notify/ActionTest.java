package dev.patronus.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.patronus.alert.AlertRule;
import dev.patronus.alert.AlertState;
import dev.patronus.alert.AlertState.Event;
import dev.patronus.alert.AlertState.Phase;
import dev.patronus.alert.Evaluation;
import dev.patronus.metrics.Metrics;
import dev.patronus.testing.DaemonUnderTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ActionTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:00:00Z");

  @TempDir private Path folder;

  private static Notice notice(String rule) {
    return new Notice(
        AlertRule.parse(rule),
        Event.FIRED,
        new AlertState(
            Phase.FIRING,
            AT,
            true,
            Optional.of(AT),
            new Evaluation(OptionalDouble.of(12e6), OptionalDouble.of(10e6), true, true, "")),
        AT,
        "gw1",
        "/var/lib/patronus/sdwan.db",
        false);
  }

  private Path script(String text) throws IOException {
    Path file = folder.resolve("script");
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  @Test
  void a_command_gets_the_notice_in_its_environment_and_nothing_else() throws Exception {
    Path out = folder.resolve("out");
    new CommandAction(script("{ echo \"$#\"; env; cat; } >'" + out + "'"))
        .deliver(notice("busy: policy voice byte-rate > 10M"));
    List<String> lines = Files.readAllLines(out);
    assertEquals("0", lines.getFirst());
    assertTrue(lines.contains("PATRONUS_ALERT_NAME=busy"), lines::toString);
    assertTrue(lines.contains("PATRONUS_ALERT_STATE=firing"), lines::toString);
    assertTrue(lines.contains("PATRONUS_ALERT_VALUE=12000000"), lines::toString);
    assertTrue(
        lines.contains(
            "PATRONUS_ALERT_MESSAGE=alert busy is firing: 96.0 Mbit/s, limit 80.0 Mbit/s"
                + " (policy voice byte-rate > 10M)"),
        lines::toString);
    assertFalse(lines.stream().anyMatch(line -> line.startsWith("HOME=")), lines::toString);
  }

  @Test
  void no_shell_reads_what_stands_in_a_rule() throws Exception {
    Path out = folder.resolve("out");
    Path touched = folder.resolve("touched");
    new CommandAction(script("echo \"$PATRONUS_ALERT_RULE\" >'" + out + "'"))
        .deliver(notice("busy: policy \"$(touch " + touched + ")`id`\" byte-rate > 10M"));
    assertTrue(Files.readString(out).contains("$(touch "), () -> "rule");
    assertFalse(Files.exists(touched));
  }

  @Test
  void a_command_that_fails_says_its_code_and_the_beginning_of_its_output() throws IOException {
    Path script = script("echo no route to the pager; yes | head -c 5000000; exit 3");
    IOException failed =
        assertThrows(
            IOException.class, () -> new CommandAction(script).deliver(notice("busy: disk")));
    assertTrue(
        failed.getMessage().startsWith("it ended with code 3: no route to the pager"),
        failed::getMessage);
    assertTrue(failed.getMessage().length() < 2000);
  }

  @Test
  void a_command_that_does_not_end_is_killed_with_its_children() throws Exception {
    Path pid = folder.resolve("pid");
    Path script = script("sleep 1000 & echo $! >'" + pid + "'; wait");
    IOException failed =
        assertThrows(
            IOException.class,
            () ->
                BoundedProcess.run(
                    List.of(script.toString()), Map.of(), "", Duration.ofSeconds(2)));
    assertTrue(failed.getMessage().contains("was killed"), failed::getMessage);
    long child = Long.parseLong(Files.readString(pid).strip());
    DaemonUnderTest.await(
        "the child has ended",
        () -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void mail_goes_to_one_address_with_a_subject_and_the_sentence() throws Exception {
    Path out = folder.resolve("out");
    new MailAction(script("echo \"$@\" >'" + out + "'; cat >>'" + out + "'"), "noc@example.net")
        .deliver(notice("busy: policy voice byte-rate > 10M"));
    String mail = Files.readString(out);
    assertTrue(mail.startsWith("-i -- noc@example.net\nTo: noc@example.net\n"), mail);
    assertTrue(mail.contains("\nSubject: [gw1] busy firing\n"), mail);
    assertTrue(mail.contains("\n\nalert busy is firing: 96.0 Mbit/s"), mail);
  }

  @Test
  void a_subject_beyond_ascii_is_encoded_in_words_of_75_characters_at_most() {
    String encoded = MailAction.encoded("[gw-zürich] " + "ü".repeat(60));
    for (String word : encoded.split("\n ", -1)) {
      assertTrue(word.matches("=\\?UTF-8\\?B\\?[A-Za-z0-9+/=]+\\?="), word);
      assertTrue(word.length() <= 75, word);
    }
  }

  private record Received(String path, String type, String body) {}

  /// A server that answers each request with one status, and hands over what it got.
  private static HttpServer server(
      BlockingQueue<Received> received, int status, Optional<String> location) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.add(
              new Received(
                  exchange.getRequestURI().toString(),
                  exchange.getRequestHeaders().getFirst("Content-Type"),
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
          location.ifPresent(to -> exchange.getResponseHeaders().add("Location", to));
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static WebhookAction hook(HttpServer server, String path) {
    return new WebhookAction(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path));
  }

  @Test
  void a_webhook_gets_one_json_document() throws Exception {
    BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    HttpServer server = server(received, 204, Optional.empty());
    try {
      hook(server, "/a?token=1").deliver(notice("busy: policy \"v\\u\" byte-rate > 10M"));
      Received request = received.take();
      assertEquals("/a?token=1", request.path());
      assertEquals("application/json", request.type());
      JsonNode json = new JsonMapper().readTree(request.body());
      assertEquals(1, json.get("schema").intValue());
      assertEquals("busy", json.get("alert").stringValue());
      assertEquals("firing", json.get("state").stringValue());
      assertEquals("policy \"v\\u\" byte-rate > 10M", json.get("rule").stringValue());
      assertEquals(12e6, json.get("value").doubleValue());
      assertEquals("bytes_per_second", json.get("unit").stringValue());
      assertEquals("2026-11-23T14:00:00Z", json.get("at").stringValue());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void a_redirect_is_not_followed() throws Exception {
    BlockingQueue<Received> elsewhere = new LinkedBlockingQueue<>();
    HttpServer other = server(elsewhere, 200, Optional.empty());
    HttpServer server =
        server(
            new LinkedBlockingQueue<>(),
            307,
            Optional.of("http://127.0.0.1:" + other.getAddress().getPort() + "/"));
    try {
      IOException failed =
          assertThrows(IOException.class, () -> hook(server, "/").deliver(notice("busy: disk")));
      assertTrue(failed.getMessage().contains("it redirects (status 307)"), failed::getMessage);
      assertTrue(elsewhere.isEmpty());
    } finally {
      server.stop(0);
      other.stop(0);
    }
  }

  @Test
  void what_is_shown_of_a_webhook_has_no_secret() {
    assertEquals(
        "https://hooks.example.net:444",
        new WebhookAction(URI.create("https://me:pw@hooks.example.net:444/services/T0/secret"))
            .target());
  }

  @Test
  void a_delivery_that_fails_is_tried_again() throws Exception {
    Path tries = folder.resolve("tries");
    Metrics metrics = new Metrics();
    Notifier notifier =
        new Notifier(
            new CommandAction(
                script("echo x >>'" + tries + "'; [ \"$(wc -l <'" + tries + "')\" -ge 2 ]")),
            metrics);
    notifier.send(notice("busy: disk"));
    DaemonUnderTest.await(
        "it is delivered",
        () -> metrics.count("alert_notices", "action", "command", "result", "delivered") == 1);
    assertEquals(List.of(), notifier.stop(Duration.ofMinutes(1)));
    assertEquals(1, metrics.count("alert_notices", "action", "command", "result", "retried"));
    assertEquals(2, Files.readAllLines(tries).size());
  }

  @Test
  void a_stop_delivers_what_waits() throws Exception {
    Path told = folder.resolve("told");
    Notifier notifier =
        new Notifier(
            new CommandAction(script("echo $PATRONUS_ALERT_NAME >>'" + told + "'")), new Metrics());
    for (String name : List.of("a", "b", "c")) {
      notifier.send(notice(name + ": disk"));
    }
    assertEquals(List.of(), notifier.stop(Duration.ofMinutes(1)));
    assertEquals(List.of("a", "b", "c"), Files.readAllLines(told));
  }

  @Test
  void a_stop_gives_back_what_could_not_be_delivered_in_order() throws Exception {
    Path begun = folder.resolve("begun");
    Metrics metrics = new Metrics();
    Notifier failing = new Notifier(new CommandAction(script("exit 1")), metrics);
    List<Notice> notices = List.of(notice("a: disk"), notice("b: disk"));
    notices.forEach(failing::send);
    DaemonUnderTest.await(
        "it pauses before a further attempt",
        () -> metrics.count("alert_notices", "action", "command", "result", "retried") == 1);
    assertEquals(notices, failing.stop(Duration.ofMinutes(1)));

    Notifier hanging =
        new Notifier(new CommandAction(script("touch '" + begun + "'; sleep 60")), metrics);
    notices.forEach(hanging::send);
    DaemonUnderTest.await("it delivers", () -> Files.exists(begun));
    assertEquals(notices, hanging.stop(Duration.ofMillis(1)));
  }
}
