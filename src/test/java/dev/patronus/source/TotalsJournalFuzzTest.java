package dev.patronus.source;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.source.TotalsJournal.Left;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/// The first byte of an input says whether the rest is a file as it is (0) or the lines of one,
/// behind a header and in chunks of so many lines whose checks are right.
class TotalsJournalFuzzTest {
  private static final int LINE = 4 * Long.BYTES;
  private static final long MAGIC = 0x50_61_74_72_54_4f_54_01L;

  @TempDir private Path folder;

  static Stream<byte[]> seeds() throws IOException {
    byte[] lines = lines(3, 77, 10, 1500, -1, 77, 0, 0, 4, 78, 1, 60, -3, 9, 0, 0, -2, 0, 0, 0);
    byte[] file = new byte[1 + file(2, lines).length];
    System.arraycopy(file(2, lines), 0, file, 1, file.length - 1);
    byte[] two = new byte[1 + lines.length];
    two[0] = 2;
    System.arraycopy(lines, 0, two, 1, lines.length);
    return Stream.of(file, two);
  }

  private static byte[] lines(long... words) {
    ByteBuffer lines = ByteBuffer.allocate(words.length * Long.BYTES);
    for (long word : words) {
      lines.putLong(word);
    }
    return lines.array();
  }

  private static byte[] file(int chunkLines, byte... lines) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(MAGIC);
    out.writeUTF("somebody");
    out.writeLong(0);
    for (int at = 0; at < lines.length; at += chunkLines * LINE) {
      byte[] chunk = Arrays.copyOfRange(lines, at, Math.min(lines.length, at + chunkLines * LINE));
      CRC32 crc = new CRC32();
      crc.update(chunk);
      out.writeInt(chunk.length / LINE);
      out.writeInt((int) crc.getValue());
      out.write(chunk);
    }
    return bytes.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_file_gives_totals_or_nothing(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] content = input[0] == 0 ? rest : file(1 + (input[0] & 7), rest);
    Path file = Files.createDirectories(folder).resolve("totals");
    Files.write(file, content);
    TotalsJournal.whose(file);
    try (TotalsJournal journal = new TotalsJournal(Optional.of(file), "somebody")) {
      Left left = journal.restore(3);
      assertTrue(left.totals().size() <= content.length / LINE, "more totals than lines");
    }
  }
}
