package dev.patronus.source.netflow;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.flow.IpAddress;
import dev.patronus.source.KeptSockets;
import dev.patronus.source.SourceUri;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// The receivers of one UDP address: as many sources, each with a socket and a thread of its own.
///
/// The sockets are bound to the same address (SO_REUSEPORT, socket(7)). The kernel chooses among
/// them by the addresses and ports of sender and receiver, so that all datagrams of an exporter's
/// port arrive at one receiver, in order, until a receiver comes or goes. Then an exporter may
/// arrive at another one ([#distribution]), and must lose nothing by that:
///
/// - Its templates and announced sampling rates are in the file of the receiver that it came from
///   ([#learned]).
/// - Totals and open connections of firewalls are kept for all receivers in one place ([#totals],
///   [#connections]).
///
/// The first receiver has the number 1. With one receiver the address is not shared. Safe from any
/// thread.
public final class Receivers {
  /// The most receivers of an address.
  public static final int MOST = 16;

  private static final System.Logger LOG = System.getLogger(Receivers.class.getName());

  private final IntFunction<TemplateFile> templates;
  private final RunningTotals.Store totals = new RunningTotals.Store();
  private final FirewallConnections.Store connections = new FirewallConnections.Store();
  private final List<UdpSocket> open = new ArrayList<>();
  private int receiveBuffer;
  private volatile int count;
  private volatile int distribution;
  private volatile Map<IpAddress, List<DecoderStateCodec.Saved>> learned = Map.of();

  /// @param templates the file of the templates of each receiver; those that are gone may have left
  ///   one
  public Receivers(int count, IntFunction<TemplateFile> templates) {
    this.count = count;
    this.templates = templates;
  }

  /// How many there are.
  public int count() {
    return count;
  }

  /// Changes how many there are. Those that go are closed before, those that come are opened later.
  public synchronized void use(int count) {
    if (count == this.count) {
      return;
    }
    this.count = count;
    for (UdpSocket socket : open) {
      try {
        socket.share(count > 1);
        socket.resize(receiveBuffer / count);
      } catch (IOException e) {
        LOG.log(WARNING, "a socket cannot be prepared for " + count + " receivers: " + e);
      }
    }
  }

  /// Opens the socket of a receiver.
  ///
  /// @param receiveBuffer bytes for all receivers together
  /// @throws IOException that says which address, and what to do
  synchronized UdpSocket open(SourceUri.Udp uri, int receiveBuffer, KeptSockets kept)
      throws IOException {
    this.receiveBuffer = receiveBuffer;
    change();
    UdpSocket opened = UdpSocket.open(uri, receiveBuffer / count, kept, count > 1, open);
    open.add(opened);
    return opened;
  }

  /// Closes the socket of a receiver, after its templates were saved.
  ///
  /// @param stays whether it is read again, so that datagrams may wait in it for that
  synchronized void close(UdpSocket socket, boolean stays) throws IOException {
    change();
    open.remove(socket);
    if (stays) {
      socket.close();
    } else {
      socket.closeForGood();
    }
  }

  /// Announces that the kernel will distribute in another way. What others have learned is there
  /// before the first datagram that arrives elsewhere.
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private void change() {
    if (count > 1) {
      learned = read();
    }
    distribution++;
  }

  /// A number that changes when exporters may arrive at other receivers than before.
  int distribution() {
    return distribution;
  }

  /// What the receivers, and those of an earlier run, have saved of each exporter.
  Map<IpAddress, List<DecoderStateCodec.Saved>> learned() {
    return learned;
  }

  private Map<IpAddress, List<DecoderStateCodec.Saved>> read() {
    Map<IpAddress, List<DecoderStateCodec.Saved>> all = new HashMap<>();
    for (int number = 1; number <= MOST; number++) {
      try {
        byte[] content = templates.apply(number).load();
        if (content.length > 0) {
          DecoderStateCodec.split(
              content, (at, saved) -> all.computeIfAbsent(at, _ -> new ArrayList<>()).add(saved));
        }
      } catch (IOException e) {
        LOG.log(DEBUG, "what receiver " + number + " has learned is not used: " + e.getMessage());
      }
    }
    return all;
  }

  /// The file of the templates of a receiver.
  TemplateFile templates(int receiver) {
    return templates.apply(receiver);
  }

  /// The totals of flows.
  RunningTotals.Store totals() {
    return totals;
  }

  /// The open connections of firewalls.
  FirewallConnections.Store connections() {
    return connections;
  }
}
