package dev.patronus.fleet;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.store.Database;
import dev.patronus.store.outbox.Batch;
import dev.patronus.store.outbox.Marks;
import dev.patronus.store.outbox.Outbox;
import dev.patronus.store.outbox.Outbox.Shared;
import dev.patronus.store.outbox.Outbox.Tokens;
import dev.patronus.store.outbox.OutboxReader;
import dev.patronus.store.outbox.OutboxReader.Compared;
import dev.patronus.store.table.SnapshotTable;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// Sends what is new in a database to a hub.
///
/// The hub alone knows how far it is. A database recognises a hub that it has sent to by the token
/// of the last batch, which it writes down before it sends; at any other it begins a new epoch.
///
/// Confined to one thread.
public final class HubSender {
  /// So many bytes a batch has, about.
  static final long BATCH_BYTES = 256 * 1024;

  private static final int TOKEN_BYTES = 16;

  private final GatewayLink link;
  private final Database database;
  private final Outbox outbox;
  private final OutboxReader reader;
  private final Clock clock;
  private final String version;
  private final SecureRandom random = new SecureRandom();

  /// @param version of this program
  public HubSender(GatewayLink link, Database database, Actor actor, Clock clock, String version) {
    this(link, database, actor, clock, version, BATCH_BYTES);
  }

  HubSender(
      GatewayLink link,
      Database database,
      Actor actor,
      Clock clock,
      String version,
      long batchBytes) {
    this.link = link;
    this.database = database;
    this.outbox = new Outbox(database, actor);
    this.reader = new OutboxReader(database, batchBytes);
    this.clock = clock;
    this.version = version;
  }

  /// What a round has done.
  ///
  /// @param rows how many were sent
  /// @param batches in how many batches
  /// @param epoch that they belong to
  /// @param waiting how many rows still wait
  /// @param waitingSince the time of the oldest of these
  /// @param refused why the hub took no more: `quota`, `full`; empty if it took all
  /// @param retrySeconds when to try again after that
  public record Round(
      long rows,
      int batches,
      int epoch,
      long waiting,
      OptionalLong waitingSince,
      String refused,
      long retrySeconds) {}

  /// Sends all that is new.
  ///
  /// @param stopping whether to end after the batch under way
  /// @param begins receives an epoch that has begun and that nothing was sent in yet, also if it
  ///   received it before; what is sent may fail after that
  /// @throws UserError if the hub or the database fail; the next round goes on where this one was
  public Round send(BooleanSupplier stopping, IntConsumer begins) {
    Instant now = clock.instant();
    outbox.enable(now);
    String id =
        new SnapshotTable(database)
            .databaseId()
            .orElseThrow(() ->
                new UserError(
                    ExitCode.UNUSABLE_DATABASE, "the database has no name before the daemon runs"));
    outbox.notice(now);
    GatewayLink.Answer at = link.call("mark", "");
    if (!outbox.tokens().know(at.token()) || !at.database().equals(id) || restarted(at)) {
      at = begin(id, at);
    }
    if (at.batch() == 0) {
      begins.accept(at.epoch());
    }
    long rows = 0;
    int batches = 0;
    while (true) {
      Batch batch = reader.next(marks(at));
      boolean last = batch.drained();
      if (batch.rows() == 0 && last && at.complete()) {
        return new Round(rows, batches, at.epoch(), 0, OptionalLong.empty(), "", 0);
      }
      GatewayLink.Answer answer = send(batch, at);
      if (!answer.refused().isEmpty()) {
        return round(rows, batches, at, batch, answer);
      }
      if (!answer.taken()) {
        throw new UserError(
            ExitCode.BUSY, "the hub took another batch meanwhile; two daemons send as one gateway");
      }
      at = answer;
      rows += batch.rows();
      batches++;
      if (last || stopping.getAsBoolean()) {
        return round(rows, batches, at, batch, answer);
      }
    }
  }

  private static Round round(
      long rows, int batches, GatewayLink.Answer at, Batch batch, GatewayLink.Answer answer) {
    boolean refused = !answer.refused().isEmpty();
    return new Round(
        rows,
        batches,
        at.epoch(),
        batch.waiting() + (refused ? batch.rows() : 0),
        batch.waitingSince(),
        answer.refused(),
        answer.retrySeconds());
  }

