package dev.patronus.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
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
/// released, unless [#discardIfMade] removes it. It holds the number of the process that has it.
/// Safe from any thread. Who acquired it closes it.
public final class LockFile implements Closeable {
  private static final int NUMBER_MAX = 20;

  /// The locks of this process, by file. Closing any channel on a file releases all locks of the
  /// process on it (fcntl(2)), so a second channel must not even be opened.
  private static final Set<Identity> HELD = ConcurrentHashMap.newKeySet();

  private record Identity(long device, long inode) {}

  private final Path file;
  private final Identity identity;
  private final FileChannel channel;
  private final boolean made;

  private LockFile(Path file, Identity identity, FileChannel channel, boolean made) {
    this.file = file;
    this.identity = identity;
    this.channel = channel;
    this.made = made;
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
    synchronized (HELD) {
      Optional<Attempt> attempt = attempt(file);
      while (attempt.isEmpty()) {
        attempt = attempt(file);
      }
      return attempt.get();
    }
  }

  /// Attempts once.
  ///
  /// @return empty if the file was removed, by who had the lock, before this process had it
  private static Optional<Attempt> attempt(Path file) throws IOException {
    AtomicFile.requireFile(file);
    boolean made = makeIfMissing(file);
    Optional<FileStatus> status = FileStatus.ofName(file);
    if (status.isEmpty()) {
      return Optional.empty();
    }
    if (!status.get().isRegular() || status.get().links() > 1) {
      throw new RefusedName(file + " is a link, not a lock of patronus; remove it");
    }
    Identity identity = identityOf(status.get());
    if (!HELD.add(identity)) {
      return Optional.of(new Attempt(Optional.empty(), number()));
    }
    FileChannel channel = null;
    boolean kept = false;
    try {
      AtomicFile.restrict(file);
      channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      if (channel.tryLock() == null) {
        return Optional.of(new Attempt(Optional.empty(), read(channel)));
      }
      if (FileStatus.ofName(file).map(LockFile::identityOf).filter(identity::equals).isEmpty()) {
        return Optional.empty();
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(number().getBytes(StandardCharsets.US_ASCII)), 0);
      kept = true;
      return Optional.of(
          new Attempt(Optional.of(new LockFile(file, identity, channel, made)), number()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } finally {
      if (!kept) {
        HELD.remove(identity);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  private static Identity identityOf(FileStatus status) {
    return new Identity(status.device(), status.inode());
  }

  /// Makes the file.
  ///
  /// @return whether this process made it
  private static boolean makeIfMissing(Path file) throws IOException {
    if (FileStatus.ofName(file).isPresent()) {
      return false;
    }
    try (FileChannel made =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      made.force(true);
    } catch (FileAlreadyExistsException _) {
      return false; // another process was first
    }
    FileStatus made = FileStatus.ofName(file).orElseThrow(() -> new IOException(file + " is gone"));
    FileRights.STATE.apply(file, made, file);
    return true;
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

  /// Removes the file if it was not there before the lock was acquired; to be called before
  /// [#close], while nobody else can have the lock.
  public void discardIfMade() throws IOException {
    if (!made) {
      return;
    }
    synchronized (HELD) {
      AtomicFile.deleteOwn(file);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      channel.close();
      HELD.remove(identity);
    }
  }
}
