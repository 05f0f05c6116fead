package dev.patronus.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A lock between processes, held on a file of its own; the kernel releases it with the process,
/// however that ends.
///
/// The file has the mode 0600, so that nobody else can hold the lock, and stays when the lock is
/// released. It holds the number of the process that has it. Safe from any thread. Who acquired it
/// closes it.
public final class LockFile implements Closeable {
  private static final int NUMBER_MAX = 20;

  /// The locks of this process, by file. Closing any channel on a file releases all locks of the
  /// process on it (fcntl(2)), so a second channel must not even be opened.
  private static final Set<Identity> HELD = ConcurrentHashMap.newKeySet();

  private record Identity(long device, long inode) {}

  private final Identity identity;
  private final FileChannel channel;

  private LockFile(Identity identity, FileChannel channel) {
    this.identity = identity;
    this.channel = channel;
  }

  /// The outcome of an attempt.
  ///
  /// @param lock empty if another process, or this one, has the lock
  /// @param holder the number of the process that has it; empty if that is not known
  public record Attempt(Optional<LockFile> lock, String holder) {}

  /// Acquires the lock if nobody has it.
  ///
  /// @param file made if it is not there, for the owner of its folder where root makes it
  /// @throws RefusedName if the name is that of a symbolic link, or of anything but a file
  /// @throws IOException if the file cannot be made or opened
  public static Attempt tryAcquire(Path file) throws IOException {
    AtomicFile.requireFile(file);
    makeIfMissing(file);
    FileStatus status =
        FileStatus.ofName(file).orElseThrow(() -> new IOException(file + " is gone"));
    if (!status.isRegular() || status.links() > 1) {
      throw new RefusedName(file + " is a link, not a lock of patronus; remove it");
    }
    Identity identity = new Identity(status.device(), status.inode());
    if (!HELD.add(identity)) {
      return new Attempt(Optional.empty(), number());
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      AtomicFile.restrict(file);
      channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      locked = channel.tryLock() != null;
      if (!locked) {
        return new Attempt(Optional.empty(), read(channel));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(number().getBytes(StandardCharsets.US_ASCII)), 0);
      return new Attempt(Optional.of(new LockFile(identity, channel)), number());
    } finally {
      if (!locked) {
        HELD.remove(identity);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  private static void makeIfMissing(Path file) throws IOException {
    if (FileStatus.ofName(file).isPresent()) {
      return;
    }
    try (FileChannel made =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      made.force(true);
    } catch (FileAlreadyExistsException _) {
      return; // another process was first
    }
    FileStatus made = FileStatus.ofName(file).orElseThrow(() -> new IOException(file + " is gone"));
    FileRights.STATE.apply(file, made, file);
  }

  private static String number() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(NUMBER_MAX);
    channel.read(bytes, 0);
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return text.matches("[0-9]+") ? text : "";
  }

  @Override
  public void close() throws IOException {
    channel.close();
    HELD.remove(identity);
  }
}
