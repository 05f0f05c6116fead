package dev.patronus.cli.traffic;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.ControlClient;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.UserError;
import dev.patronus.policy.TrafficNow;
import dev.patronus.store.table.PolicyTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What all policies carry, again and again: from the daemon over one connection as long as it is
/// there, else from the latest snapshot.
///
/// Confined to one thread. Who opens it closes it. A snapshot is read again only when somebody has
/// changed the database.
public final class TrafficFeed implements AutoCloseable {
  /// What is shown meanwhile would be taken for the present.
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final Invocation call;
  private @Nullable ControlClient client;
  private @Nullable TrafficNow snapshot;
  private long snapshotVersion;
  private String trouble = "";

  public TrafficFeed(Invocation call) {
    this.call = call;
  }

  /// What is carried now.
  ///
  /// @throws UserError if neither the daemon nor the database can be asked, and the database never
  ///   could
  public TrafficNow next() {
    trouble = "";
    return live().orElseGet(this::snapshot);
  }

  /// Why the last answer is not what it could be; empty if it is.
  public String trouble() {
    return trouble;
  }

  /// A connection that broke is opened again at once: the daemon may have been started again.
  private Optional<TrafficNow> live() {
    boolean kept = client != null;
    Optional<TrafficNow> answer = ask();
    return answer.isEmpty() && kept && client == null && !Thread.currentThread().isInterrupted()
        ? ask()
        : answer;
  }

  private Optional<TrafficNow> ask() {
    try {
      if (client == null) {
        client = ControlClient.connect(call.socketFile(), TIMEOUT).orElse(null);
      }
      if (client == null) {
        trouble = "no daemon answers";
        return Optional.empty();
      }
      return accepted(client.ask(new Request.Stats()));
    } catch (IOException e) {
      disconnect();
      trouble = "the daemon cannot be queried: " + e.getMessage();
      return Optional.empty();
    }
  }

  private Optional<TrafficNow> accepted(Reply reply) {
    if (!(reply instanceof Reply.Stats stats)) {
      trouble = "the daemon does not support this request";
      return Optional.empty();
    }
    if (!DaemonConnection.isSame(Path.of(stats.database()), call.databaseFile())) {
      trouble = "the daemon works on " + stats.database();
      return Optional.empty();
    }
    trouble = "";
    return Optional.of(TrafficSource.live(stats));
  }

  private TrafficNow snapshot() {
    try {
      long version = new PolicyTable(call.database()).version();
      if (snapshot == null || version != snapshotVersion) {
        snapshot = TrafficSource.snapshot(call);
        snapshotVersion = version;
      }
    } catch (UserError e) {
      if (snapshot == null) {
        throw e;
      }
      trouble = e.getMessage();
    }
    return snapshot;
  }

  private void disconnect() {
    if (client != null) {
      try {
        client.close();
      } catch (IOException _) {
        // it is gone either way
      }
      client = null;
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
