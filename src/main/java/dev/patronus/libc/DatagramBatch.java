package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;

/// Takes datagrams from a UDP socket several at a time (recvmmsg(2)), and gives them out one by
/// one.
///
/// Each has room for the largest datagram, 65,535 bytes, and 32 bytes for its sender. The kernel is
/// told of both by an array of these (64-bit Linux):
///
/// ```
/// struct mmsghdr, 64 bytes                        struct iovec, 16 bytes
///   0 sender's address: pointer                     0 datagram: pointer
///   8 its length: u32, in and out                   8 its room: u64
///  16 iovec: pointer     24 how many: u64
///  32 control data: pointer, length (none)
///  48 flags: i32
///  56 length of the datagram: u32, out
/// ```
///
/// [#receive] and [#sender] are for one thread, and never wait; [#close] is safe from any.
public final class DatagramBatch implements AutoCloseable {
  /// How many at a time; their room is half a megabyte.
  private static final int SIZE = 8;

  private static final int MSG_DONTWAIT = 0x40;
  private static final int HEADER = 64;
  private static final int SENDER_LENGTH = 8;
  private static final int LENGTH = 56;
  private static final int SENDER = 32;
  private static final int ROOM = 65_536;

  private static final MethodHandle RECVMMSG =
      Native.withErrno(
          "recvmmsg",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

  private final MemorySegment errno;
  private final MemorySegment headers;
  private final MemorySegment senders;
  private final MemorySegment datagrams;
  private final MemorySegment lastSender;
  private volatile int socket;
  private int taken;
  private int next;

  @SuppressWarnings("NullAway.Init") // [#receive] sets it
  private InetSocketAddress sender;

  private DatagramBatch(Arena arena, int socket) {
    this.socket = socket;
    errno = Native.errnoIn(arena);
    headers = arena.allocate((long) HEADER * SIZE, Long.BYTES);
    senders = arena.allocate((long) SENDER * SIZE, Long.BYTES);
    datagrams = arena.allocate((long) ROOM * SIZE, Long.BYTES);
    lastSender = arena.allocate(SENDER, Long.BYTES);
    MemorySegment parts = arena.allocate(2L * Long.BYTES * SIZE, Long.BYTES);
    for (int i = 0; i < SIZE; i++) {
      MemorySegment part = parts.asSlice(2L * Long.BYTES * i);
      part.set(ADDRESS, 0, datagrams.asSlice((long) ROOM * i));
      part.set(JAVA_LONG, Long.BYTES, ROOM);
      MemorySegment header = headers.asSlice((long) HEADER * i);
      header.set(ADDRESS, 0, senders.asSlice((long) SENDER * i));
      header.set(ADDRESS, 16, part);
      header.set(JAVA_LONG, 24, 1);
    }
  }

  /// Begins with a socket.
  ///
  /// @param descriptor of the socket; it stays the caller's, and may be closed before this
  /// @throws CallFailed if the system does not have the call
  public static DatagramBatch of(int descriptor) throws CallFailed {
    DatagramBatch batch = new DatagramBatch(Arena.ofAuto(), Descriptor.duplicate(descriptor));
    try {
      int _ = batch.take(0);
      return batch;
    } catch (CallFailed e) {
      batch.close();
      throw e;
    }
  }

  /// Takes the next datagram.
  ///
  /// @param to has room for the largest
  /// @return its length, or -1 if there is none at the moment
  public int receive(byte[] to) throws IOException {
    if (next == taken) {
      boolean isEmpty = taken > 0 && taken < SIZE; // there was no more when these were taken
      next = 0;
      taken = isEmpty ? 0 : take(SIZE);
      if (taken == 0) {
        return -1;
      }
    }
    int i = next++;
    int length = headers.get(JAVA_INT, (long) HEADER * i + LENGTH);
    MemorySegment.copy(datagrams, JAVA_BYTE, (long) ROOM * i, to, 0, length);
    note(
        senders.asSlice(
            (long) SENDER * i, headers.get(JAVA_INT, (long) HEADER * i + SENDER_LENGTH)));
    return length;
  }

  /// Who sent the last datagram; the same object as long as it is the same sender.
  public InetSocketAddress sender() {
    return sender;
  }

  /// @return how many datagrams were taken; 0, too, if a signal came
  private int take(int most) throws CallFailed {
    for (int i = 0; i < most; i++) {
      headers.set(JAVA_INT, (long) HEADER * i + SENDER_LENGTH, SENDER);
    }
    int count;
    try {
      count =
          (int)
              RECVMMSG.invokeExact(errno, socket, headers, most, MSG_DONTWAIT, MemorySegment.NULL);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
    if (count >= 0) {
      return count;
    }
    int reason = Native.errno(errno);
    if (reason == CallFailed.EAGAIN || reason == CallFailed.EINTR) {
      return 0;
    }
    throw Native.failure("recvmmsg", errno);
  }

  private void note(MemorySegment address) throws IOException {
    long length = address.byteSize();
    if (MemorySegment.mismatch(address, 0, length, lastSender, 0, length) >= 0) {
      lastSender.copyFrom(address);
      sender = Descriptor.address(address).orElseThrow();
    }
  }

  /// Releases the socket; [#receive] fails from now on.
  @Override
  public void close() throws CallFailed {
    int open = socket;
    socket = -1;
    Descriptor.close(open);
  }
}
