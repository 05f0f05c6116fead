package dev.patronus.probe;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/// A UDP service on loopback that answers each datagram with those that a test wants.
public final class EchoService implements AutoCloseable {
  private static final String PREFIX = "PATRONUS_PROBE_";

  private final DatagramSocket socket;

  /// @param answers the texts to answer the probe of a number with
  private EchoService(IntFunction<String[]> answers) throws IOException {
    this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> serve(answers));
  }

  /// A service that answers with these texts.
  public static EchoService answering(IntFunction<String[]> answers) throws IOException {
    return new EchoService(answers);
  }

  /// A service that sends every probe back.
  public static EchoService start() throws IOException {
    return new EchoService(number -> new String[] {PREFIX + number});
  }

  public int port() {
    return socket.getLocalPort();
  }

  private void serve(IntFunction<String[]> answers) {
    byte[] bytes = new byte[100];
    try {
      while (true) {
        DatagramPacket request = new DatagramPacket(bytes, bytes.length);
        socket.receive(request);
        String text = new String(bytes, 0, request.getLength(), StandardCharsets.US_ASCII);
        for (String answer : answers.apply(Integer.parseInt(text.substring(PREFIX.length())))) {
          byte[] reply = answer.getBytes(StandardCharsets.US_ASCII);
          socket.send(new DatagramPacket(reply, reply.length, request.getSocketAddress()));
        }
      }
    } catch (IOException _) {
      // closed
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
