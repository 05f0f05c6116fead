package dev.patronus.control;

import static java.util.Objects.requireNonNull;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// The file of a listening Unix socket, created with mode 0660.
///
/// It is bound under a private name in a folder of mode 0700 and linked to its final name once its
/// mode is set; a link never replaces anything. An existing file of that name is removed only if it
/// is a socket (`S_IFSOCK`), belongs to this user or root, and has no listener; at the end only the
/// socket that was bound is removed, identified by device and inode. Confined to one thread at a
/// time.
final class SocketFile {
  /// The maximum length of a socket path, in bytes (unix(7)).
  static final int PATH_BYTES = 107;

  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_AND_GROUP =
      PosixFilePermissions.fromString("rw-rw----");

  private final Path path;
  private Optional<Inode> bound = Optional.empty();

  /// A file's identity, type and owner, symbolic links not followed.
  private record Inode(long device, long number, boolean socket, int uid) {
    /// Empty if there is no such file.
    static Optional<Inode> of(Path path) throws IOException {
      try {
        Map<String, Object> stat =
            Files.readAttributes(path, "unix:dev,ino,mode,uid", LinkOption.NOFOLLOW_LINKS);
        return Optional.of(
            new Inode(
                (long) requireNonNull(stat.get("dev")),
                (long) requireNonNull(stat.get("ino")),
                ((int) requireNonNull(stat.get("mode")) & TYPE) == SOCKET,
                (int) requireNonNull(stat.get("uid"))));
      } catch (NoSuchFileException _) {
        return Optional.empty();
      }
    }

    boolean isSameAs(Inode other) {
      return device == other.device && number == other.number;
    }
  }

  SocketFile(Path path) {
    this.path = path;
  }

  /// Examines the path.
  ///
  /// @return the file's status; empty if there is no file
  /// @throws UserError if it is not a socket, or belongs to another user
  private static Optional<Inode> check(Path path) throws IOException {
    Optional<Inode> there = Inode.of(path);
    if (there.isPresent() && !there.get().socket()) {
      throw new UserError(ExitCode.USAGE, path + " is not a socket; choose another --socket");
    }
    if (there.isPresent() && there.get().uid() != 0 && there.get().uid() != ownUid()) {
      throw new UserError(
          ExitCode.USAGE,
          path
              + " is a socket of another user (uid "
              + there.get().uid()
              + "); remove it, or choose another --socket");
    }
    return there;
  }

  /// Rejects a path that [#bind] would reject regardless of a listener; changes nothing.
  ///
  /// @throws UserError that says why
  /// @throws IOException if the path cannot be examined
  static void require(Path path) throws IOException {
    requireShort(path);
    check(path);
  }

  private static int ownUid() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static void requireShort(Path path) {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > PATH_BYTES) {
      throw new UserError(
          ExitCode.USAGE,
          "the socket's path "
              + path
              + " has "
              + bytes
              + " bytes, at most "
              + PATH_BYTES
              + " are possible; choose a shorter --socket");
    }
  }

  /// Binds the socket. A stale socket is removed first.
  ///
  /// @throws UserError if no socket can be created at the path
  /// @throws IOException if it cannot be bound, or another process listens there
  ServerSocketChannel bind() throws IOException {
    requireShort(path);
    if (check(path).isPresent()) {
      if (somebodyListens()) {
        throw new IOException(path + " is in use by another daemon");
      }
      Files.deleteIfExists(path);
    }
    Path folder = privateFolder();
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Path fresh = folder.resolve("s");
    try {
      server.bind(UnixDomainSocketAddress.of(fresh));
      Files.setPosixFilePermissions(fresh, OWNER_AND_GROUP);
      bound = Inode.of(fresh);
      Files.createLink(path, fresh);
      return server;
    } catch (FileAlreadyExistsException e) {
      server.close();
      throw new IOException(path + " was created by another program meanwhile", e);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    } finally {
      Files.deleteIfExists(fresh);
      Files.deleteIfExists(folder);
    }
  }

  private Path privateFolder() throws IOException {
    String name = ".p%08x".formatted(ThreadLocalRandom.current().nextInt());
    Path folder = path.resolveSibling(name);
    requireShort(folder.resolve("s"));
    return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
  }

  private boolean somebodyListens() throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false); // a listener with a full queue also listens
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException _) {
      return false;
    }
  }

  /// Whether the file still is the socket that was bound.
  boolean isBound() throws IOException {
    Optional<Inode> there = Inode.of(path);
    return bound.isPresent() && there.isPresent() && there.get().isSameAs(bound.get());
  }

  /// Removes the file if it still is the socket that was bound.
  void remove() throws IOException {
    if (isBound()) {
      Files.deleteIfExists(path);
    }
  }
}
