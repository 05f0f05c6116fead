package dev.patronus.control;

import dev.patronus.json.UnreadableJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The asking end of the control socket.
///
/// Confined to one thread. Who connected closes it.
public final class DaemonClient implements AutoCloseable {
  private static final int LONGEST_REPLY = 256 * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final SocketChannel channel;
  private final BufferedReader in;

  private DaemonClient(SocketChannel channel) {
    this.channel = channel;
    this.in =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
  }

  /// Connects to the daemon; empty if none listens at this path.
  ///
  /// @throws IOException if one is there but may not be talked to
  public static Optional<DaemonClient> connect(Path path) throws IOException {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    if (!Files.exists(path)) {
      throw new IOException("its folder may not be entered"); // so nobody can say what is there
    }
    try {
      return Optional.of(new DaemonClient(SocketChannel.open(UnixDomainSocketAddress.of(path))));
    } catch (java.net.ConnectException _) {
      return Optional.empty();
    }
  }

  /// Asks, and waits for the answer.
  ///
  /// @throws IOException if the daemon went away, takes too long, or answers what nobody
  ///   understands
  public Reply ask(Request request) throws IOException {
    Thread watch = Thread.ofVirtual().start(this::giveUp);
    try {
      Channels.newOutputStream(channel)
          .write((request.line() + "\n").getBytes(StandardCharsets.UTF_8));
      String line = in.readLine();
      if (line == null) {
        throw new IOException("the daemon closed the connection");
      }
      return Reply.parse(line, LONGEST_REPLY);
    } catch (UnreadableJson e) {
      throw new IOException("the daemon's answer makes no sense: " + e.getMessage(), e);
    } finally {
      watch.interrupt();
    }
  }

  private void giveUp() {
    try {
      Thread.sleep(PATIENCE);
      channel.close();
    } catch (InterruptedException | IOException _) {
      // the answer came, or nothing is left to close
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
