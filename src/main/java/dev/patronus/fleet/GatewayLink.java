package dev.patronus.fleet;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import java.util.OptionalLong;

/// The connection of a gateway to its hub: the calls of `fleet.publish`.
///
/// The opener closes it. Confined to one thread, except for [#abort].
public final class GatewayLink implements AutoCloseable {
  private static final String CALL = "SELECT fleet.publish(?::jsonb)::text";

  private final Hub hub;
  private final String gateway;

  /// @param gateway the name by which the hub knows it
  public GatewayLink(Hub hub, String gateway) {
    this.hub = hub;
    this.gateway = gateway;
  }

  /// Where the hub is, and what it did.
  ///
  /// @param epoch the newest epoch of the gateway; 0 for none
  /// @param database the database that the epoch is of; empty for none
  /// @param batch how many batches of it were taken
  /// @param token of the last one; empty for none
  /// @param complete whether the epoch counts
  /// @param taken whether the batch of this call was taken
  /// @param refused why it was refused: `quota`, `full`; empty if it was not
  /// @param retrySeconds when to try again after that
  public record Answer(
      int epoch,
      String database,
      long batch,
      String token,
      Json.Obj marks,
      boolean complete,
      boolean taken,
      String refused,
      long retrySeconds,
      Json.Obj all) {
    static Answer of(Json.Obj json) {
      boolean begun = json.integer("epoch") > 0;
      return new Answer(
          Math.toIntExact(json.integer("epoch")),
          begun ? json.text("database") : "",
          begun ? json.integer("batch") : 0,
          begun ? json.text("token") : "",
          begun ? json.object("marks") : Json.object().build(),
          json.bool("complete"),
          json.find("taken").isPresent(),
          json.findText("refused").orElse(""),
          json.findInteger("retry_seconds").orElse(0L),
          json);
    }

    /// The number of a member; empty if it is null.
    public OptionalLong number(String name) {
      return all.find(name).filter(Json.Num.class::isInstance).isPresent()
          ? OptionalLong.of(all.integer(name))
          : OptionalLong.empty();
    }
  }

  /// Calls the function.
  ///
  /// @param op the operation
  /// @param members the rest of the object, each member behind a comma
  /// @throws UserError if that fails; then the call may have been carried out, unless the hub
  ///   answered with an error
  public Answer call(String op, String members) {
    String call = "{\"op\":\"" + op + "\",\"gateway\":" + new Json.Text(gateway) + members + "}";
    String answer =
        hub.write(handle -> handle.createQuery(CALL).bind(0, call).mapTo(String.class).one());
    if (!(Json.parse(answer) instanceof Json.Obj json)) {
      throw new UserError(ExitCode.FAILED, "the hub gave an answer that is no object");
    }
    return Answer.of(json);
  }

  /// Whether it can still be used.
  public boolean isOpen() {
    return hub.isOpen();
  }

  /// Breaks it off, from any thread.
  public void abort() {
    hub.abort();
  }

  @Override
  public void close() {
    hub.close();
  }
}
