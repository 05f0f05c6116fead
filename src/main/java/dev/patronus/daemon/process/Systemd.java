package dev.patronus.daemon.process;

import dev.patronus.libc.UnixDatagram;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/// The service manager: readiness, status line and watchdog by datagrams to `NOTIFY_SOCKET`
/// (sd_notify(3)). Does nothing if no service manager started the process, and never blocks on it.
///
/// Safe from any thread.
public final class Systemd {
  private static final int MOST_UNSENT = 64; // all sockets of a source may be released at once

  private final Optional<String> socket;
  private final Optional<Duration> watchdog;
  private final Log log;
  private final Deque<String> unsent = new ArrayDeque<>();

  public Systemd(Map<String, String> env, Log log) {
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

  /// The interval of watchdog notifications; empty without a watchdog.
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  public void ready(String status) {
    sendForSure("READY=1\nSTATUS=" + status);
  }

  public void status(String status) {
    send("STATUS=" + status);
  }

  /// Sends a watchdog notification.
  public void alive() {
    send("WATCHDOG=1");
  }

  public void reloading() {
    sendForSure("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  public void stopping() {
    sendForSure("STOPPING=1");
  }

  /// Has the service manager keep a duplicate of a socket, and hand it to the next process
  /// (`FDSTORE` of sd_notify(3)). One that does not take it now keeps nothing.
  ///
  /// @param name of up to 255 letters, digits and dashes
  public void keepSocket(String name, int descriptor) {
    socket.ifPresent(path -> {
      try {
        UnixDatagram.send(path, "FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, descriptor);
      } catch (IOException e) {
        log.warn("the service manager does not keep socket " + name + ": " + e.getMessage());
      }
    });
  }

  /// Ends the keeping of a socket.
  public void releaseSocket(String name) {
    sendForSure("FDSTOREREMOVE=1\nFDNAME=" + name);
  }

  /// Sends pending messages to the service manager. To be called each second.
  public synchronized void tick() {
    boolean taken = true;
    while (taken && !unsent.isEmpty()) {
      taken = send(unsent.peekFirst());
      if (taken) {
        unsent.removeFirst();
      }
    }
  }

  /// Sends a change of state; one that cannot be delivered now is sent again with the next ticks,
  /// in order.
  private synchronized void sendForSure(String text) {
    if (socket.isPresent()) {
      unsent.addLast(text);
      if (unsent.size() > MOST_UNSENT) {
        unsent.removeFirst();
      }
      tick();
    }
  }

  /// @return whether the service manager's socket accepted it
  private boolean send(String text) {
    if (socket.isEmpty()) {
      return false;
    }
    try {
      UnixDatagram.send(socket.get(), text);
      log.over("sd_notify", "the service manager reads its socket again");
      return true;
    } catch (IOException e) {
      log.trouble("sd_notify", "cannot notify the service manager: " + e.getMessage());
      return false;
    }
  }
}
