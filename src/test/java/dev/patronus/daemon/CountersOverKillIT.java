package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The counters of the packaged daemon when it is killed around a reset, when two daemons share a
/// state folder, and when the database is replaced.
class CountersOverKillIT {
  private static final Request.Client CLIENT =
      new Request.Client("tester", Optional.empty(), "test");

  @TempDir private Path folder;

  private static PlatformDatabase database(Path folder) throws SQLException, IOException {
    PlatformDatabase made = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    return made.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
  }

  private static long resets(PlatformDatabase database) throws SQLException {
    return database.number("SELECT COUNT(*) FROM audit_logs WHERE event_type = 'stats_reset'");
  }

  private static void awaitPackets(DaemonUnderTest daemon, long packets) throws Exception {
    DaemonUnderTest.await(packets + " packets", () -> daemon.packets() == packets);
  }

  private static CompletableFuture<Reply> reset(DaemonUnderTest daemon) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return daemon.ask(new Request.Reset(Optional.empty(), CLIENT));
      } catch (IOException e) {
        return new Reply.Refused(ExitCode.NO_DAEMON, e.getMessage());
      }
    });
  }

  private static void kill(DaemonUnderTest daemon) {
    daemon.program().signal("KILL");
    daemon.program().outcome();
  }

  @Test
  void a_reset_that_a_reader_blocks_is_answered_as_it_turns_out() throws Exception {
    int port = DaemonUnderTest.freePort();
    try (PlatformDatabase database = database(folder);
        PlatformDatabase reader = PlatformDatabase.open(database.file());
        DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 2);
      awaitPackets(daemon, sent);
      reader.run("BEGIN");
      reader.number("SELECT COUNT(*) FROM sdwan_policies"); // holds its lock
      Reply answer = reset(daemon).join();
      assertTrue(answer instanceof Reply.Refused, answer::toString);
      Reply.Refused refused = (Reply.Refused) answer;
      reader.run("COMMIT");
      if (refused.message().contains("may still be done")) {
        DaemonUnderTest.await("it has been done or given up", () -> ready(daemon));
      } else {
        assertEquals(ExitCode.BUSY, refused.code(), refused::toString);
        assertEquals(0, resets(database), "it was said that nothing was changed");
      }
      assertEquals(resets(database) == 1 ? 0 : sent, daemon.packets());
      sent = daemon.packets() + sender.send(0, 443, 1);
      awaitPackets(daemon, sent);
      assertTrue(reset(daemon).join() instanceof Reply.Done, "the next one is done");
      awaitPackets(daemon, 0);
      kill(daemon);
      try (DaemonUnderTest again = DaemonUnderTest.start(folder, port)) {
        assertEquals(0, again.packets());
      }
    }
  }

  private static boolean ready(DaemonUnderTest daemon) throws IOException {
    return daemon.ask(new Request.Changed()) instanceof Reply.Done;
  }

  @Test
  void killed_around_a_reset_it_has_the_old_counters_or_the_reset_with_its_audit_row()
      throws Exception {
    int port = DaemonUnderTest.freePort();
    try (PlatformDatabase database = database(folder)) {
      long expected = 0;
      for (int round = 0; round < 6; round++) {
        long before = resets(database);
        boolean blocked = round % 3 == 2;
        try (PlatformDatabase reader = PlatformDatabase.open(database.file());
            DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
            NetflowV5Sender sender = new NetflowV5Sender(port)) {
          assertEquals(expected, daemon.packets(), "round " + round);
          expected += sender.send(0, 443, 2);
          awaitPackets(daemon, expected);
          if (blocked) {
            reader.run("BEGIN");
            reader.number("SELECT COUNT(*) FROM sdwan_policies");
          }
          CompletableFuture<Reply> answer = reset(daemon);
          Thread.sleep(blocked ? 300 : 10L * round); // some moment, whichever it is
          kill(daemon);
          if (answer.join() instanceof Reply.Done) {
            assertEquals(before + 1, resets(database), "it was acknowledged");
          }
        }
        expected = resets(database) > before ? 0 : expected;
      }
      try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
        assertEquals(expected, daemon.packets());
      }
    }
  }

  @Test
  void two_databases_of_one_name_keep_their_counters_apart_in_one_state_folder() throws Exception {
    Path state = Files.createDirectory(folder.resolve("state"));
    Path[] folders = {
      Files.createDirectory(folder.resolve("a")), Files.createDirectory(folder.resolve("b"))
    };
    int[] ports = {DaemonUnderTest.freePort(), DaemonUnderTest.freePort()};
    long[] sent = new long[2];
    for (Path each : folders) {
      database(each).close();
    }
    for (int round = 0; round < 2; round++) {
      try (DaemonUnderTest a = start(folders[0], ports[0], state);
          DaemonUnderTest b = start(folders[1], ports[1], state);
          NetflowV5Sender toA = new NetflowV5Sender(ports[0]);
          NetflowV5Sender toB = new NetflowV5Sender(ports[1])) {
        assertEquals(sent[0], a.packets());
        assertEquals(sent[1], b.packets());
        sent[0] += toA.send(0, 443, 3);
        sent[1] += toB.send(0, 443, 5);
        awaitPackets(a, sent[0]);
        awaitPackets(b, sent[1]);
        kill(a);
        kill(b);
      }
    }
    try (DaemonUnderTest a = start(folders[0], ports[0], state);
        DaemonUnderTest b = start(folders[1], ports[1], state)) {
      assertEquals(sent[0], a.packets());
      assertEquals(sent[1], b.packets());
    }
  }

  /// A daemon whose state is in a folder of several.
  private static DaemonUnderTest start(Path folder, int port, Path state) {
    Program program =
        Program.patronus(
                "daemon",
                "--db",
                folder.resolve("sdwan.db"),
                "--source",
                "netflow://127.0.0.1:" + port,
                "--state-dir",
                state,
                "--socket",
                folder.resolve("patronus.sock"))
            .env("PATRONUS_METRICS_LISTEN", "off");
    return DaemonUnderTest.start(program, folder, port);
  }

  @Test
  void a_database_that_is_replaced_by_an_older_copy_of_itself_loses_nothing_that_was_counted()
      throws Exception {
    int port = DaemonUnderTest.freePort();
    PlatformDatabase database = database(folder);
    Path file = database.file();
    Path copy = folder.resolve("copy.db");
    long sent;
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, "--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      sent = sender.send(0, 443, 2);
      awaitSaved(file, sent);
      database.run("VACUUM INTO ?", copy.toString());
      sent += sender.send(0, 443, 3);
      awaitSaved(file, sent);
      database.close();
      Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
      sent += sender.send(0, 443, 5);
      daemon.program().awaitStderr("was replaced");
      awaitSaved(file, sent);
      assertEquals(sent, daemon.packets());
      kill(daemon);
    }
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      assertEquals(sent, daemon.packets());
    }
  }

  private static void awaitSaved(Path file, long packets) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      DaemonUnderTest.await(
          packets + " packets are saved",
          () -> {
            String newest = "SELECT COALESCE(MAX(packets_matched), 0) FROM sdwan_policy_stats";
            return database.number(newest) == packets;
          });
    }
  }
}
