package dev.patronus.daemon;

import dev.patronus.libc.UnixDatagram;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// The service manager: readiness, status line and watchdog by datagrams to `NOTIFY_SOCKET`
/// (sd_notify(3)). Does nothing where none started us.
///
/// Safe from any thread.
final class Systemd {
  private final Optional<String> socket;
  private final Optional<Duration> watchdog;
  private final Log log;

  Systemd(Map<String, String> env, Log log) {
    this.socket = Optional.ofNullable(env.get("NOTIFY_SOCKET")).filter(path -> !path.isEmpty());
    this.watchdog = watchdog(env);
    this.log = log;
  }

  /// The watchdog's limit, if one was set for this process (sd_watchdog_enabled(3)).
  private static Optional<Duration> watchdog(Map<String, String> env) {
    String ours = Long.toString(ProcessHandle.current().pid());
    String microseconds = env.get("WATCHDOG_USEC");
    if (microseconds == null || !env.getOrDefault("WATCHDOG_PID", ours).equals(ours)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.ofNanos(Math.multiplyExact(Long.parseLong(microseconds), 1000)));
    } catch (NumberFormatException | ArithmeticException _) {
      return Optional.empty();
    }
  }

  /// How often the watchdog wants to hear from us; empty if there is none.
  Optional<Duration> watchdog() {
    return watchdog;
  }

  void ready(String status) {
    send("READY=1\nSTATUS=" + status);
  }

  void status(String status) {
    send("STATUS=" + status);
  }

  /// Says that all goes well; only while snapshots succeed.
  void alive() {
    send("WATCHDOG=1");
  }

  void reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  void stopping() {
    send("STOPPING=1");
  }

  private void send(String text) {
    if (socket.isEmpty()) {
      return;
    }
    try {
      UnixDatagram.send(socket.get(), text);
      log.over("sd_notify", "the service manager hears us again");
    } catch (IOException e) {
      log.trouble("sd_notify", "cannot tell the service manager: " + e.getMessage());
    }
  }
}
