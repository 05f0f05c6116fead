package dev.patronus.source;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.patronus.file.AtomicFile;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.Volume;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// The last running totals of flows, for sources that are told totals and count what they have
/// grown by: kept so that each growth is counted once, whenever the program is killed.
///
/// It stands between the source and its sink. Before a record is handed on that a total has grown
/// by, the total is in the file, with the number of that record. The sink of these records knows
/// how many of them were counted ([FlowSink#counted]); other records have another. So after a crash
/// it is clear which totals were: those of numbers up to it. The others are as if they had never
/// been told, and grow again.
///
/// ```text
///   header   magic u64 | whose totals, as text | records counted when it was begun u64
///   chunk *  lines u32 | CRC-32 of the lines u32 | lines
///   line     number of its record u64 | flow u64 | packets u64 | bytes u64
///            -1: the flow is gone; -2: all that was remembered is above; -3: looked at second (flow)
/// ```
///
/// The first lines have all that was remembered when the file was begun, and end with a line of
/// their own; later chunks are added, until the file is too long and is rewritten ([#keep]). A
/// chunk that was not written whole has records that were not handed on, and is passed over. The
/// disk is waited for when a snapshot is saved ([#sync]) and when the file is rewritten, not with
/// each record: after a power cut the file may lack its end, which [Left#whole] tells.
///
/// A file that cannot be written is removed: no totals are better than old ones. Confined to the
/// source's thread; the owner closes it.
public final class TotalsJournal implements FlowSink, TotalsGrowth, AutoCloseable {
  private static final long MAGIC = 0x50_61_74_72_54_4f_54_01L;
  private static final int LINE = 4 * Long.BYTES;
  private static final int CHUNK_HEADER = 2 * Integer.BYTES;

  /// Lines of a chunk at most.
  static final int CHUNK_LINES = 4096;

  /// A file with so many lines more than flows is rewritten.
  static final int LINES_MORE = 65_536;

  private static final long GONE = -1;
  private static final long BEGUN = -2;
  private static final long LOOKED = -3;

  private final Optional<Path> file;
  private final String whose;
  private final ByteBuffer chunk =
      ByteBuffer.allocate(CHUNK_HEADER + CHUNK_LINES * LINE).position(CHUNK_HEADER);
  private final List<FlowRecord> pending = new ArrayList<>();
  private FlowSink sink;
  private FlowSink grown;
  private long numbered;
  private @Nullable AtomicFile fresh;
  private volatile @Nullable FileChannel channel;
  private long lookedSeconds;
  private long linesBegunWith;
  private long lines;
  private long failures;

  /// A journal that has not touched its file yet.
  ///
  /// @param file where it is; without one, nothing outlives the process
  /// @param whose totals they are, so that nobody else's are taken for them
  @SuppressWarnings("NullAway.Init") // [#to] sets the sinks before anything is counted
  public TotalsJournal(Optional<Path> file, String whose) {
    this.file = file;
    this.whose = whose;
  }

