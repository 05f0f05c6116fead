package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.metrics.Metrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.provider.MethodSource;

/// An input damages a whole file: pieces of 10 bytes, of which the first two say where in the file
/// (in words of 8 bytes) the other eight are written. What is left over cuts the file by so many
/// bytes.
class CounterFileFuzzTest {
  private static final String IDENTITY = "database 1";
  private static final CounterSlot BLANK = new CounterSlot(0, 0, 0, 0, 0);
  private static final CounterSlot ONE = new CounterSlot(-3, CounterSlot.USED, 11, 1100, 7);
  private static final CounterSlot TWO = new CounterSlot(9, CounterSlot.USED, 12, 1200, 8);
  private static final Set<CounterSlot> COMMITTED = Set.of(BLANK, ONE, TWO);

  @TempDir(factory = MemoryFolder.class)
  private Path folder;

  private byte[] whole;

  /// A folder in memory where there is one, since each input is written and synced as a file.
  static final class MemoryFolder implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      Path memory = Path.of("/dev/shm");
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "fuzz")
          : Files.createTempDirectory("fuzz");
    }
  }

  static Stream<byte[]> seeds() {
    ByteBuffer log = ByteBuffer.allocate(10).putShort((short) (CounterLayout.LOG_AT / 8));
    ByteBuffer slot = ByteBuffer.allocate(11).putShort((short) (CounterLayout.SLOTS_AT / 8 + 8));
    return Stream.of(log.putLong(1L << 56).array(), slot.putLong(7).array(), new byte[10]);
  }

  private byte[] whole(Path path) throws IOException {
    if (whole == null) {
      try (CounterFile file = CounterFile.open(path, IDENTITY)) {
        stage(file, 2, ONE);
        file.commit();
        stage(file, 3, TWO);
        stage(file, 5, ONE);
        file.commit();
      }
      whole = Files.readAllBytes(path);
    }
    return whole.clone();
  }

  private static void stage(CounterFile file, int slot, CounterSlot to) {
    file.stage(slot, to.id(), to.flags(), to.packets(), to.bytes(), to.lastSeenMillis());
  }

  @MethodSource("seeds")
  @FuzzTest
  void a_slot_of_any_damaged_file_is_as_it_was_committed_or_blank(byte[] input) throws IOException {
    Path path = Files.createDirectories(folder).resolve("counters");
    ByteBuffer content = ByteBuffer.wrap(whole(path));
    ByteBuffer damage = ByteBuffer.wrap(input);
    while (damage.remaining() >= 10) {
      int word = Short.toUnsignedInt(damage.getShort());
      content.putLong(word * 8 % (content.capacity() - 7), damage.getLong());
    }
    int cut = Math.min(content.capacity(), damage.remaining() * 997);
    Files.write(path, Arrays.copyOf(content.array(), content.capacity() - cut));
    try (CounterFile file = CounterFile.open(path, IDENTITY)) {
      for (int slot = 0; slot < file.capacity(); slot++) {
        assertTrue(COMMITTED.contains(file.read(slot)), "a slot that nobody committed");
      }
    }
    PolicyCounters.open(path, IDENTITY, Optional.empty(), new Metrics()).close();
  }
}
