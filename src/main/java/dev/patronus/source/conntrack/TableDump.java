package dev.patronus.source.conntrack;

import dev.patronus.libc.NetlinkSocket;
import dev.patronus.libc.NetlinkSocket.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/// Reads the kernel's connection tracking table, or one entry of it.
///
/// Nothing is changed by it: the counters are read without resetting them, so other programs see
/// them as before. Confined to one thread.
final class TableDump implements AutoCloseable {
  /// The timeout for the next part of the kernel's answer.
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final int ENOENT = 2;

  private final NetlinkSocket socket;
  private int sequence;

  private TableDump(NetlinkSocket socket) {
    this.socket = socket;
  }

  static TableDump open() throws IOException {
    return new TableDump(NetlinkSocket.open(NetlinkSocket.NETFILTER));
  }

  /// Requests all entries and delivers each.
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

  /// Whether there is an entry of a UDP flow from this address and port to the same ones; costs the
  /// same however large the table is.
  ///
  /// @throws IOException if the kernel refuses, and why
  boolean hasEntryToItself(byte[] address, int port) throws IOException {
    socket.send(ConntrackMessages.entryToItself(++sequence, address, port));
    Single answer = new Single();
    while (!answer.reached) {
      switch (socket.receive()) {
        case Received.Messages(var bytes) -> ConntrackMessages.read(bytes, answer);
        case Received.Nothing() -> await();
        case Received.Lost() -> throw new IOException("the kernel's answer is lost");
      }
    }
    if (answer.refusal != 0 && answer.refusal != ENOENT) {
      throw new IOException(Refusals.dump(answer.refusal));
    }
    return answer.found;
  }

  /// Takes the answer about one entry.
  private static final class Single implements Consumer<ConntrackMessage> {
    private boolean reached;
    private boolean found;
    private int refusal;

    @Override
    public void accept(ConntrackMessage message) {
      reached = true;
      found = message instanceof ConntrackMessage.Present;
      refusal = message instanceof ConntrackMessage.Answer(int errno) ? errno : 0;
    }
  }

  /// What happens before a part of an answer is handed on.
  @FunctionalInterface
  interface Part {
    void arrived() throws IOException;
  }

  private void await() throws IOException {
    if (!socket.await(TIMEOUT)) {
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