  /// Marks that a later version has written are as good as none: then a new epoch begins.
  private boolean restarted(GatewayLink.Answer at) {
    try {
      return reader.restarted(Marks.of(at.marks()));
    } catch (UnreadableJson | IllegalArgumentException _) {
      return true;
    }
  }

  private static Marks marks(GatewayLink.Answer at) {
    return Marks.of(at.marks());
  }

  private GatewayLink.Answer send(Batch batch, GatewayLink.Answer at) {
    String token = token();
    outbox.sending(new Tokens(at.token(), token), marks(at).seq(), clock.instant());
    StringBuilder members = new StringBuilder();
    members.append(",\"epoch\":").append(at.epoch());
    members.append(",\"batch\":").append(at.batch() + 1);
    members.append(",\"token\":\"").append(token).append('"');
    members.append(",\"version\":").append(new Json.Text(version));
    members.append(",\"sent\":").append(clock.millis());
    members.append(",\"waiting\":").append(batch.waiting());
    batch.waitingSince().ifPresent(second -> members.append(",\"waiting_since\":").append(second));
    members.append(",\"complete\":").append(batch.drained());
    members.append(",\"marks\":").append(batch.marks().json());
    members.append(batch.members());
    return link.call("batch", members.toString());
  }

  private String token() {
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// Begins an epoch. An answer that is lost leaves an epoch that nothing was sent in, and which
  /// the next attempt recognises by its token.
  private GatewayLink.Answer begin(String id, GatewayLink.Answer at) {
    Shared shared =
        at.epoch() == 0
            ? Shared.NONE
            : new Shared(
                newest(id, Compared.STATS),
                newest(id, Compared.METRICS),
                newest(id, Compared.AUDIT));
    String token = token();
    Instant now = clock.instant();
    Marks marks = outbox.begin(token, shared, now);
    outbox.notice(now);
    StringBuilder members = new StringBuilder();
    members.append(",\"after\":").append(at.epoch());
    members.append(",\"database\":").append(new Json.Text(id));
    members.append(",\"token\":\"").append(token).append('"');
    members.append(",\"at\":").append(now.getEpochSecond());
    append(members, "stats_after", shared.stat());
    append(members, "metrics_after", shared.metric());
    append(members, "audit_after", shared.audit());
    members.append(",\"five_minutes_from\":").append(outbox.fiveMinutesFrom());
    members.append(",\"hours_from\":").append(outbox.hoursFrom());
    members.append(",\"marks\":").append(marks.json());
    GatewayLink.Answer begun = link.call("begin", members.toString());
    if (!begun.token().equals(token)) {
      throw new UserError(ExitCode.BUSY, notBegun(begun));
    }
    return begun;
  }

  private static String notBegun(GatewayLink.Answer answer) {
    return switch (answer.refused()) {
      case "" -> "another epoch began meanwhile; two daemons send as one gateway";
      case "full" ->
          "the hub takes no new epoch: it keeps as much of this gateway as it may; see 'patronus"
              + " fleet status' there";
      default ->
          "the hub takes no new epoch before "
              + answer.retrySeconds()
              + " s: the gateway has used up its quota";
    };
  }

  private static void append(StringBuilder members, String name, OptionalLong value) {
    value.ifPresent(number -> members.append(",\"").append(name).append("\":").append(number));
  }

  /// The newest row of a table that the hub has got of this database, too.
  private OptionalLong newest(String id, Compared table) {
    long key = Long.MAX_VALUE;
    while (true) {
      OutboxReader.Rows rows = reader.before(table, key);
      if (rows.first().isEmpty()) {
        return OptionalLong.empty();
      }
      GatewayLink.Answer answer =
          link.call(
              "match",
              ",\"database\":" + new Json.Text(id) + ",\"" + table.member() + "\":" + rows.json());
      OptionalLong found = answer.number(table.answer());
      if (found.isPresent()) {
        return found;
      }
      key = rows.first().getAsLong();
    }
  }
}
