package dev.patronus.testing;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A program that sends the datagrams of [NetflowV5Sender#send] at an even rate until its standard
/// input ends, and then prints how many packets they told of.
public final class NetflowV5Stream {
  private NetflowV5Stream() {}

  /// Sends until standard input ends.
  ///
  /// @param arguments the port on loopback, the ports that the flows go to by turns (`443,80`),
  ///   datagrams per second
  public static void main(String[] arguments) throws IOException {
    int[] ports = Stream.of(arguments[1].split(",", -1)).mapToInt(Integer::parseInt).toArray();
    long pause = 1_000_000_000L / Long.parseLong(arguments[2]);
    long packets = 0;
    try (NetflowV5Sender sender = new NetflowV5Sender(Integer.parseInt(arguments[0]))) {
      Thread input = Thread.ofPlatform().daemon().start(NetflowV5Stream::awaitEnd);
      long next = System.nanoTime();
      for (int i = 0; input.isAlive(); i++) {
        packets += sender.send(0, ports[i % ports.length], 3);
        next += pause;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
    System.out.println(packets);
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException _) {
      // that is the end, too
    }
  }
}
