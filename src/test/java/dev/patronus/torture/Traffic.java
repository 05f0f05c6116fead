package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// NetFlow for a daemon whose truth is known: every flow has a policy, and [#bounds()] says what
/// the counters may show.
///
/// Confined to one thread. Who opens it closes it.
final class Traffic implements AutoCloseable {
  private static final Pattern SAVED =
      Pattern.compile("\"name\":\"snapshots_saved\",\"value\":(\\d+)");
  private static final int STEADY = 5;
  private static final int PAUSE_MILLIS = 30;

  private final NetflowV5Sender sender;
  private final Random random;
  private final Listener listener;
  private Bounds bounds;

  Traffic(int port, Random random, Bounds bounds, Listener listener) throws IOException {
    this.sender = new NetflowV5Sender(port);
    this.random = random;
    this.bounds = bounds;
    this.listener = listener;
  }

  /// Is told of the bounds before they matter.
  interface Listener {
    void changed(Bounds bounds) throws IOException;
  }

  /// Makes the database of a daemon, with policies that take everything.
  static Path database(Path folder, String journal) throws SQLException, IOException {
    try (PlatformDatabase made = PlatformDatabase.create(folder, Age.NEWEST)) {
      made.run("PRAGMA journal_mode = " + journal);
      made.policy(-7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
      made.policy(9, "rest", 1, "{}");
      return made.file();
    }
  }

  /// How many resets the audit trail of a database has.
  static long resets(Path database) throws SQLException {
    try (PlatformDatabase reading = PlatformDatabase.open(database)) {
      return reading.number("SELECT COUNT(*) FROM audit_logs WHERE event_type = 'stats_reset'");
    }
  }

  Bounds bounds() {
    return bounds;
  }

  private void now(Bounds changed) throws IOException {
    bounds = changed;
    listener.changed(changed);
  }

  /// Sends some datagrams.
  void send(int datagrams) throws IOException {
    for (int i = 0; i < datagrams; i++) {
      int packets = 1 + random.nextInt(5);
      now(bounds.sending((long) packets * NetflowV5Sender.FLOWS));
      sender.send(random.nextInt(9000), random.nextBoolean() ? 443 : 80, packets);
    }
  }

  /// Sends datagrams of flows that were never seen.
  void sendNewFlows(int datagrams) throws IOException {
    for (int i = 0; i < datagrams; i++) {
      now(bounds.sending(NetflowV5Sender.FLOWS));
      sender.send(1_000_000 + i * NetflowV5Sender.FLOWS, 443, 1);
    }
  }

  /// Asks what is counted, and remembers it as what may not be lost.
  void show(DaemonUnderTest daemon) throws IOException {
    now(bounds.shown(daemon.packets()));
  }

  /// Waits until nothing more is counted.
  long settle(DaemonUnderTest daemon) throws Exception {
    long counted = daemon.packets();
    for (int same = 0; same < STEADY && counted < bounds.most(); ) {
      Thread.sleep(PAUSE_MILLIS);
      long more = daemon.packets();
      same = more == counted ? same + 1 : 0;
      counted = more;
    }
    return counted;
  }

  /// Waits until a snapshot is saved that has all that is counted now.
  void save(DaemonUnderTest daemon) throws Exception {
    long counted = settle(daemon);
    long saved = saved(daemon);
    DaemonUnderTest.await("two snapshots are saved", () -> saved(daemon) >= saved + 2);
    now(bounds.shown(counted));
  }

  private static long saved(DaemonUnderTest daemon) throws IOException {
    Matcher matcher = SAVED.matcher(daemon.ask(new Request.Status()).line());
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /// Resets all counters.
  void reset(DaemonUnderTest daemon) throws Exception {
    now(bounds.resetting(settle(daemon)));
    Request.Client client = new Request.Client("tester", Optional.empty(), "torture");
    Reply reply = daemon.ask(new Request.Reset(Optional.empty(), client));
    if (reply instanceof Reply.Refused refused && refused.code() == ExitCode.FAILED) {
      return; // it may still be done, says the daemon; the audit trail will tell
    }
    now(reply instanceof Reply.Done ? bounds.reset() : bounds.notReset());
  }

  /// Holds the daemon against all that was sent, and its database against the daemon.
  void requireExact(DaemonUnderTest daemon, Path database, String when) throws Exception {
    save(daemon);
    if (bounds.unsure()) {
      now(resets(database) > bounds.resets() ? bounds.reset() : bounds.notReset());
    }
    assertEquals(bounds.most(), daemon.packets(), when + ": counted of what was sent");
    assertEquals(bounds.most(), newestSnapshot(database), when + ": in the newest snapshot");
    DatabaseRows.of(database, when);
  }

  /// The packets of all policies in the snapshot that was written last.
  private static long newestSnapshot(Path database) throws SQLException {
    try (PlatformDatabase reading = PlatformDatabase.open(database)) {
      return reading.number(
          "SELECT COALESCE(SUM(packets_matched), 0) FROM sdwan_policy_stats WHERE stat_id IN"
              + " (SELECT MAX(stat_id) FROM sdwan_policy_stats GROUP BY policy_id)");
    }
  }

  @Override
  public void close() throws IOException {
    sender.close();
  }
}
