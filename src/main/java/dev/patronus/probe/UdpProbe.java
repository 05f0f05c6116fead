package dev.patronus.probe;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// UDP datagrams to a service that sends each back as it came (RFC 862).
///
/// The text of a datagram is that of the platform's own probes: `PATRONUS_PROBE_` and its number. A
/// port where nothing listens is an error and not a reply: hosts limit how many of these ICMP
/// messages they send, so that most would seem lost.
public final class UdpProbe implements ProbeSocket {
  /// The port of the platform's own probes.
  public static final int PORT = 51822;

  private static final String PREFIX = "PATRONUS_PROBE_";
  private static final Pattern REPLY = Pattern.compile(PREFIX + "([0-9]{1,9})");

  private final DatagramChannel channel;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocate(64);

  private UdpProbe(DatagramChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  /// Opens a socket to a port of a host; the caller closes it.
  ///
  /// @param source the address to send from, if this machine has it; empty for the one that the
  ///   routing table gives
  @SuppressWarnings("MustBeClosedChecker") // the probe closes its channel when it is closed
  public static UdpProbe open(InetSocketAddress host, Optional<InetAddress> source)
      throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      Optional<InetAddress> from =
          source.filter(each -> each.getClass() == host.getAddress().getClass());
      if (from.isPresent()) {
        bind(channel, from.get());
      }
      return connected(channel, host);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static UdpProbe connected(DatagramChannel channel, SocketAddress to) throws IOException {
    channel.connect(to);
    channel.configureBlocking(false);
    Selector selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
    return new UdpProbe(channel, selector);
  }

  /// Binds the channel to an address, if it is one of this machine's.
  private static void bind(DatagramChannel channel, InetAddress source) throws IOException {
    try {
      channel.bind(new InetSocketAddress(source, 0));
    } catch (BindException _) {
      // it has another address; the routing table chooses
    }
  }

  @Override
  public InetAddress source() throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getAddress();
  }

  @Override
  public void send(int sequence) throws IOException {
    ByteBuffer text = ByteBuffer.wrap((PREFIX + sequence).getBytes(StandardCharsets.US_ASCII));
    try {
      int _ = channel.write(text);
    } catch (PortUnreachableException _) {
      int _ = channel.write(text); // that was about an earlier one, and this one was not sent
    }
  }

  @Override
  public OptionalInt receive(Duration atMost) throws IOException {
    if (atMost.isPositive()) {
      int _ = selector.select(Math.max(1, atMost.plusNanos(999_999).toMillis()));
    } else {
      int _ = selector.selectNow();
    }
    selector.selectedKeys().clear();
    buffer.clear();
    if (read() <= 0) {
      return OptionalInt.empty();
    }
    Matcher reply =
        REPLY.matcher(new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII));
    return reply.matches() ? OptionalInt.of(Integer.parseInt(reply.group(1))) : OptionalInt.empty();
  }

  private int read() throws IOException {
    try {
      return channel.read(buffer);
    } catch (PortUnreachableException e) {
      throw new IOException("nothing listens on the port", e);
    }
  }

  /// A socket that is connected to itself, and so receives what it sends.
  @Override
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  public ProbeSocket loopback() throws IOException {
    DatagramChannel own = DatagramChannel.open();
    try {
      own.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return connected(own, own.getLocalAddress());
    } catch (IOException e) {
      own.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
