package dev.patronus.testing;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/// A program that sends the datagrams of [NetflowV5Sender#send] at an even rate until its standard
/// input ends, and then prints how many packets they told of.
public final class NetflowV5Stream {
  private NetflowV5Stream() {}

  /// Sends until standard input ends.
  ///
  /// @param arguments the port on loopback, the port that the flows go to, datagrams per second
  public static void main(String[] arguments) throws IOException {
    long pause = 1_000_000_000L / Long.parseLong(arguments[2]);
    long packets = 0;
    try (NetflowV5Sender sender = new NetflowV5Sender(Integer.parseInt(arguments[0]))) {
      Thread input = Thread.ofPlatform().daemon().start(NetflowV5Stream::awaitEnd);
      long next = System.nanoTime();
      while (input.isAlive()) {
        packets += sender.send(0, Integer.parseInt(arguments[1]), 3);
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
