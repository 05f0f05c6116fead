package dev.patronus.file;

import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// A file that is written under a temporary name and renamed when it is complete and on the disk.
///
/// ```text
///   begin       .NAME.XXXXXXXX.part, created (O_EXCL, O_NOFOLLOW) for its owner alone (0600)
///   sync        the content, then the folder, so that the temporary name survives a power cut
///   commit      mode and owner, rename to NAME, the folder
///   commitNew   the same, but refuses a NAME that is taken
///   close       without a commit: the temporary file is deleted
/// ```
///
/// Confined to one thread, except the hook of [#beginUntilSignal]. Who began it closes it.
public final class AtomicFile implements Closeable {
  /// The names of temporary files; the group is the name of the file that they become.
  private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.[0-9a-f]{8}\\.part");

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path target;
  private final Path temporary;
  private final FileRights rights;
  private final FileChannel channel;
  private final FileStatus made;
  private List<Path> companions = List.of();
  private Optional<Thread> onSignal = Optional.empty();
  private boolean synced;
  private boolean kept;
  private boolean done;

  private AtomicFile(Path target, Path temporary, FileRights rights, FileChannel channel)
      throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.rights = rights;
    this.channel = channel;
    this.made =
        FileStatus.ofName(temporary)
            .orElseThrow(() -> new IOException(temporary + " is gone as soon as it was made"));
  }

  /// Begins a file under a random temporary name beside its own.
  ///
  /// @throws IOException if it cannot be made
  public static AtomicFile begin(Path target, FileRights rights) throws IOException {
    return begin(target, temporaryOf(target), rights);
  }

  /// Begins a file under this temporary name.
  ///
  /// @param temporary from [#temporaryOf]
  /// @throws IOException if it cannot be made, or the temporary name is taken
  public static AtomicFile begin(Path target, Path temporary, FileRights rights)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.READ,
                LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      return new AtomicFile(target.toAbsolutePath(), temporary, rights, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Begins a file of the program's own state, which has one writer at a time: temporary files that
  /// a killed one has left are deleted.
  ///
  /// @throws RefusedName if the name is that of a symbolic link, or of anything but a file
  /// @throws IOException if it cannot be made
  public static AtomicFile beginState(Path target) throws IOException {
    requireFile(target);
    deleteLeftovers(target);
    return begin(target, FileRights.STATE);
  }

  /// Begins a file under this temporary name, which a signal that ends the process deletes; SIGKILL
  /// and a power cut leave it.
  ///
  /// @param temporary from [#temporaryOf]
  /// @return empty if the process is ending already; then no file was made
  /// @throws IOException if it cannot be made, or the temporary name is taken
  public static Optional<AtomicFile> beginUntilSignal(
      Path target, Path temporary, FileRights rights) throws IOException {
    Discarding discarding = new Discarding();
    Thread hook = new Thread(discarding, "patronus-discard");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException _) {
      return Optional.empty();
    }
    boolean begun = false;
    try {
      Optional<AtomicFile> file = discarding.begin(target, temporary, rights);
      file.ifPresent(made -> made.onSignal = Optional.of(hook));
      begun = true;
      return file;
    } finally {
      if (!begun) {
        unhook(hook);
      }
    }
  }

  /// Deletes a file when the process ends. The file is made under the same lock, so that the hook
  /// finds it, or none is made.
  private static final class Discarding implements Runnable {
    private Optional<AtomicFile> file = Optional.empty();
    private boolean ending;

    synchronized Optional<AtomicFile> begin(Path target, Path temporary, FileRights rights)
        throws IOException {
      if (!ending) {
        file = Optional.of(AtomicFile.begin(target, temporary, rights));
      }
      return file;
    }

    private synchronized Optional<AtomicFile> end() {
      ending = true;
      return file;
    }

    @Override
    public void run() {
      end().ifPresent(AtomicFile::discardUnlessKept);
    }
  }

  /// As [#beginState], and deleted as [#beginUntilSignal] says.
  public static Optional<AtomicFile> beginStateUntilSignal(Path target) throws IOException {
    requireFile(target);
    deleteLeftovers(target);
    return beginUntilSignal(target, temporaryOf(target), FileRights.STATE);
  }

  /// Refuses a name of the program's own files behind which there is something else.
  ///
  /// @throws RefusedName if it is a symbolic link, or anything but a file
  public static void requireFile(Path name) throws RefusedName {
    Optional<FileStatus> there = FileStatus.ofName(name);
    if (there.isPresent() && !there.get().isRegular()) {
      throw new RefusedName(
          name + " is " + there.get().kind() + ", not a file of patronus; remove it");
    }
  }

  /// A random temporary name beside a file.
  public static Path temporaryOf(Path target) {
    String random = HexFormat.of().toHexDigits(RANDOM.nextInt());
    return target
        .toAbsolutePath()
        .resolveSibling("." + target.getFileName() + "." + random + ".part");
  }

  /// The name of the file that a temporary name was made for; empty if it is no such name.
  public static Optional<String> nameOf(String temporary) {
    var found = TEMPORARY.matcher(temporary);
    return found.matches() ? Optional.of(found.group(1)) : Optional.empty();
  }

  /// Deletes a file that this program has made, and nothing else: not what belongs to another user,
  /// and no symbolic link, folder, device or socket.
  ///
  /// @return whether the name is free now
  public static boolean deleteOwn(Path file) throws IOException {
    Optional<FileStatus> there = FileStatus.ofName(file);
    if (there.isEmpty()) {
      return true;
    }
    if (!there.get().isRegular() || !isOurs(there.get())) {
      return false;
    }
    Files.deleteIfExists(file);
    return true;
  }

  /// Whether a file belongs to the user of this process, or to root where that is root.
  public static boolean isOurs(FileStatus file) {
    return FileStatus.of(Path.of("/proc/self"))
        .map(self -> self.owner() == file.owner() || self.owner() == 0)
        .orElse(false);
  }

  /// Takes the permissions of an older version's file away from everybody but its owner.
  ///
  /// The file is opened and closed for that, which drops the locks of this process on it.
  ///
  /// @throws RefusedName if the name is that of a symbolic link, or of anything but a file
  public static void restrict(Path file) throws IOException {
    requireFile(file);
    Optional<FileStatus> there = FileStatus.ofName(file).filter(AtomicFile::isOurs);
    if (there.isPresent() && (there.get().permissions() & 0077) != 0) {
      FileRights.setMode(file, FileRights.STATE.mode());
    }
  }

  /// Deletes empty temporary files of a file that many may write, which a killed one has left:
  /// those that are so old that nobody is about to write them. One with content may be what an
  /// interrupted export goes on with, and stays.
  ///
  /// What cannot be deleted, or a folder that cannot be listed, is left as it is.
  public static void deleteEmptyLeftovers(Path target, Instant olderThan) {
    String name = target.getFileName().toString();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(target.toAbsolutePath().getParent(), temporaryOf(name))) {
      for (Path leftover : all) {
        Optional<FileStatus> there = FileStatus.ofName(leftover);
        if (there.isPresent()
            && there.get().isRegular()
            && Files.size(leftover) == 0
            && Files.getLastModifiedTime(leftover).toInstant().isBefore(olderThan)) {
          boolean _ = deleteOwn(leftover);
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      // it harms nobody
    }
  }

  private static DirectoryStream.Filter<Path> temporaryOf(String name) {
    return file -> nameOf(file.getFileName().toString()).filter(name::equals).isPresent();
  }

  private static void deleteLeftovers(Path target) throws IOException {
    String name = target.getFileName().toString();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(target.toAbsolutePath().getParent(), temporaryOf(name))) {
      for (Path leftover : all) {
        deleteOwn(leftover);
      }
    }
  }

  public Path target() {
    return target;
  }

  public Path temporary() {
    return temporary;
  }

  /// The content, for reading and writing. It stays open after a commit, until [#close].
  public FileChannel channel() {
    return channel;
  }

  /// Writes at the channel's position; unbuffered. What fails names the file.
  public OutputStream out() {
    return new NamingStream(Channels.newOutputStream(channel));
  }

  /// Writes all of these bytes.
  public void write(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw named(e);
    }
  }

  /// The failure with the name of the file, which the system does not say of a write.
  public IOException named(IOException e) {
    if (e.getClass() != IOException.class) {
      return e;
    }
    FileSystemException named = new FileSystemException(target.toString(), null, e.getMessage());
    named.initCause(e);
    return named;
  }

  /// The file's content as a stream whose failures name the file.
  private final class NamingStream extends FilterOutputStream {
    NamingStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        throw named(e);
      }
    }
  }

  /// Names what another program keeps beside the temporary file, such as SQLite its journal: it is
  /// deleted whenever the temporary file is, and at the latest by [#close].
  ///
  /// @param endings what follows the temporary name
  public void companions(List<String> endings) {
    companions =
        endings.stream()
            .map(ending -> temporary.resolveSibling(temporary.getFileName() + ending))
            .toList();
  }

  /// Deletes the temporary file, unless its delivery has begun; a delivery that is under way is
  /// waited for. Safe from any thread.
  ///
  /// @return whether the file does not get its name any more
  public synchronized boolean discardUnlessKept() {
    if (!kept) {
      discard();
    }
    return !kept;
  }

  /// What a signal does not cut in two.
  @FunctionalInterface
  public interface Delivery {
    void run() throws IOException;
  }

  /// Runs the delivery of the file: a signal that ends the process waits for it, and the temporary
  /// file is left to whatever remembers it.
  ///
  /// @throws IOException if a signal has deleted it already, or of the delivery
  public synchronized void deliver(Delivery delivery) throws IOException {
    requireNotDone();
    kept = true;
    delivery.run();
  }

  /// Waits until the disk has the content, and the temporary name.
  ///
  /// @return the size in bytes
  public long sync() throws IOException {
    long size;
    if (channel.isOpen()) {
      channel.force(true);
      size = channel.size();
    } else {
      try (FileChannel again =
          FileChannel.open(temporary, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
        again.force(true);
        size = again.size();
      }
    }
    syncFolder(target);
    synced = true;
    return size;
  }

  /// Gives the file its name, in place of a file that has it, and waits for the disk.
  public void commit() throws IOException {
    syncOnce();
    commitUnsynced();
    syncFolder(target);
  }

  /// Gives the file its name and does not wait for the disk: after a power cut there may be the
  /// file that was replaced, or an incomplete one, which its reader must be able to tell.
  public void commitUnsynced() throws IOException {
    prepare();
    synchronized (this) {
      requireNotDone();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      done = true;
    }
  }

  /// Gives the file its name if nothing has that, and waits for the disk.
  ///
  /// @throws FileAlreadyExistsException if something has the name; it is left as it is
  public void commitNew() throws IOException {
    syncOnce();
    prepare();
    synchronized (this) {
      requireNotDone();
      link();
      done = true;
    }
    syncFolder(target);
  }

  /// A link refuses a name that is taken, in one step; not every file system knows links.
  private void link() throws IOException {
    try {
      Files.createLink(target, temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException _) {
      Files.move(temporary, target);
      return;
    }
    // The file has its name: who was told of a failure now would make it again.
    if (!isDeleted(temporary)) {
      boolean _ = isDeleted(temporary);
    }
  }

  private static boolean isDeleted(Path file) {
    try {
      Files.deleteIfExists(file);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private void syncOnce() throws IOException {
    if (!synced) {
      sync();
    }
  }

  private void requireNotDone() throws IOException {
    if (done) {
      throw new IOException("a signal ended it");
    }
  }

  private void prepare() throws IOException {
    FileStatus now =
        FileStatus.ofName(temporary)
            .filter(found -> found.isSameFile(made) && found.isRegular())
            .orElseThrow(() -> new IOException("somebody has replaced " + temporary));
    rights.apply(temporary, now, target);
  }

  /// Waits until the disk knows the names in the folder of a file.
  public static void syncFolder(Path file) throws IOException {
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private void discard() {
    try {
      if (!done && FileStatus.ofName(temporary).filter(made::isSameFile).isPresent()) {
        Files.deleteIfExists(temporary);
      }
      for (Path companion : companions) {
        deleteOwn(companion);
      }
    } catch (IOException _) {
      // what prevents it has made the writing fail, too, and is reported there
    }
    done = true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    synchronized (this) {
      discard();
    }
    onSignal.ifPresent(AtomicFile::unhook);
  }

  private static void unhook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the process is ending, and the hook finds nothing left to do
    }
  }
}