  /// Whose totals a file has; empty if it is no journal, or cannot be read.
  public static Optional<String> whose(Path file) {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file, NOFOLLOW_LINKS))) {
      return in.readLong() == MAGIC ? Optional.of(in.readUTF()) : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// What an earlier run has left.
  ///
  /// @param totals by flow, as they were when their growth was last counted
  /// @param whole whether no growth that was counted is missing in it
  /// @param lookedSeconds what [#looked] was last told; 0 if it never was
  public record Left(Map<Long, Volume> totals, boolean whole, long lookedSeconds) {
    static final Left NOTHING = new Left(Map.of(), false, 0);

    public Left {
      totals = Map.copyOf(totals);
    }
  }

  /// Reads what an earlier run has left; nothing where there is no file, or that of somebody else.
  ///
  /// @param counted how many records of the source were counted
  public Left restore(long counted) throws IOException {
    if (file.isEmpty()) {
      return Left.NOTHING;
    }
    AtomicFile.requireFile(file.get());
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file.get()), 1 << 16))) {
      if (in.readLong() != MAGIC || !in.readUTF().equals(whose)) {
        return Left.NOTHING;
      }
      long begun = in.readLong();
      // Fewer were counted than when the file was begun: those are the numbers of other counters.
      Left left = new Reading(counted < begun ? Long.MAX_VALUE : counted, begun).of(in);
      lookedSeconds = left.lookedSeconds();
      return left;
    } catch (NoSuchFileException _) {
      return Left.NOTHING;
    } catch (IOException e) {
      if (Files.isReadable(file.get())) {
        return Left.NOTHING; // cut off in its header
      }
      throw e;
    }
  }

  /// One walk through the chunks.
  private static final class Reading {
    private final Map<Long, Volume> totals = new HashMap<>();
    private final long counted;
    private long last;
    private long looked;
    private boolean begun;

    Reading(long counted, long begun) {
      this.counted = counted;
      this.last = begun;
    }

    Left of(DataInputStream in) {
      try {
        while (chunk(in)) {}
      } catch (IOException _) {
        // the last chunk was not written whole
      }
      boolean complete = counted == Long.MAX_VALUE || counted <= last;
      return begun ? new Left(totals, complete, looked) : Left.NOTHING;
    }

    private boolean chunk(DataInputStream in) throws IOException {
      int count = in.readInt();
      int sum = in.readInt();
      if (count < 0 || count > CHUNK_LINES) {
        return false;
      }
      byte[] bytes = in.readNBytes(count * LINE);
      if (bytes.length < count * LINE || sum != sum(bytes, 0, bytes.length)) {
        return false;
      }
      ByteBuffer body = ByteBuffer.wrap(bytes);
      while (body.hasRemaining()) {
        line(body.getLong(), body.getLong(), body.getLong(), body.getLong());
      }
      return true;
    }

    private void line(long number, long flow, long packets, long bytes) {
      if (number == BEGUN) {
        begun = true;
      } else if (number == LOOKED) {
        looked = flow;
      } else if (number == GONE) {
        totals.remove(flow);
      } else if (number <= counted && packets >= 0 && bytes >= 0) {
        totals.put(flow, new Volume(packets, bytes));
      }
      last = Math.max(last, number);
    }
  }

  private static int sum(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /// Hands records on to these sinks from now on.
  ///
  /// @param next of records that no total is kept for
  /// @param ofGrown of records that a total has grown by, and of no others: their number tells
  ///   which totals were counted
  public void to(FlowSink next, FlowSink ofGrown) {
    next.flush();
    ofGrown.flush();
    sink = next;
    grown = ofGrown;
    numbered = ofGrown.counted();
  }

  /// Takes a record that no total is kept for.
  @Override
  public void accept(FlowRecord record) {
    sink.accept(record);
  }

  /// Takes the record that a total has grown by.
  @Override
  public void grown(long flow, Volume total, FlowRecord record) {
    pending.add(record);
    line(numbered + pending.size(), flow, total);
  }

  /// Notes that a flow is over.
  @Override
  public void gone(long flow) {
    line(GONE, flow, Volume.ZERO);
  }

  /// Notes when the source has last read its flows, by whatever clock it has.
  public void looked(long seconds) {
    lookedSeconds = seconds;
    line(LOOKED, seconds, Volume.ZERO);
  }

  private void line(long number, long flow, Volume total) {
    if (channel != null) {
      chunk.putLong(number).putLong(flow).putLong(total.packets()).putLong(total.bytes());
      lines++;
    }
    if (!chunk.hasRemaining() || pending.size() >= CHUNK_LINES) {
      handOn();
    }
  }

  private void handOn() {
    if (channel != null && chunk.position() > CHUNK_HEADER) {
      try {
        write(channel);
      } catch (IOException _) {
        abandon();
      }
    }
    chunk.clear().position(CHUNK_HEADER);
    numbered += pending.size();
    pending.forEach(grown::accept);
    pending.clear();
  }

  private void write(FileChannel to) throws IOException {
    int length = chunk.position() - CHUNK_HEADER;
    chunk.putInt(0, length / LINE).putInt(Integer.BYTES, sum(chunk.array(), CHUNK_HEADER, length));
    chunk.flip();
    while (chunk.hasRemaining()) {
      to.write(chunk);
    }
    chunk.clear().position(CHUNK_HEADER);
  }

  @Override
  public void flush() {
    handOn();
    grown.flush();
    sink.flush();
  }

  /// How many records were counted that a total has grown by.
  @Override
  public long counted() {
    return grown.counted();
  }

  /// Whether the file must be rewritten, by [#keep].
  ///
  /// @param flows how many are remembered
  public boolean isTooLong(int flows) {
    return file.isPresent() && (channel == null || lines - linesBegunWith > flows + LINES_MORE);
  }

  /// Gives out all that is remembered, flow by flow.
  @FunctionalInterface
  public interface Totals {
    void forEach(BiConsumer<Long, Volume> to);
  }

  /// Rewrites the file with all stored totals, once all delivered records are counted. A file that
  /// cannot be written is tried again the next time.
  ///
  /// @return whether the file has them all
  public boolean keep(Totals all) {
    if (file.isEmpty()) {
      return false;
    }
    flush();
    if (grown.counted() != numbered) {
      return false; // nothing is counted any more, or by a sink that keeps nothing
    }
    try {
      begin(all);
    } catch (IOException _) {
      abandon();
    }
    return channel != null;
  }

  private void begin(Totals all) throws IOException {
    release();
    AtomicFile begun = AtomicFile.beginState(file.get());
    fresh = begun;
    channel = begun.channel();
    writeHeader(channel);
    lines = 0;
    all.forEach((flow, total) -> line(numbered, flow, total));
    line(LOOKED, lookedSeconds, Volume.ZERO);
    line(BEGUN, 0, Volume.ZERO);
    handOn();
    if (channel == null) {
      return; // a chunk could not be written
    }
    linesBegunWith = lines;
    begun.commit();
  }

  private void writeHeader(FileChannel fresh) throws IOException {
    OutputStream plain = Channels.newOutputStream(fresh);
    DataOutputStream out = new DataOutputStream(plain);
    out.writeLong(MAGIC);
    out.writeUTF(whose);
    out.writeLong(numbered);
    out.flush();
  }

  private void abandon() {
    failures++;
    release();
    try {
      AtomicFile.deleteOwn(file.get());
    } catch (IOException _) {
      // Then the folder is gone, too.
    }
  }

  private void release() {
    AtomicFile open = fresh;
    fresh = null;
    channel = null;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException _) {
      // what was written is written
    }
  }

  /// Waits until the disk has all that was handed on. Safe from any thread; a file that is begun
  /// meanwhile is waited for, too.
  public void sync() throws IOException {
    FileChannel open = channel;
    while (open != null) {
      try {
        open.force(false);
        return;
      } catch (ClosedChannelException e) {
        if (open.equals(channel)) {
          throw e;
        }
        open = channel;
      }
    }
  }

  /// How often the file could not be written since the last call.
  public long takeFailures() {
    long taken = failures;
    failures = 0;
    return taken;
  }

  /// Counts what waits, syncs the file, and closes it.
  @Override
  public void close() {
    if (sink != null) {
      flush();
    }
    try {
      sync();
    } catch (IOException _) {
      failures++;
    }
    release();
  }
}
