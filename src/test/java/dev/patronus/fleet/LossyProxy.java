package dev.patronus.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/// A TCP proxy on loopback that passes everything to a server, and cuts a connection off after so
/// many bytes of its answers: what was sent by then has arrived.
final class LossyProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int server;
  private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);

  LossyProxy(int server) {
    this.server = server;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// Lets so many more bytes of answers through.
  void cutAfter(long bytes) {
    left.set(bytes);
  }

  /// Lets everything through.
  void mend() {
    left.set(Long.MAX_VALUE);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
        Thread.ofVirtual().start(() -> pass(client, upstream, false));
        Thread.ofVirtual().start(() -> pass(upstream, client, true));
      } catch (IOException _) {
        // closed, or the server is down: the client sees its connection end
      }
    }
  }

  private void pass(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[4096];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (answers && left.addAndGet(-count) < 0) {
          return;
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException _) {
      // one of the two is gone
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
