package dev.patronus.daemon;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.control.Peer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.libc.UserGroups;
import dev.patronus.metrics.Metrics;
import dev.patronus.role.Caller;
import dev.patronus.role.Role;
import dev.patronus.role.Roles;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// Refuses the requests of users whose role is not enough, and has the refusal recorded in the
/// audit trail: for each user and request at most once a minute, so that nobody fills the disk.
///
/// Safe from any thread. Users are those that the kernel names for their connections; what a client
/// says about itself is not believed.
final class Authorization {
  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int REMEMBERED = 1_000;

  /// The group of those whose group has no number here.
  private static final long NOBODY = 65_534;

  /// Records a refusal in the audit trail.
  @FunctionalInterface
  interface Recorder {
    /// Writes the row.
    ///
    /// @throws UserError if the database does not take it
    void record(Actor actor, AuditEvent event);
  }

  private final Supplier<Roles> roles;
  private final String version;
  private final Recorder recorder;
  private final Metrics metrics;
  private final Map<String, Long> recorded = new LinkedHashMap<>();

  /// @param roles those that are in force
  /// @param version of the program, for the audit trail
  Authorization(Supplier<Roles> roles, String version, Recorder recorder, Metrics metrics) {
    this.roles = roles;
    this.version = version;
    this.recorder = recorder;
    this.metrics = metrics;
    metrics.declare("control_requests_unauthorized", "authorization_audit_failures");
  }

  /// The refusal of a request; empty if it is permitted.
  Optional<Reply> refusal(Request request, Peer peer) {
    Roles inForce = roles.get();
    if (inForce.isEmpty()) {
      return Optional.empty();
    }
    Role required = required(request);
    String action = action(request);
    return inForce
        .refusal(action, required, caller(peer), UserGroups::id)
        .map(why -> {
          metrics.counter("control_requests_unauthorized").increment();
          record(action, required, peer);
          return new Reply.Refused(ExitCode.REFUSED, why);
        });
  }

  private static Caller caller(Peer peer) {
    OptionalLong group = UserGroups.id(peer.group());
    return new Caller(peer.user(), peer.root(), UserGroups.of(peer.user(), group.orElse(NOBODY)));
  }

  static Role required(Request request) {
    return switch (request) {
      case Request.Reset _, Request.CacheClear _ -> Role.ADMIN;
      case Request.CacheCleanup _ -> Role.OPERATOR;
      case Request.Status _,
          Request.Diagnostics _,
          Request.Templates _,
          Request.Stats _,
          Request.Flows _,
          Request.FlowStretch _,
          Request.FlowGroups _,
          Request.CacheStats _,
          Request.Explain _,
          Request.Paths _,
          Request.Changed _ ->
          Role.VIEWER;
    };
  }

  /// The command that makes the request.
  private static String action(Request request) {
    return switch (request) {
      case Request.Reset _ -> "stats reset";
      case Request.CacheClear _ -> "cache clear";
      case Request.CacheCleanup _ -> "cache cleanup";
      case Request.CacheStats _ -> "cache stats";
      case Request.Status _, Request.Diagnostics _, Request.Templates _, Request.Changed _ ->
          "status";
      case Request.Stats _ -> "stats";
      case Request.Flows _, Request.FlowStretch _, Request.FlowGroups _ -> "stats flows";
      case Request.Explain _ -> "policy explain";
      case Request.Paths _ -> "path list";
    };
  }

  private void record(String action, Role required, Peer peer) {
    if (!isDue(peer.user() + ' ' + action)) {
      return;
    }
    try {
      recorder.record(
          new Actor(peer.user(), null, "patronus-cli/" + version),
          new AuditEvent.AuthorizationFailed(action, required.word()));
    } catch (UserError _) {
      metrics.counter("authorization_audit_failures").increment();
    }
  }

  private synchronized boolean isDue(String what) {
    long now = System.nanoTime();
    recorded.values().removeIf(at -> now - at > PAUSE_NANOS);
    return recorded.size() < REMEMBERED && recorded.putIfAbsent(what, now) == null;
  }
}
