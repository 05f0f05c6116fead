package dev.patronus.source.conntrack;

import dev.patronus.libc.NetlinkSocket;
import dev.patronus.libc.NetlinkSocket.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/// Asks the kernel for its whole table.
///
/// Nothing is changed by it: the counters are read without resetting them, so other programs see
/// them as before. Confined to one thread.
final class TableDump implements AutoCloseable {
  /// How long the kernel may take for the next part of an answer.
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NetlinkSocket socket;
  private int sequence;

  private TableDump(NetlinkSocket socket) {
    this.socket = socket;
  }

  static TableDump open() throws IOException {
    return new TableDump(NetlinkSocket.open(NetlinkSocket.NETFILTER));
  }

  /// Asks for all entries and hands each on.
  ///
  /// @param beforePart is called before each part of the answer is handed on; what it finds out has
  ///   happened after the part was written, or before
  /// @return whether the answer is whole
  /// @throws IOException if the kernel refuses, and why
  boolean run(Part beforePart, Consumer<ConntrackMessage> to) throws IOException {
    socket.send(ConntrackMessages.dump(++sequence));
    Ending ending = new Ending(to);
    while (!ending.reached) {
      switch (socket.receive()) {
        case Received.Messages(var bytes) -> {
          beforePart.arrived();
          ConntrackMessages.read(bytes, ending);
        }
        case Received.Nothing() -> await();
        case Received.Lost() -> ending.whole = false;
      }
    }
    if (ending.refusal != 0) {
      throw new IOException(Refusals.dump(ending.refusal));
    }
    return ending.whole;
  }

  /// What happens before a part of an answer is handed on.
  @FunctionalInterface
  interface Part {
    void arrived() throws IOException;
  }

  private void await() throws IOException {
    if (!socket.await(PATIENCE)) {
      throw new IOException("the kernel does not answer for its connection tracking table");
    }
  }

  /// Looks for the end of an answer.
  private static final class Ending implements Consumer<ConntrackMessage> {
    private final Consumer<ConntrackMessage> to;
    private boolean reached;
    private boolean whole = true;
    private int refusal;

    Ending(Consumer<ConntrackMessage> to) {
      this.to = to;
    }

    @Override
    public void accept(ConntrackMessage message) {
      switch (message) {
        case ConntrackMessage.Done(int errno) -> end(errno);
        case ConntrackMessage.Answer(int errno) -> end(errno);
        case ConntrackMessage.Present _,
            ConntrackMessage.Destroyed _,
            ConntrackMessage.Other _,
            ConntrackMessage.Malformed _ ->
            to.accept(message);
      }
    }

    private void end(int errno) {
      reached = true;
      if (errno == ConntrackMessages.INTERRUPTED) {
        whole = false;
      } else {
        refusal = errno;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
