package dev.patronus.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Request.Client;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.DaemonUnderTest;
import java.io.IOException;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final FlowKey KEY =
      FlowKey.of(IpAddress.parse("10.0.0.1"), 40000, IpAddress.parse("2001:db8::2"), 443, 6);
  private static final FlowFilter FILTER =
      FlowFilter.parse("src net 10.0.0.0/8 and not (policy 7 or dst port 443)", _ -> -7);

  @TempDir private Path folder;
  private final Metrics metrics = new Metrics();
  private Path path;
  private ControlServer socket;
  private ServerSocketChannel hostile;
  private volatile Reply next = new Reply.Done("done", 1);
  private volatile Request seen;
  private volatile Peer seenPeer;

  @BeforeEach
  void start() throws IOException {
    path = folder.resolve("patronus.sock");
    socket =
        new ControlServer(
            path,
            (request, peer) -> {
              seen = request;
              seenPeer = peer;
              return next;
            },
            metrics);
    socket.start();
  }

  @Test
  void a_socket_file_that_was_swept_away_is_bound_again() throws IOException {
    assertFalse(socket.restore());
    Files.delete(path);
    assertTrue(socket.restore());
    assertEquals(next, ask(new Request.Status()));
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    assertFalse(socket.restore());
  }

  @Test
  void at_the_end_only_its_own_file_is_removed() throws IOException {
    Files.delete(path);
    Files.writeString(path, "of somebody else");
    socket.close();
    assertEquals("of somebody else", Files.readString(path));
  }

  @AfterEach
  void stop() throws IOException {
    socket.close();
  }

  private Reply ask(Request request) throws IOException {
    try (ControlClient client = ControlClient.connect(path).orElseThrow()) {
      return client.ask(request);
    }
  }

  @Test
  void every_request_arrives_as_it_was_sent() throws IOException {
    Client admin = new Client("alice", Optional.of("192.0.2.7"), "patronus-cli/1.0.0");
    for (Request request :
        List.of(
            new Request.Status(),
            new Request.Stats(),
            new Request.Flows(Request.Order.AGE, 7, Optional.of(-1L), FlowFilter.ALL),
            new Request.Flows(Request.Order.BYTES, 7, Optional.empty(), FlowFilter.ALL),
            new Request.FlowStretch(70_000, 250, Optional.of(-1L), FlowFilter.ALL),
            new Request.Flows(Request.Order.RATE, 7, Optional.empty(), FILTER),
            new Request.FlowGroups(
                Set.of(GroupKey.SRC, GroupKey.EXPORTER),
                Request.Order.FLOWS,
                7,
                Optional.of(-1L),
                FILTER),
            new Request.FlowStretch(0, 250, Optional.empty(), FILTER),
            new Request.FlowStretch(0, 1, Optional.empty(), FlowFilter.ALL),
            new Request.Reset(Optional.of(Long.MIN_VALUE), admin),
            new Request.Reset(
                Optional.empty(), new Client("bob", Optional.empty(), "patronus-cli/1.0.0")),
            new Request.CacheStats(),
            new Request.CacheClear(Optional.of("routing"), admin),
            new Request.CacheCleanup(admin),
            new Request.Explain(KEY, Optional.of("berlin"), Optional.empty()),
            new Request.Paths(),
            new Request.Templates(),
            new Request.Stats(false),
            new Request.Stats(true),
            new Request.Changed())) {
      ask(request);
      assertEquals(request, seen);
    }
  }

  @Test
  void a_daemon_that_knows_no_filters_knows_no_request_that_has_one() {
    for (Request request :
        List.of(
            new Request.Flows(Request.Order.BYTES, 7, Optional.empty(), FILTER),
            new Request.Flows(Request.Order.RATE, 7, Optional.empty(), FlowFilter.ALL),
            new Request.FlowStretch(0, 1, Optional.empty(), FILTER))) {
      assertTrue(request.line().contains("\"ask\":\"filtered_flow"), request.line());
    }
    assertEquals(
        "{\"ask\":\"flows\",\"order\":\"bytes\",\"limit\":7,\"policy_id\":\"3\",\"protocol\":1}",
        new Request.Flows(Request.Order.BYTES, 7, Optional.of(3L), FlowFilter.ALL).line());
  }

  @Test
  void every_reply_arrives_as_it_was_given() throws IOException {
    for (Reply reply :
        List.of(
            new Reply.Stats(
                "/var/lib/patronus/sdwan.db",
                NOW,
                List.of(
                    new PolicyTraffic(-5, "vöice \"1\"\n", 10, true, Long.MAX_VALUE, 2, 3, NOW),
                    new PolicyTraffic(5, "idle", -10, false, 0, 0, 0, null)),
                new Reply.Bucket(1, 2, 3),
                true,
                true),
            new Reply.Flows(
                NOW,
                9,
                8,
                List.of(
                    new Reply.Flow(
                        KEY,
                        Optional.of(-7L),
                        Optional.of(12L),
                        Optional.of(KEY.src()),
                        1,
                        2,
                        NOW,
                        NOW),
                    new Reply.Flow(
                        KEY.reversed(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        3,
                        4,
                        NOW,
                        NOW)),
                Map.of(-7L, "voice")),
            new Reply.FlowStretch(
                NOW,
                NOW,
                9,
                -1,
                List.of(
                    new Reply.Flow(
                        KEY, Optional.of(-7L), Optional.of(4L), Optional.empty(), 1, 2, NOW, NOW))),
            new Reply.FlowGroups(
                NOW,
                9,
                8,
                7,
                new Reply.Bucket(1, 2, 3),
                4,
                List.of(
                    new Reply.Group(
                        KEY,
                        Optional.of(-7L),
                        Optional.of(4L),
                        Optional.of(KEY.dst()),
                        3,
                        4,
                        5,
                        NOW,
                        NOW))),
            new Reply.Paths(
                "/var/lib/patronus/sdwan.db",
                NOW,
                NOW.minusSeconds(5),
                true,
                List.of(new Reply.PathTraffic(7, 1, 2, 3))),
            new Reply.Done("2 entries cleared", 2),
            new Reply.Document(Json.object().put("live", true).build()),
            new Reply.Refused(ExitCode.NOT_FOUND, "policy 'x' not found"))) {
      next = reply;
      assertEquals(reply, ask(new Request.Status()));
    }
  }

  private static Reply.Stats stats() {
    return new Reply.Stats(
        "/var/lib/patronus/sdwan.db",
        NOW,
        List.of(
            new PolicyTraffic(
                -5, "vöice \"1\"\n", 10, true, Long.MAX_VALUE, 2, 3, NOW.plusNanos(7)),
            new PolicyTraffic(5, "idle", -10, false, 0, 0, 0, null)),
        new Reply.Bucket(1, 2, 3),
        true,
        true);
  }

  @Test
  void policies_that_are_sent_as_rows_arrive_as_those_that_are_sent_as_objects()
      throws IOException {
    next = new Reply.StatsRows(stats());
    assertEquals(stats(), ask(new Request.Stats()));
    assertTrue(next.line().length() < stats().line().length());
  }

  @Test
  void values_that_a_later_daemon_adds_to_a_row_are_passed_over() {
    String line = new Reply.StatsRows(stats()).line();
    assertEquals(stats(), ReplyLine.read(line.replace("false]", "false,[1,{}],2]")));
  }

  @Test
  void a_row_with_a_wrong_or_missing_value_cannot_be_read() {
    String line = new Reply.StatsRows(stats()).line();
    for (String wrong :
        List.of(
            line.replace("[5,", "[-5,"),
            line.replace("[5,", "[18446744073709551616,"),
            line.replace("[5,", "[5.5,"),
            line.replace("[5,", "[\"5\","),
            line.replace("\"idle\"", "7"),
            line.replace(",false,0,0,0,", ",0,0,0,0,"),
            line.replace(",false,0,0,0,false]", "]"),
            line.replace(",0,0,0,false]", ",0,0,9223372036854775808,false]"),
            line.replace(",0,0,0,false]", ",0,0,0,true,9223372036854775807,0]"),
            line.replace("]]}", "]"))) {
      assertThrows(UnreadableJson.class, () -> ReplyLine.read(wrong), wrong);
    }
  }

  @Test
  void a_command_that_does_not_ask_for_rows_gets_objects() throws IOException {
    ask(new Request.Stats());
    assertEquals(new Request.Stats(true), seen);
    raw("{\"ask\":\"stats\"}");
    assertEquals(new Request.Stats(false), seen, "a command of the first release");
  }

  @Test
  void the_kernel_says_who_asks() throws IOException {
    ask(new Request.Status());
    assertEquals(System.getProperty("user.name"), seenPeer.user());
    assertEquals(seenPeer.user().equals("root"), seenPeer.root());
  }

  @Test
  void only_owner_and_group_may_connect() throws IOException {
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
  }

  @Test
  void a_line_that_is_no_request_is_refused_and_the_next_one_answered() throws IOException {
    for (String line :
        List.of("", "x", "{}", "[]", "{\"ask\":\"dance\"}", "{\"ask\":\"flows\",\"order\":1}")) {
      assertInstanceOf(Reply.Refused.class, raw(line).getFirst(), line);
    }
    List<Reply> replies = raw("{\"ask\":\"nonsense\"}\n{\"ask\":\"status\"}");
    assertInstanceOf(Reply.Refused.class, replies.getFirst());
    assertEquals(next, replies.get(1));
  }

  @Test
  void a_request_of_another_version_of_the_protocol_is_refused() throws IOException {
    Reply.Refused refused =
        assertInstanceOf(
            Reply.Refused.class, raw("{\"ask\":\"status\",\"protocol\":2}").getFirst());
    assertEquals(
        "the request is in version 2 of the control protocol, this daemon speaks 1",
        refused.message());
    assertEquals(next, raw("{\"ask\":\"status\",\"protocol\":1}").getFirst());
    assertEquals(next, raw("{\"ask\":\"status\"}").getFirst(), "an earlier command names none");
  }

  private List<Reply> raw(String lines) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      channel.write(ByteBuffer.wrap((lines + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.shutdownOutput();
      ByteBuffer answer = ByteBuffer.allocate(1 << 16);
      while (channel.read(answer) >= 0) {}
      String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
      return text.lines().map(line -> ReplyLine.read(line)).toList();
    }
  }

  @Test
  void a_line_without_end_costs_its_sender_the_connection() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      ByteBuffer much = ByteBuffer.allocate(ControlServer.LINE + 2);
      assertThrows(
          IOException.class,
          () -> {
            channel.write(much);
            while (channel.read(ByteBuffer.allocate(10)) >= 0) {}
            throw new IOException("closed");
          });
    }
    assertEquals(next, ask(new Request.Status()));
  }

  @Test
  void silent_clients_do_not_keep_others_from_being_answered() throws IOException {
    List<SocketChannel> silent = new ArrayList<>();
    try {
      for (int i = 0; i < ControlServer.CONNECTIONS - 1; i++) {
        silent.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
      }
      assertEquals(next, ask(new Request.Status()));
    } finally {
      for (SocketChannel channel : silent) {
        channel.close();
      }
    }
  }

  @Test
  void connections_beyond_the_limit_are_closed_and_later_ones_are_answered() throws Exception {
    List<SocketChannel> flood = new ArrayList<>();
    try {
      for (int i = 0; i < 3 * ControlServer.CONNECTIONS; i++) {
        flood.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
      }
      long refused = 2L * ControlServer.CONNECTIONS;
      DaemonUnderTest.await(
          "the others are closed", () -> metrics.count("control_connections_refused") == refused);
      assertEquals(-1, flood.getLast().read(ByteBuffer.allocate(1)));
    } finally {
      for (SocketChannel channel : flood) {
        channel.close();
      }
    }
    DaemonUnderTest.await(
        "there is room again",
        () -> {
          try {
            return next.equals(ask(new Request.Status()));
          } catch (IOException | UserError _) {
            return false; // the server has not seen all of them go
          }
        });
  }

  @Test
  void a_second_daemon_does_not_take_the_socket() {
    ControlServer second = new ControlServer(path, (_, _) -> next, metrics);
    IOException refused = assertThrows(IOException.class, second::start);
    assertTrue(refused.getMessage().contains("another daemon"), refused.getMessage());
  }

  @Test
  void a_socket_that_a_killed_daemon_left_is_replaced() throws IOException {
    Path left = folder.resolve("left.sock");
    try (var server =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(left));
    }
    assertTrue(Files.exists(left));
    try (ControlServer fresh = new ControlServer(left, (_, _) -> next, metrics)) {
      fresh.start();
      try (ControlClient client = ControlClient.connect(left).orElseThrow()) {
        assertEquals(next, client.ask(new Request.Status()));
      }
    }
    assertFalse(Files.exists(left));
  }

  @Test
  void where_no_daemon_listens_there_is_nobody_to_ask() throws IOException {
    assertTrue(ControlClient.connect(folder.resolve("none.sock")).isEmpty());
  }

  private ControlServer at(Path file) {
    return new ControlServer(file, (_, _) -> next, metrics);
  }

  @Test
  void what_is_no_socket_is_refused_and_stays() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious.db"), "rows");
    Path link = Files.createSymbolicLink(folder.resolve("link"), path);
    Path inside = Files.createDirectory(folder.resolve("folder"));
    for (Path file : List.of(precious, link, inside)) {
      UserError refused = assertThrows(UserError.class, at(file)::start);
      assertEquals(ExitCode.USAGE, refused.exitCode());
      assertEquals(file + " is not a socket; choose another --socket", refused.getMessage());
      assertThrows(UserError.class, () -> ControlServer.require(file));
    }
    assertEquals("rows", Files.readString(precious));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(next, ask(new Request.Status()));
  }

  @Test
  void at_its_end_it_removes_no_file_but_its_own() throws IOException {
    Path mine = folder.resolve("mine.sock");
    ControlServer old = at(mine);
    old.start();
    Files.delete(mine);
    try (ControlServer other = at(mine)) {
      other.start();
      old.close();
      assertTrue(Files.exists(mine), "the other one's socket");
      try (ControlClient client = ControlClient.connect(mine).orElseThrow()) {
        assertEquals(next, client.ask(new Request.Status()));
      }
    }
    Path replaced = folder.resolve("replaced.sock");
    ControlServer third = at(replaced);
    third.start();
    Files.delete(replaced);
    Files.writeString(replaced, "precious");
    third.close();
    assertEquals("precious", Files.readString(replaced));
  }

  @Test
  void binding_leaves_nothing_but_the_socket() throws IOException {
    try (var files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  private static Reply.Flows manyFlows() {
    Reply.Flow flow =
        new Reply.Flow(KEY, Optional.of(1L), Optional.of(1L), Optional.empty(), 1, 2, NOW, NOW);
    return new Reply.Flows(NOW, 10_000, 10_000, Collections.nCopies(10_000, flow), Map.of());
  }

  @Test
  void large_answers_under_way_are_limited_and_small_ones_go_past_them() throws Exception {
    Path file = folder.resolve("limited.sock");
    AtomicInteger made = new AtomicInteger();
    ControlServer.Handler handler =
        new ControlServer.Handler() {
          @Override
          public Reply answer(Request request, Peer peer) {
            if (request instanceof Request.Flows) {
              made.incrementAndGet();
              return manyFlows();
            }
            return next;
          }

          @Override
          public long bytes(Request request) {
            return request instanceof Request.Flows
                ? Runtime.getRuntime().maxMemory() / 16 / 4 // a quarter of the budget
                : 0;
          }
        };
    List<SocketChannel> deaf = new ArrayList<>();
    try (ControlServer limited = new ControlServer(file, handler, metrics)) {
      limited.start();
      byte[] line =
          (new Request.Flows(Request.Order.BYTES, 10_000, Optional.empty(), FlowFilter.ALL).line()
                  + "\n")
              .getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < ControlServer.CONNECTIONS - 2; i++) {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file));
        deaf.add(channel);
        channel.write(ByteBuffer.wrap(line));
      }
      try (ControlClient client = ControlClient.connect(file).orElseThrow()) {
        for (int i = 0; i < 100; i++) {
          assertEquals(next, client.ask(new Request.Status()));
        }
        Reply refused =
            client.ask(
                new Request.Flows(Request.Order.BYTES, 10_000, Optional.empty(), FlowFilter.ALL));
        assertEquals(ExitCode.BUSY, assertInstanceOf(Reply.Refused.class, refused).code());
      }
      assertTrue(made.get() <= 4, made + " answers under way");
    } finally {
      for (SocketChannel channel : deaf) {
        channel.close();
      }
    }
  }

  @Test
  void a_reply_with_a_wrong_time_number_or_list_is_one_that_cannot_be_read() {
    for (String line :
        List.of(
            "{\"reply\":\"flows\",\"as_of\":\"noon\",\"total\":0,\"flows\":[]}",
            "{\"reply\":\"flows\",\"as_of\":\"2026-11-23T14:00:00Z\",\"total\":0,\"flows\":[1]}",
            "{\"reply\":\"refused\",\"error\":\"tired\",\"message\":\"\"}")) {
      assertThrows(UnreadableJson.class, () -> ReplyLine.read(line), line);
    }
  }

  /// A server that says one thing to each client.
  private Path server(ThrowingConsumer<SocketChannel> each) throws IOException {
    Path file = folder.resolve("hostile.sock");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(file));
    hostile = server;
    Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel peer = server.accept()) {
            each.accept(peer);
          } catch (Throwable _) {
            // the client has gone
          }
        });
    return file;
  }

  @AfterEach
  void closeServer() throws IOException {
    if (hostile != null) {
      hostile.close();
    }
  }

  @Test
  void an_answer_without_end_is_cut_off() throws IOException {
    Path file =
        server(peer -> {
          ByteBuffer much = ByteBuffer.wrap(" ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8));
          while (peer.write(much.clear()) > 0) {}
        });
    try (ControlClient client = ControlClient.connect(file).orElseThrow()) {
      IOException cut = assertThrows(IOException.class, () -> client.ask(new Request.Status()));
      assertEquals("its reply has more than 16777216 bytes", cut.getMessage());
    }
  }

  @Test
  void an_answer_that_does_not_come_is_not_waited_for_without_end() throws IOException {
    Path file =
        server(peer -> {
          ByteBuffer question = ByteBuffer.allocate(1 << 16);
          while (peer.read(question.clear()) >= 0) {}
        });
    try (ControlClient client = ControlClient.connect(file, Duration.ofMillis(50)).orElseThrow()) {
      IOException late = assertThrows(IOException.class, () -> client.ask(new Request.Status()));
      assertEquals("no more of a reply for 0.05 s", late.getMessage());
    }
  }

  @Test
  void an_answer_about_many_rows_is_waited_for_longer() throws IOException {
    Path file =
        server(peer -> {
          ByteBuffer question = ByteBuffer.allocate(1 << 16);
          while (peer.read(question.clear()) >= 0) {}
        });
    try (ControlClient client = ControlClient.connect(file, Duration.ofMillis(50)).orElseThrow()) {
      IOException late = assertThrows(IOException.class, () -> client.ask(new Request.Stats()));
      assertEquals("no more of a reply for 0.2 s", late.getMessage());
    }
  }

  @Test
  void an_answer_that_keeps_coming_is_waited_for() throws IOException {
    Reply.Refused whole = new Reply.Refused(ExitCode.BUSY, "x".repeat(8 * ControlClient.PROGRESS));
    StringWriter line = new StringWriter();
    whole.write(line);
    byte[] answer = (line + "\n").getBytes(StandardCharsets.UTF_8);
    Duration patience = Duration.ofSeconds(2);
    Path file =
        server(peer -> {
          peer.read(ByteBuffer.allocate(1 << 16));
          for (int at = 0; at < answer.length; at += ControlClient.PROGRESS) {
            Thread.sleep(patience.dividedBy(4)); // eight of these are more than the patience
            int length = Math.min(ControlClient.PROGRESS, answer.length - at);
            peer.write(ByteBuffer.wrap(answer, at, length));
          }
        });
    try (ControlClient client = ControlClient.connect(file, patience).orElseThrow()) {
      assertEquals(whole, client.ask(new Request.Status()));
    }
  }

  @Test
  void a_daemon_that_goes_away_is_named() throws IOException {
    Path file = server(peer -> peer.read(ByteBuffer.allocate(1 << 16)));
    try (ControlClient client = ControlClient.connect(file).orElseThrow()) {
      IOException gone = assertThrows(IOException.class, () -> client.ask(new Request.Status()));
      assertEquals("the daemon closed the connection", gone.getMessage());
    }
  }
}
