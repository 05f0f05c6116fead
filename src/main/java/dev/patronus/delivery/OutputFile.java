package dev.patronus.delivery;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.GZIPOutputStream;

/// A file that appears under its name whole, or not at all.
///
/// It is written beside its name as `.NAME.XXXXXXXX.part` and renamed when it is on the disk. A
/// signal that ends the process takes the part away; SIGKILL and a power cut leave it. A name that
/// ends in `.gz` is compressed. The part's mode is the user's umask's.
///
/// Confined to one thread, the signal's aside. Who opened it closes it; closing what did not
/// [#appear()] discards it.
public final class OutputFile implements Closeable {
  private static final int BUFFER = 1 << 16;

  /// Fast rather than small: level 6 takes three times as long for a fifth less.
  private static final int GZIP_LEVEL = 3;

  private final Path target;
  private final Path part;
  private final FileChannel channel;
  private final OutputStream out;
  private final Thread onSignal = new Thread(this::discardUnlessKept, "patronus-discard");
  private boolean kept;
  private boolean done;

  private OutputFile(Path target, Path part, FileChannel channel, OutputStream out) {
    this.target = target;
    this.part = part;
    this.channel = channel;
    this.out = out;
  }

  /// Begins the file of this name.
  ///
  /// @param part where it is written; see [#partOf]
  /// @throws UserError if it cannot be written there
  public static OutputFile begin(Path target, Path part) {
    try {
      FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      OutputStream plain = Channels.newOutputStream(channel);
      boolean gzip = target.getFileName().toString().endsWith(".gz");
      OutputFile file = new OutputFile(target, part, channel, gzip ? new FastGzip(plain) : plain);
      Runtime.getRuntime().addShutdownHook(file.onSignal);
      return file;
    } catch (IOException e) {
      throw cannot(target, e);
    }
  }

  /// Where a file of this name is to appear, links followed.
  ///
  /// @throws UserError if no file of that name can appear
  public static Path target(Path named) {
    Path target = named.toAbsolutePath().normalize();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new UserError(ExitCode.FAILED, named + " is a folder; name a file in it with --file");
    }
    if (!Files.isDirectory(folder)) {
      throw new UserError(
          ExitCode.FAILED, "there is no folder " + folder + "; make it, or name another --file");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new UserError(
          ExitCode.FAILED,
          named + " is no regular file; leave out --file and send the output there");
    }
    try {
      return Files.exists(target, LinkOption.NOFOLLOW_LINKS) && Files.exists(target)
          ? target.toRealPath()
          : target;
    } catch (IOException e) {
      throw cannot(target, e);
    }
  }

  /// A name beside the target that nobody else uses.
  public static Path partOf(Path target) {
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    return target.resolveSibling("." + target.getFileName() + "." + random + ".part");
  }

  private static UserError cannot(Path target, IOException e) {
    String why =
        switch (e) {
          case AccessDeniedException _ -> "no permission";
          case NoSuchFileException _ -> "no file can be made there";
          default -> e.getMessage();
        };
    return new UserError(ExitCode.FAILED, "cannot write " + target + ": " + why, e);
  }

  /// Where the content goes.
  public OutputStream out() {
    return out;
  }

  public Path target() {
    return target;
  }

  public Path part() {
    return part;
  }

  /// Ends the content and waits until the disk has it; gives its size in bytes.
  public long seal() throws IOException {
    out.flush();
    if (out instanceof GZIPOutputStream gzip) {
      gzip.finish();
    }
    channel.force(true);
    return channel.size();
  }

  /// From now on a signal leaves the part where it is: somebody remembers it.
  ///
  /// @throws IOException if a signal has taken it away already
  synchronized void keepOnSignal() throws IOException {
    if (done) {
      throw new IOException("a signal ended it");
    }
    kept = true;
  }

  /// Gives the sealed part its name.
  public void appear() throws IOException {
    synchronized (this) {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      done = true;
    }
    syncFolder(target);
  }

  /// Gives the sealed part its name, unless something has that name already.
  ///
  /// @throws UserError if something has, and then that is left as it is
  public void appearAnew() throws IOException {
    try {
      synchronized (this) {
        link();
        done = true;
      }
    } catch (FileAlreadyExistsException e) {
      throw taken(target, e);
    }
    syncFolder(target);
  }

  /// A link refuses a name that is taken, in one step; not every file system knows links.
  private void link() throws IOException {
    try {
      Files.createLink(target, part);
      Files.delete(part);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException _) {
      Files.move(part, target);
    }
  }

  /// Refuses a target that is there already.
  ///
  /// @throws UserError if it is
  public static void requireFree(Path target) {
    if (Files.exists(target)) {
      throw taken(target, null);
    }
  }

  private static UserError taken(Path target, IOException e) {
    return new UserError(
        ExitCode.REFUSED,
        target
            + " exists already, and is left as it is; choose another name, or add --force to"
            + " replace it",
        e);
  }

  /// Waits until the disk knows the names in the folder of this file.
  static void syncFolder(Path file) throws IOException {
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private synchronized void discardUnlessKept() {
    if (!kept && !done) {
      deletePart();
      done = true;
    }
  }

  private void deletePart() {
    try {
      Files.deleteIfExists(part);
    } catch (IOException _) {
      // what made it fail has made the export fail too, and is said there
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    synchronized (this) {
      if (!done) {
        deletePart();
        done = true;
      }
    }
    unhook();
  }

  private void unhook() {
    try {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    } catch (IllegalStateException _) {
      // the process is ending, and the hook sees that nothing is left to do
    }
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(GZIP_LEVEL);
    }
  }
}
