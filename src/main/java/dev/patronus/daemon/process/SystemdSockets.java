package dev.patronus.daemon.process;

import dev.patronus.libc.CallFailed;
import dev.patronus.libc.Descriptor;
import dev.patronus.source.KeptSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The UDP sockets that the service manager keeps over a restart of this process, and those that a
/// `.socket` unit has bound (sd_listen_fds(3)).
///
/// Over `systemctl restart`, an upgrade or a crash, the datagrams that arrive wait in the kernel's
/// buffer; after `systemctl stop` the sockets are gone. Without a service manager it keeps nothing.
/// Safe from any thread.
public final class SystemdSockets implements KeptSockets {
  private static final int FIRST = 3; // SD_LISTEN_FDS_START
  private static final int COUNT_MAX = 1000;

  /// A name that [#name] made.
  private static final Pattern OWN_NAME = Pattern.compile("udp-[0-9a-f]+-[0-9]+(?:-([0-9]{1,2}))?");

  /// A receiver of an address, from 1.
  private record Place(InetSocketAddress local, int receiver) {}

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

  private final Map<Place, Kept> all = new HashMap<>();
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
      if (local.isPresent()) {
        all.put(place(local.get(), name), new Kept(descriptor, name, false));
      } else {
        Descriptor.close(descriptor);
      }
    } catch (IOException e) {
      log.warn("the service manager handed over a socket that is not usable: " + e.getMessage());
    }
  }

  /// The receiver that a socket was kept for, else the first one that has none.
  private Place place(InetSocketAddress local, String name) {
    Matcher own = OWN_NAME.matcher(name);
    String number = own.matches() ? own.group(1) : null;
    Place place = new Place(local, number == null ? 1 : Integer.parseInt(number));
    for (int receiver = 1; all.containsKey(place); receiver++) {
      place = new Place(local, receiver);
    }
    return place;
  }

  @Override
  public synchronized OptionalInt take(InetSocketAddress local, int receiver) {
    Kept kept = all.get(new Place(local, receiver));
    if (kept == null || kept.taken) {
      return OptionalInt.empty();
    }
    kept.taken = true;
    return OptionalInt.of(kept.descriptor);
  }

  @Override
  public synchronized void keep(InetSocketAddress local, int receiver, int descriptor) {
    if (!managed) {
      return;
    }
    try {
      Place place = new Place(local, receiver);
      Kept kept = new Kept(Descriptor.duplicate(descriptor), name(place), true);
      all.put(place, kept);
      systemd.keepSocket(kept.name, kept.descriptor);
    } catch (CallFailed e) {
      log.warn("the socket at " + local + " ends with this process: " + e.getMessage());
    }
  }

  /// `udp-7f000001-2055`, of the second receiver `udp-7f000001-2055-2`: names have no colons
  /// (sd_notify(3)).
  private static String name(Place place) {
    String address = HexFormat.of().formatHex(place.local.getAddress().getAddress());
    String first = "udp-" + address + "-" + place.local.getPort();
    return place.receiver == 1 ? first : first + "-" + place.receiver;
  }

  @Override
  public synchronized void giveBack(InetSocketAddress local, int receiver) {
    Kept kept = all.get(new Place(local, receiver));
    if (kept != null) {
      kept.taken = false;
    }
  }

  @Override
  public synchronized void release(InetSocketAddress local, int receiver) {
    Kept kept = all.remove(new Place(local, receiver));
    if (kept != null) {
      release(kept);
    }
  }

  /// Closes the sockets that no source reads, here and at the service manager: of sources and
  /// receivers that are no longer configured.
  public synchronized void releaseUnused() {
    for (Map.Entry<Place, Kept> each : List.copyOf(all.entrySet())) {
      if (!each.getValue().taken) {
        all.remove(each.getKey());
        release(each.getValue());
        warnIfRead(each.getKey(), each.getValue());
      }
    }
  }

  private void release(Kept kept) {
    systemd.releaseSocket(kept.name);
    try {
      Descriptor.close(kept.descriptor);
    } catch (CallFailed e) {
      log.debug("cannot close the socket " + kept.name + ": " + e.getMessage());
    }
  }

  /// A socket of a `.socket` unit stays open there, and the kernel gives it a part of what is sent
  /// to its address.
  private void warnIfRead(Place unread, Kept kept) {
    boolean others = all.keySet().stream().anyMatch(place -> place.local.equals(unread.local));
    if (others && !OWN_NAME.matcher(kept.name).matches()) {
      log.warn(
          "the unit "
              + kept.name
              + " has more sockets at "
              + unread.local.getAddress().getHostAddress()
              + " port "
              + unread.local.getPort()
              + " than there are receivers: what the kernel gives to the others is lost; give the"
              + " source receivers= as many, or the unit fewer ListenDatagram=");
    }
  }
}
