package dev.patronus.daemon;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// One daemon per database: a lock on a file beside it, which the kernel lets go with the process,
/// however that ends.
///
/// The file holds the process id and is left behind. Who acquired it closes it.
final class DaemonLock implements AutoCloseable {
  private final FileChannel channel;

  private DaemonLock(FileChannel channel) {
    this.channel = channel;
  }

  /// @throws UserError if another daemon works on the database
  static DaemonLock acquire(Path database) {
    Path file = file(database);
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        String holder = read(channel);
        channel.close();
        throw new UserError(
            ExitCode.REFUSED,
            "another daemon"
                + (holder.isEmpty() ? "" : " (process " + holder + ")")
                + " works on "
                + database
                + "; 'patronus status' asks it, stop it before you start another");
      }
      channel.truncate(0);
      String pid = Long.toString(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new DaemonLock(channel);
    } catch (IOException e) {
      throw new UserError(
          ExitCode.FAILED,
          "cannot lock "
              + file
              + (e instanceof AccessDeniedException ? "" : ": " + e.getMessage())
              + "; may this user write there?",
          e);
    }
  }

  /// The lock file of a database, the same through whatever link it was named.
  private static Path file(Path database) {
    Path real = database.toAbsolutePath();
    try {
      real = database.toRealPath();
    } catch (IOException _) {
      // opening the database will say what is wrong with it
    }
    return real.resolveSibling(real.getFileName() + "-patronus.lock");
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
