package dev.patronus.daemon.process;

import dev.patronus.libc.CallFailed;
import dev.patronus.libc.Descriptor;
import dev.patronus.source.KeptSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The UDP sockets that the service manager keeps over a restart of this process, and those that a
/// `.socket` unit has bound (sd_listen_fds(3)).
///
/// Over `systemctl restart`, an upgrade or a crash, the datagrams that arrive wait in the kernel's
/// buffer; after `systemctl stop` the sockets are gone. Without a service manager it keeps nothing.
/// Safe from any thread.
public final class SystemdSockets implements KeptSockets {
  private static final int FIRST = 3; // SD_LISTEN_FDS_START
  private static final int COUNT_MAX = 1000;

  private static final class Kept {
    private final int descriptor;
    private final String name;
    private boolean taken;

    Kept(int descriptor, String name, boolean taken) {
      this.descriptor = descriptor;
      this.name = name;
      this.taken = taken;
    }
  }

  private final Map<InetSocketAddress, Kept> all = new HashMap<>();
  private final boolean managed;
  private final Systemd systemd;
  private final Log log;

  private SystemdSockets(boolean managed, Systemd systemd, Log log) {
    this.managed = managed;
    this.systemd = systemd;
    this.log = log;
  }

  /// The sockets that the environment says were handed to this process.
  public static SystemdSockets of(Map<String, String> env, Systemd systemd, Log log) {
    boolean managed = !env.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
    SystemdSockets sockets = new SystemdSockets(managed, systemd, log);
    String ours = Long.toString(ProcessHandle.current().pid());
    String count = env.getOrDefault("LISTEN_FDS", "");
    if (ours.equals(env.get("LISTEN_PID")) && count.matches("[0-9]{1,4}")) {
      String[] names = env.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
      int handed = Math.min(Integer.parseInt(count), COUNT_MAX);
      for (int i = 0; i < handed; i++) {
        sockets.receive(FIRST + i, i < names.length ? names[i] : "");
      }
    }
    return sockets;
  }

  private synchronized void receive(int descriptor, String name) {
    try {
      Optional<InetSocketAddress> local = Descriptor.udpAddress(descriptor);
      if (local.isPresent() && !all.containsKey(local.get())) {
        all.put(local.get(), new Kept(descriptor, name, false));
      } else {
        Descriptor.close(descriptor);
      }
    } catch (IOException e) {
      log.warn("the service manager handed over a socket that is not usable: " + e.getMessage());
    }
  }

  @Override
  public synchronized OptionalInt take(InetSocketAddress local) {
    Kept kept = all.get(local);
    if (kept == null || kept.taken) {
      return OptionalInt.empty();
    }
    kept.taken = true;
    return OptionalInt.of(kept.descriptor);
  }

  @Override
  public synchronized void keep(InetSocketAddress local, int descriptor) {
    if (!managed) {
      return;
    }
    try {
      Kept kept = new Kept(Descriptor.duplicate(descriptor), name(local), true);
      all.put(local, kept);
      systemd.keepSocket(kept.name, kept.descriptor);
    } catch (CallFailed e) {
      log.warn("the socket at " + local + " ends with this process: " + e.getMessage());
    }
  }

  /// `udp-7f000001-2055`: names have no colons (sd_notify(3)).
  private static String name(InetSocketAddress local) {
    String address = HexFormat.of().formatHex(local.getAddress().getAddress());
    return "udp-" + address + "-" + local.getPort();
  }

  @Override
  public synchronized void giveBack(InetSocketAddress local) {
    Kept kept = all.get(local);
    if (kept != null) {
      kept.taken = false;
    }
  }

  /// Closes the sockets that no source reads, here and at the service manager: of sources that are
  /// no longer configured.
  public synchronized void releaseUnused() {
    Iterator<Kept> each = all.values().iterator();
    while (each.hasNext()) {
      Kept kept = each.next();
      if (!kept.taken) {
        each.remove();
        systemd.releaseSocket(kept.name);
        try {
          Descriptor.close(kept.descriptor);
        } catch (CallFailed e) {
          log.debug("cannot close the socket " + kept.name + ": " + e.getMessage());
        }
      }
    }
  }
}
