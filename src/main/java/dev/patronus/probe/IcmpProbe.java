package dev.patronus.probe;

import dev.patronus.libc.IcmpSocket;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/// Echo requests and replies of ICMP (RFC 792) and ICMPv6 (RFC 4443, section 4).
///
/// A message has a header of 8 bytes (type, code, checksum, identifier, sequence number) and 56
/// bytes of data, as that of ping(8) has. The data begins with a random number, which tells replies
/// to these requests from others, and the request's number, of which the header has 16 bits.
public final class IcmpProbe implements ProbeSocket {
  /// Bytes of a message without the IP header.
  public static final int SIZE = 64;

  private static final int CHECKSUM = 2;
  private static final int IDENTIFIER = 4;
  private static final int SEQUENCE = 6;
  private static final int TOKEN = 8;
  private static final int NUMBER = 16;

  private final IcmpSocket socket;
  private final boolean v4;
  private final long token = ThreadLocalRandom.current().nextLong();

  private IcmpProbe(IcmpSocket socket, boolean v4) {
    this.socket = socket;
    this.v4 = v4;
  }

  /// Opens a socket to a host; the caller closes it.
  ///
  /// @param source as in [IcmpSocket#open]
  /// @throws IOException as [IcmpSocket#open]
  @SuppressWarnings("MustBeClosedChecker") // the probe closes its socket when it is closed
  public static IcmpProbe open(InetAddress host, Optional<InetAddress> source) throws IOException {
    return new IcmpProbe(IcmpSocket.open(host, source), host instanceof Inet4Address);
  }

  @Override
  public InetAddress source() throws IOException {
    return socket.source();
  }

  @Override
  public void send(int sequence) throws IOException {
    socket.send(request(v4, token, sequence));
  }

  /// An echo request.
  static byte[] request(boolean v4, long token, int sequence) {
    ByteBuffer message = ByteBuffer.allocate(SIZE);
    message.put(0, (byte) (v4 ? 8 : 128));
    message.putShort(IDENTIFIER, (short) token); // a datagram socket puts its own
    message.putShort(SEQUENCE, (short) sequence);
    message.putLong(TOKEN, token);
    message.putInt(NUMBER, sequence);
    if (v4) { // the kernel fills in that of ICMPv6
      message.putShort(CHECKSUM, (short) checksum(message));
    }
    return message.array();
  }

  /// The checksum of RFC 1071 over a message whose own is 0.
  static int checksum(ByteBuffer message) {
    int sum = 0;
    for (int at = 0; at < message.limit(); at += 2) {
      sum += Short.toUnsignedInt(message.getShort(at));
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return ~(sum + (sum >>> 16)) & 0xffff;
  }

  /// The number of the request that a message answers; empty if it answers none of these.
  static OptionalInt answered(boolean v4, long token, byte... bytes) {
    ByteBuffer message = ByteBuffer.wrap(bytes);
    boolean reply =
        bytes.length == SIZE
            && message.get(0) == (byte) (v4 ? 0 : 129)
            && message.getLong(TOKEN) == token;
    return reply ? OptionalInt.of(message.getInt(NUMBER)) : OptionalInt.empty();
  }

  @Override
  public OptionalInt receive(Duration atMost) throws IOException {
    if (!socket.await(atMost)) {
      return OptionalInt.empty();
    }
    Optional<byte[]> message = socket.receive();
    return message.isEmpty() ? OptionalInt.empty() : answered(v4, token, message.get());
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  public ProbeSocket loopback() throws IOException {
    return open(InetAddress.getByName(v4 ? "127.0.0.1" : "::1"), Optional.empty());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
